import { type ForwarderId, isId } from '#model/id.ts';

/** A command of LMTP (RFC 2033) as far as the session has to tell them apart. */
export type LmtpCommand =
  | { readonly kind: 'lhlo' }
  | { readonly kind: 'mail' }
  | { readonly kind: 'rcpt'; readonly forwarder: ForwarderId | undefined }
  | { readonly kind: 'data' }
  | { readonly kind: 'rset' }
  | { readonly kind: 'noop' }
  | { readonly kind: 'quit' }
  | { readonly kind: 'unknown' };

/** The domain that the mail server writes behind a forwarder's id; it exists nowhere else (RFC 6761). */
export const PIPE_DOMAIN = 'pipe.invalid';

const RECIPIENT = new RegExp(`^RCPT TO: ?<([a-z0-9_]+)@${PIPE_DOMAIN.replace('.', '\\.')}>`, 'i');

/**
 * Senders are not looked at: the mail server's own word of them comes in a header field (see envelope.ts), so that no
 * address, however strange, is parsed to decide whose pipe it is.
 */
export function parseLmtpCommand(line: Buffer): LmtpCommand {
  const text = line.toString('latin1');
  const verb = /^[A-Za-z]*/.exec(text)?.[0].toUpperCase() ?? '';
  switch (verb) {
    case 'LHLO':
      return { kind: 'lhlo' };
    case 'MAIL':
      return { kind: 'mail' };
    case 'RCPT': {
      const name = RECIPIENT.exec(text)?.[1] ?? '';
      return { kind: 'rcpt', forwarder: isId('forwarder', name) ? name : undefined };
    }
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
