/** An address of an envelope, checked for what SMTP can say (RFC 5321, 4.1.2) and nothing else. */
export interface EnvelopeAddress {
  /** As written, quotes included. */
  readonly localPart: string;
  /** Lower case; empty when none was given. */
  readonly domain: string;
}

export type SubmissionCommand =
  | { readonly kind: 'hello'; readonly extended: boolean }
  /** `sender` is undefined for the null sender. */
  | { readonly kind: 'mail'; readonly sender: EnvelopeAddress | undefined; readonly parameters: MailParameters }
  | { readonly kind: 'rcpt'; readonly recipient: EnvelopeAddress }
  | { readonly kind: 'data' | 'rset' | 'noop' | 'quit' | 'unknown' }
  /** A command with something that we do not take. */
  | { readonly kind: 'bad'; readonly why: 'address' | 'not-ascii' | 'parameter' };

export interface MailParameters {
  /** Declared size of the message, bytes (RFC 1870). */
  readonly size: number;
  readonly body: '7BIT' | '8BITMIME';
}

const ADDRESS_MAX = 320;
const ATOM = String.raw`[^\s\x00-\x20\x7f-\xff"()<>,:;@[\\\]]+`;
const QUOTED = String.raw`"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x7e])*"`;
const NAME = '[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?';
const LITERAL = String.raw`\[[\x21-\x5a\x5e-\x7e]+\]`;
const PATH = `<(?:(${ATOM}|${QUOTED})(?:@(${NAME}|${LITERAL}))?)?>`;
const MAIL = new RegExp(`^MAIL FROM: ?${PATH}(?: (.*))?$`, 'i');
const RCPT = new RegExp(`^RCPT TO: ?${PATH}(?: (.*))?$`, 'i');

/** What a line asks for. Read as Latin-1, so that a byte outside ASCII is seen as what it is. */
export function parseSubmissionCommand(line: Buffer): SubmissionCommand {
  const text = line.toString('latin1').trimEnd();
  switch (/^[A-Za-z]*/.exec(text)?.[0].toUpperCase()) {
    case 'EHLO':
      return { kind: 'hello', extended: true };
    case 'HELO':
      return { kind: 'hello', extended: false };
    case 'MAIL':
      return parseMail(text);
    case 'RCPT':
      return parseRcpt(text);
    case 'DATA':
      return { kind: 'data' };
    case 'RSET':
      return { kind: 'rset' };
    case 'NOOP':
    case 'VRFY':
      return { kind: 'noop' };
    case 'QUIT':
      return { kind: 'quit' };
    default:
      return { kind: 'unknown' };
  }
}

function parseMail(text: string): SubmissionCommand {
  const match = MAIL.exec(text);
  if (match === null) return badAddress(text);
  const parameters = parseParameters(match[3] ?? '');
  if (parameters === undefined) return { kind: 'bad', why: 'parameter' };
  const sender = addressOf(match[1], match[2]);
  return sender === 'too-long' ? { kind: 'bad', why: 'address' } : { kind: 'mail', sender, parameters };
}

function parseRcpt(text: string): SubmissionCommand {
  const match = RCPT.exec(text);
  if (match === null) return badAddress(text);
  if ((match[3] ?? '').trim() !== '') return { kind: 'bad', why: 'parameter' };
  const recipient = addressOf(match[1], match[2]);
  if (recipient === undefined || recipient === 'too-long') return { kind: 'bad', why: 'address' };
  return { kind: 'rcpt', recipient };
}

function addressOf(localPart: string | undefined, domain = ''): EnvelopeAddress | 'too-long' | undefined {
  if (localPart === undefined) return undefined;
  return localPart.length + domain.length > ADDRESS_MAX ? 'too-long' : { localPart, domain: domain.toLowerCase() };
}

function badAddress(text: string): SubmissionCommand {
  return { kind: 'bad', why: /[\x80-\xff]/.test(text) ? 'not-ascii' : 'address' };
}

function parseParameters(text: string): MailParameters | undefined {
  let size = 0;
  let body: MailParameters['body'] = '7BIT';
  for (const parameter of text.split(' ').filter((part) => part !== '')) {
    const [, name = '', value = ''] = /^([A-Za-z0-9-]+)(?:=([!-<>-~]+))?$/.exec(parameter) ?? [];
    switch (`${name}=${value}`.toUpperCase()) {
      case 'BODY=7BIT':
        break;
      case 'BODY=8BITMIME':
        body = '8BITMIME';
        break;
      default:
        if (name.toUpperCase() !== 'SIZE' || !/^\d{1,15}$/.test(value)) return undefined;
        size = Number(value);
    }
  }
  return { size, body };
}
