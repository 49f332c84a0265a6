import { COMMAND_BYTES_MAX } from '../door/command.ts';
import { HofjeError } from '../error.ts';

/** Longest text of a pipe command, bytes of UTF-8. */
export const PIPE_TEXT_MAX = 64 * 1024;

const BLANKS = ' \t';
const LINE_BREAKS = '\n\r';

/**
 * The rule by which the text of a pipe becomes a program and its arguments. It is the whole rule; no other character
 * means anything, and nothing is ever expanded: `$HOME`, `*`, `;`, `|`, `>`, `` ` ``, `%`, `#` and `~` arrive as they are.
 *
 * 1. Blanks (space, tab) separate words. Any number of them is one separation.
 * 2. `'...'`: everything up to the next `'` is taken as it is, backslashes and line breaks too.
 * 3. `"..."`: everything up to the next `"` is taken as it is, except that `\"` is a `"` and `\\` is a `\`. A backslash
 *    before anything else is a backslash.
 * 4. Outside quotes, a backslash takes the next character as it is, whatever it is.
 * 5. Quoted and unquoted pieces that touch make one word: `a"b c"d` is `ab cd`. `''` is an empty word.
 * 6. A `|` at the very beginning, as `.forward` and `/etc/aliases` have it, is dropped. A program whose name really
 *    begins with one is written `'|name'`.
 * 7. Blanks and line breaks around the whole text are dropped.
 *
 * Refused, with the place: a quote without its end, a backslash at the end, a line break outside quotes (one pipe is one
 * command), a NUL byte, text that is not valid Unicode, no word at all, an empty first word, more than 64 KiB.
 * Who wants a shell writes one: `sh -c '...'`, and then the shell's rules hold inside.
 *
 * Throws `pipe.invalid`; `field` names the field it came from.
 */
export function parsePipeCommand(text: string, field = 'pipe'): [string, ...string[]] {
  const { argv, fault } = readPipeCommand(text);
  if (fault === undefined) return argv;
  const { kind, at } = fault;
  const place = at === undefined ? '' : ` (character ${[...text.slice(0, at)].length + 1})`;
  throw new HofjeError('pipe.invalid', `${FAULTS[kind]}${place}.`, { field });
}

const FAULTS = {
  unicode: 'The command is not valid Unicode',
  long: `The command is longer than ${PIPE_TEXT_MAX} bytes`,
  nul: 'A NUL byte cannot be part of a command',
  lines: 'A line break stands outside quotes: a pipe is one command',
  empty: 'The command is empty',
  nameless: 'The first word, the program, is empty',
  words: `Program and arguments are longer than ${COMMAND_BYTES_MAX} bytes`,
  single: "A ' has no end",
  double: 'A " has no end',
  backslash: 'A backslash stands at the end',
} as const;

/** What is wrong with the text of a pipe; `at` is where, in UTF-16 units, when it is at a place. */
export interface PipeFault {
  readonly kind: keyof typeof FAULTS;
  readonly at?: number;
}

export type ReadPipe =
  | { readonly argv: [string, ...string[]]; readonly fault?: undefined }
  | { readonly argv?: undefined; readonly fault: PipeFault };

/** The same rule for whoever shows the place himself: an editor. */
export function readPipeCommand(text: string): ReadPipe {
  const fault = faultOfWhole(text);
  if (fault !== undefined) return { fault };
  const { words, fault: found } = splitWords(text);
  if (found !== undefined) return { fault: found };
  const [program, ...rest] = words;
  if (program === undefined) return { fault: { kind: 'empty' } };
  if (program === '') return { fault: { kind: 'nameless' } };
  if (words.reduce((sum, word) => sum + bytesOf(word) + 1, 0) > COMMAND_BYTES_MAX) return { fault: { kind: 'words' } };
  return { argv: [program, ...rest] };
}

function faultOfWhole(text: string): PipeFault | undefined {
  if (!text.isWellFormed()) return { kind: 'unicode' };
  if (bytesOf(text) > PIPE_TEXT_MAX) return { kind: 'long' };
  const nul = text.indexOf('\0');
  return nul < 0 ? undefined : { kind: 'nul', at: nul };
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

function splitWords(text: string): { readonly words: readonly string[]; readonly fault?: PipeFault } {
  const words: string[] = [];
  /** The word being read; undefined between words, so that an empty quoted word counts. */
  let word: string | undefined;
  const end = trimmedEnd(text);
  let at = trimmedStart(text);
  while (at < end) {
    const character = text.charAt(at);
    if (BLANKS.includes(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      at += 1;
    } else if (LINE_BREAKS.includes(character)) {
      return { words, fault: { kind: 'lines', at } };
    } else {
      const piece = readPiece(text, at, end);
      if (typeof piece === 'string') return { words, fault: { kind: piece, at } };
      word = (word ?? '') + piece.text;
      at = piece.next;
    }
  }
  if (word !== undefined) words.push(word);
  return { words };
}

interface Piece {
  readonly text: string;
  readonly next: number;
}

/** One quoted part, one escaped character, or one plain character; or what is wrong with it. */
function readPiece(text: string, at: number, end: number): Piece | 'single' | 'double' | 'backslash' {
  const character = text.charAt(at);
  if (character === "'") {
    const close = text.indexOf("'", at + 1);
    if (close < 0 || close >= end) return 'single';
    return { text: text.slice(at + 1, close), next: close + 1 };
  }
  if (character === '"') return readDoubleQuoted(text, at, end);
  if (character !== '\\') return { text: character, next: at + 1 };
  if (at + 1 >= text.length) return 'backslash';
  const escaped = String.fromCodePoint(text.codePointAt(at + 1) ?? 0);
  return { text: escaped, next: at + 1 + escaped.length };
}

function readDoubleQuoted(text: string, open: number, end: number): Piece | 'double' {
  let content = '';
  for (let at = open + 1; at < end; at += 1) {
    const character = text.charAt(at);
    if (character === '"') return { text: content, next: at + 1 };
    const next = text.charAt(at + 1);
    if (character === '\\' && (next === '"' || next === '\\')) {
      content += next;
      at += 1;
    } else content += character;
  }
  return 'double';
}

function trimmedStart(text: string): number {
  let at = 0;
  while (at < text.length && isOuter(text.charAt(at))) at += 1;
  return text.charAt(at) === '|' ? at + 1 : at;
}

/** Where the text ends without the blanks and line breaks after it; an escaped blank at the end stays. */
function trimmedEnd(text: string): number {
  let end = text.length;
  while (end > 0 && isOuter(text.charAt(end - 1))) end -= 1;
  let backslashes = 0;
  while (text.charAt(end - 1 - backslashes) === '\\') backslashes += 1;
  return end < text.length && backslashes % 2 === 1 ? end + 1 : end;
}

function isOuter(character: string): boolean {
  return BLANKS.includes(character) || LINE_BREAKS.includes(character);
}

/** The text that the rule reads as exactly these words. */
export function formatPipeCommand(argv: readonly string[]): string {
  return argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}
