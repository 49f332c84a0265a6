import type { MailServer } from '#model/mail/setup.ts';
import { lines, type Markup, xml } from './xml.ts';

/** Format “clientConfig” 1.1, as Thunderbird, K-9, Evolution and others read it. Pure. */
export function thunderbirdConfig(domain: string, servers: readonly MailServer[]): string {
  return xml`<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="${domain}">
    <domain>${domain}</domain>
    <displayName>${domain}</displayName>
    <displayShortName>${domain}</displayShortName>
${lines(servers.map(describe))}
  </emailProvider>
</clientConfig>
`.text;
}

function describe({ protocol, host, port, security }: MailServer): Markup {
  const content = xml`      <hostname>${host}</hostname>
      <port>${port}</port>
      <socketType>${security === 'tls' ? 'SSL' : 'STARTTLS'}</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>`;
  return protocol === 'imap'
    ? xml`    <incomingServer type="imap">
${content}
    </incomingServer>`
    : xml`    <outgoingServer type="smtp">
${content}
    </outgoingServer>`;
}
