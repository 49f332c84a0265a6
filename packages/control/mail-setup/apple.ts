import { createHash } from 'node:crypto';
import type { MailServer } from '#model/mail/setup.ts';
import { type Markup, xml } from './xml.ts';

/** A profile for Apple's devices (payload `com.apple.mail.managed`). It holds no password; the device asks for it. Pure. */
export function appleProfile(address: string, servers: readonly MailServer[]): string {
  const [imap, smtp] = (['imap', 'smtp'] as const).map((protocol) =>
    servers.find((server) => server.protocol === protocol && server.security === 'tls'),
  );
  if (imap === undefined || smtp === undefined) throw new Error('a mailbox has a server for each direction');
  return xml`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>PayloadContent</key>
  <array>
    <dict>
      <key>PayloadType</key><string>com.apple.mail.managed</string>
      <key>PayloadVersion</key><integer>1</integer>
      <key>PayloadIdentifier</key><string>hofje.mail.${address}.account</string>
      <key>PayloadUUID</key><string>${uuidOf(`account ${address}`)}</string>
      <key>PayloadDisplayName</key><string>${address}</string>
      <key>EmailAccountType</key><string>EmailTypeIMAP</string>
      <key>EmailAccountDescription</key><string>${address}</string>
      <key>EmailAddress</key><string>${address}</string>
${serverKeys('Incoming', address, imap)}
${serverKeys('Outgoing', address, smtp)}
      <key>OutgoingPasswordSameAsIncomingPassword</key><true/>
    </dict>
  </array>
  <key>PayloadType</key><string>Configuration</string>
  <key>PayloadVersion</key><integer>1</integer>
  <key>PayloadIdentifier</key><string>hofje.mail.${address}</string>
  <key>PayloadUUID</key><string>${uuidOf(`profile ${address}`)}</string>
  <key>PayloadDisplayName</key><string>${address}</string>
</dict>
</plist>
`.text;
}

function serverKeys(direction: 'Incoming' | 'Outgoing', address: string, { host, port }: MailServer): Markup {
  return xml`      <key>${direction}MailServerAuthentication</key><string>EmailAuthPassword</string>
      <key>${direction}MailServerHostName</key><string>${host}</string>
      <key>${direction}MailServerPortNumber</key><integer>${port}</integer>
      <key>${direction}MailServerUseSSL</key><true/>
      <key>${direction}MailServerUsername</key><string>${address}</string>`;
}

/** The same for the same text: a profile that is taken twice replaces itself. Version 8 (RFC 9562, 5.8). */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
