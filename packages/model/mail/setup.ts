/** TLS from the first byte (RFC 8314), or a plain beginning and then STARTTLS. */
export const MAIL_SECURITIES = ['tls', 'starttls'] as const;
export type MailSecurity = (typeof MAIL_SECURITIES)[number];

/** A server that a mail program speaks to: over IMAP to read, over SMTP to send. */
export interface MailServer {
  readonly protocol: 'imap' | 'smtp';
  readonly host: string;
  readonly port: number;
  readonly security: MailSecurity;
}

/** The mail servers at a name, those to be preferred first: TLS from the first byte (RFC 8314, 3). Pure. */
export function mailServersAt(host: string): MailServer[] {
  return [
    { protocol: 'imap', host, port: 993, security: 'tls' },
    { protocol: 'smtp', host, port: 465, security: 'tls' },
    { protocol: 'imap', host, port: 143, security: 'starttls' },
    { protocol: 'smtp', host, port: 587, security: 'starttls' },
  ];
}
