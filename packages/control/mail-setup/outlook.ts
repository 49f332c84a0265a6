import type { MailServer } from '#model/mail/setup.ts';
import { lines, type Markup, xml } from './xml.ts';

/** The address in a request of Outlook's ([MS-OXDSCLI] 2.2.3.1), read as text: nothing else of it is looked at. Pure. */
export function addressAsked(request: string): string | undefined {
  return /<EMailAddress>\s*([^<>\s]{3,320})\s*<\/EMailAddress>/i.exec(request)?.[1];
}

/** The answer ([MS-OXDSCLI] 2.2.4.1) with servers for IMAP and SMTP, both encrypted from the first byte. Pure. */
export function outlookAnswer(address: string, servers: readonly MailServer[]): string {
  const encrypted = servers.filter(({ security }) => security === 'tls');
  return xml`<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
  <Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a">
    <Account>
      <AccountType>email</AccountType>
      <Action>settings</Action>
${lines(encrypted.map((server) => describe(address, server)))}
    </Account>
  </Response>
</Autodiscover>
`.text;
}

function describe(address: string, { protocol, host, port }: MailServer): Markup {
  return xml`      <Protocol>
        <Type>${protocol.toUpperCase()}</Type>
        <Server>${host}</Server>
        <Port>${port}</Port>
        <LoginName>${address}</LoginName>
        <DomainRequired>off</DomainRequired>
        <SPA>off</SPA>
        <SSL>on</SSL>
        <AuthRequired>on</AuthRequired>
      </Protocol>`;
}
