import { HofjeError } from '#model/error.ts';

/** What an entry of the look-up files may be made of. The control plane accepts nothing else. */

export const CATCH_ALL = '*';

const NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/;
const LOCAL_PART = /^(\*|[a-z0-9_][a-z0-9._-]{0,63})$/;
/** RFC 5321: a dot-atom before the `@`. */
const TARGET = /^([A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64})@([A-Za-z0-9.-]{1,253})$/;

/** Throws `mail.lookup`. */
export function checkedName(name: string): string {
  if (!NAME.test(name)) throw refused('a domain that is no name');
  return name;
}

/** Throws `mail.lookup`. */
export function checkedLocalPart(localPart: string): string {
  if (!LOCAL_PART.test(localPart)) throw refused('an address that is none');
  return localPart;
}

/**
 * An address as an item of Exim's redirect data, which takes an item that begins with `|` or `/` for a program or a file,
 * unless only its name is in quotes; `#` begins a comment. Throws `mail.lookup`.
 */
export function quotedTarget(address: string): string {
  const [, localPart, domain] = TARGET.exec(address) ?? [];
  if (localPart === undefined || domain === undefined) throw refused('a forwarder to an address that is none');
  return /^[|/#]/.test(localPart) ? `"${localPart}"@${domain}` : `${localPart}@${domain}`;
}

/** The control plane checks all of this; that it comes here nevertheless is a defect of one of the two. */
export function refused(what: string): HofjeError {
  return new HofjeError('mail.lookup', `The desired state has ${what}.`);
}
