import { domainToASCII, domainToUnicode } from 'node:url';
import { parse as parseSuffix } from 'tldts';
import { HofjeError } from '../error.ts';
import { labelFault } from './script.ts';

/**
 * Host names as the platform stores them: lower case A-labels (RFC 5890), no final dot. What people type is mapped by
 * UTS #46; what the mapping would hide (invisible characters, percent signs) is refused before it.
 */

export const NAME_LENGTH_MAX = 253;
const LABEL_LENGTH_MAX = 63;
/** Longer texts are no names, whatever the mapping would make of them. */
const INPUT_LENGTH_MAX = 1000;

/** Names that no resolver of the Internet will ever answer for a customer (RFC 6761, 6762, 7686, 9476), or that stand for an address. */
const UNUSABLE_SUFFIXES = [
  'localhost',
  'local',
  'localdomain',
  'internal',
  'invalid',
  'onion',
  'alt',
  'arpa',
  'lan',
  'home',
  'corp',
];

const ASCII_ALLOWED = /^[A-Za-z0-9.-]*$/;
const LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
/** The last label of a name; one that ends in a number is an IPv4 address to browsers (WHATWG URL). */
const NUMERIC = /^(\d+|0x[0-9a-f]*)$/;

/**
 * The stored form of a host name. Throws `domain.invalid` with the field when it is no host name of the public DNS: an
 * address, a single label, a label that breaks the rules, a mixture of scripts that imitates another name.
 */
export function parseHostName(text: string, field = 'domain'): string {
  const fail = (why: string, hint?: string): never => {
    throw new HofjeError('domain.invalid', why, { field, ...(hint === undefined ? {} : { hint }) });
  };
  if (text.length > INPUT_LENGTH_MAX) return fail(`A name has at most ${NAME_LENGTH_MAX} characters.`);
  if (!text.isWellFormed()) return fail('The name is not valid Unicode.');
  const ascii = text.replace(/[^\0-\x7f]/gu, '');
  if (!ASCII_ALLOWED.test(ascii)) return fail('A name has letters, digits, hyphens and dots only.');
  if (/\p{Default_Ignorable_Code_Point}/u.test(text)) return fail('The name contains an invisible character.');

  const name = (ascii.length === text.length ? text.toLowerCase() : domainToASCII(text)).replace(/\.$/, '');
  if (name === '') return fail('The name is empty or cannot be written in the DNS.');
  if (name.length > NAME_LENGTH_MAX) return fail(`A name has at most ${NAME_LENGTH_MAX} characters.`);
  const labels = name.split('.');
  for (const label of labels) checkLabel(label, fail);
  if (labels.length < 2) return fail('A name needs at least two labels.', 'Give the whole name, like example.com.');
  if (NUMERIC.test(labels.at(-1) ?? '')) return fail('An address is not a name.');
  return name;
}

function checkLabel(label: string, fail: (why: string) => never): void {
  if (label === '') fail('Two dots follow each other, or the name begins with one.');
  if (label.length > LABEL_LENGTH_MAX) fail(`A label has at most ${LABEL_LENGTH_MAX} characters.`);
  if (!LABEL.test(label))
    fail(`The label ${label} may not begin or end with a hyphen, and holds letters, digits and hyphens only.`);
  if (!label.startsWith('xn--')) {
    if (label.slice(2, 4) === '--') fail(`The label ${label} has two hyphens in a place that is reserved.`);
    return;
  }
  const unicode = domainToUnicode(label);
  if (unicode === label || domainToASCII(unicode) !== label)
    fail(`The label ${label} is no valid internationalised label.`);
  const fault = labelFault(unicode);
  if (fault !== undefined) fail(`The label ${unicode} ${fault}.`);
}

/** The name as people read it. For display only: two different names may look alike. */
export function displayName(name: string): string {
  return domainToUnicode(name) || name;
}

/**
 * Whether an account may hold this name at all: not a public suffix, not a name of special use. Throws `domain.refused`.
 * Whether somebody else holds it is another question.
 */
export function checkHoldable(name: string, platformNames: readonly string[], field = 'domain'): void {
  const last = name.slice(name.lastIndexOf('.') + 1);
  if (UNUSABLE_SUFFIXES.includes(last)) {
    throw new HofjeError('domain.refused', `Names below .${last} are not part of the public DNS.`, { field });
  }
  const suffix = parseSuffix(name, { allowPrivateDomains: true }).publicSuffix;
  if (suffix === name) {
    throw new HofjeError('domain.refused', `${name} is a public suffix: names below it belong to different people.`, {
      field,
    });
  }
  if (platformNames.some((own) => isRelated(own, name))) {
    throw new HofjeError('domain.refused', `${name} is, or touches, a name of the platform itself.`, { field });
  }
}

/** Whether `name` is `parent` or lies below it. */
export function isWithin(name: string, parent: string): boolean {
  return name === parent || name.endsWith(`.${parent}`);
}

/** Whether one name is the other, or above or below it. */
export function isRelated(a: string, b: string): boolean {
  return isWithin(a, b) || isWithin(b, a);
}

/** The names above a name, nearest first, down to two labels: `a.b.example.com` has `b.example.com`, `example.com`. */
export function namesAbove(name: string): string[] {
  const labels = name.split('.');
  return labels.slice(1, -1).map((_, index) => labels.slice(index + 1).join('.'));
}
