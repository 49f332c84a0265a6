import { parseHostName } from '../domain/name.ts';
import { HofjeError } from '../error.ts';

/** An address that the platform delivers to. Both parts are in the form that look-ups use. */
export interface LocalAddress {
  /** Lower case; `*` for the catch-all. */
  readonly localPart: string;
  /** Lower case, A-labels. */
  readonly domain: string;
}

export const LOCAL_PART_MAX = 64;
export const CATCH_ALL = '*';
/** Mail to `name+anything` is delivered to `name`, so no mailbox or forwarder has one in its own name. */
export const DETAIL_SEPARATOR = '+';

/** What may stand before the `@` of an address here: no character that any mail software treats specially. */
const LOCAL_PART = /^[a-z0-9_][a-z0-9._-]*$/;
/** RFC 5321 dot-atom, for addresses of others. */
const DOT_ATOM = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;

/** The sender of bounces: an address of that name would receive and answer them, in circles. */
const RESERVED = ['mailer-daemon'];

/** Splits at the last `@`; throws `address.invalid`. */
function split(text: string, field: string): { readonly local: string; readonly domain: string } {
  const at = text.lastIndexOf('@');
  if (at < 1 || at === text.length - 1) {
    throw invalid('An address is a name, an @ and a domain.', field);
  }
  return { local: text.slice(0, at), domain: text.slice(at + 1) };
}

/** An address of a mailbox or forwarder here, or `*@domain`, the catch-all. Throws `address.invalid` or `domain.invalid`. */
export function parseLocalAddress(text: string, field = 'address'): LocalAddress {
  const { local, domain } = split(text, field);
  return { localPart: parseLocalPart(local, field), domain: parseHostName(domain, field) };
}

export function parseLocalPart(text: string, field = 'address'): string {
  if (text === CATCH_ALL) return CATCH_ALL;
  const localPart = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  if (localPart.length > LOCAL_PART_MAX)
    throw invalid(`Before the @ there are at most ${LOCAL_PART_MAX} characters.`, field);
  if (localPart.includes(DETAIL_SEPARATOR)) {
    throw invalid(
      'What follows a + belongs to the mailbox in front of it.',
      field,
      'Mail to name+anything arrives at name.',
    );
  }
  if (!LOCAL_PART.test(localPart) || localPart.includes('..') || localPart.endsWith('.')) {
    throw invalid('Before the @ there are letters a to z, digits, and . _ - between them.', field);
  }
  if (RESERVED.includes(localPart)) throw invalid(`${localPart} is the sender of bounces.`, field);
  return localPart;
}

/** An address anywhere, as mail is forwarded to it: the part before the @ keeps its case. Throws `address.invalid` or `domain.invalid`. */
export function parseForeignAddress(text: string, field = 'to'): string {
  const { local, domain } = split(text, field);
  if (local.length > LOCAL_PART_MAX || !DOT_ATOM.test(local)) {
    throw invalid('Before the @ stands something that cannot be forwarded to.', field);
  }
  return `${local}@${parseHostName(domain, field)}`;
}

export function formatAddress(address: LocalAddress): string {
  return `${address.localPart}@${address.domain}`;
}

/** The form under which two addresses of ours are the same: all lower case, without detail. */
export function comparableAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const local = address.slice(0, at).split(DETAIL_SEPARATOR, 1)[0] ?? '';
  return `${local}${address.slice(at)}`.toLowerCase();
}

function invalid(message: string, field: string, hint?: string): HofjeError {
  return new HofjeError('address.invalid', message, { field, ...(hint === undefined ? {} : { hint }) });
}
