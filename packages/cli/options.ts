import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { HofjeError } from '#model/error.ts';

/** A number of seconds, as options take it. */
export function seconds(typed: string): number {
  return wholeNumber(typed, 0, 31_536_000, 'seconds');
}

export function lineCount(typed: string): number {
  return wholeNumber(typed, 1, 10_000, 'lines');
}

/** Mebibytes as bytes. */
export function mebibytes(typed: string): number {
  return wholeNumber(typed, 1, 1024 * 1024, 'mebibytes') * 1024 * 1024;
}

/** A file that the person names, as text. */
export async function readNamedFile(path: string, option: string): Promise<string> {
  return await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new HofjeError('usage.file', `${path} cannot be read: ${error.code ?? error.message}`, { field: option });
  });
}

/** A secret from standard input: its first line. */
export async function readSecret(): Promise<string> {
  const [line = ''] = (await text(process.stdin)).split(/\r?\n/);
  if (line === '') {
    throw new HofjeError('usage.password', 'standard input holds no password', {
      field: '--password-stdin',
      hint: 'For example: printf %s "$PASSWORD" | hofje mailbox create ADDRESS --password-stdin',
    });
  }
  return line;
}

function wholeNumber(typed: string, from: number, to: number, unit: string): number {
  const value = Number(typed);
  if (/^\d+$/.test(typed) && value >= from && value <= to) return value;
  throw new InvalidArgumentError(`A whole number of ${unit} from ${from} to ${to} is wanted.`);
}
