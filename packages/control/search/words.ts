import { domainToASCII } from 'node:url';

/** What was typed, as patterns of LIKE. */
export interface Words {
  readonly exact: { readonly text: string; readonly pattern: string };
  readonly begins: string;
  /** Anywhere; for fewer than three letters, of which no index knows the places, at the beginning. */
  readonly within: string;
}

const LETTERS_MIN = 3;

/** Pure. Undefined where nothing is left to look for. */
export function wordsOf(typed: string): Words | undefined {
  const lower = typed.trim().toLowerCase();
  // Names stand in the database as the DNS has them; half a name may be none, and then stays as it is.
  const text = /^[\0-\x7f]*$/.test(lower) ? lower : domainToASCII(lower) || lower;
  if (text === '') return undefined;
  const pattern = text.replace(/[\\%_]/g, '\\$&');
  const begins = `${pattern}%`;
  return { exact: { text, pattern }, begins, within: text.length < LETTERS_MIN ? begins : `%${pattern}%` };
}
