import { CommanderError } from '@commander-js/extra-typings';
import { HofjeError } from '#model/error.ts';

/** Where a command writes: results to stdout, everything else to stderr. */
export interface Output {
  readonly json: boolean;
  /** The one result of a command: as JSON, or as text for people. */
  result(value: unknown, text: string): void;
  /** Something for people only; in the way of nothing that is read by a program. */
  note(text: string): void;
}

export function makeOutput(json: boolean): Output {
  return {
    json,
    result(value, text) {
      process.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : text === '' ? '' : `${text}\n`);
    },
    note(text) {
      process.stderr.write(`${text}\n`);
    },
  };
}

/** An error as people read it: one sentence, what it concerns, and what to do. Pure. */
export function errorText(error: unknown): string {
  if (error instanceof HofjeError) {
    const sentence = error.field === undefined ? error.message : error.message.replace(/\.$/, '');
    const field = error.field === undefined ? '' : ` (${error.field})`;
    const hint = error.hint === undefined ? '' : `\n${indented(error.hint)}`;
    return `hofje: ${sentence}${field}${hint}`;
  }
  // Anything else is a defect of ours: the trace is what helps to mend it.
  return `hofje: internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

/** The same for programs. Pure. */
export function errorDocument(error: unknown) {
  if (error instanceof CommanderError) {
    return {
      error: { code: error.code.replace('commander.', 'usage.'), message: error.message.replace(/^error: /, '') },
    };
  }
  if (!(error instanceof HofjeError)) {
    return { error: { code: 'internal', message: error instanceof Error ? error.message : String(error) } };
  }
  const { code, message, field, hint } = error;
  return { error: { code, message, ...(field && { field }), ...(hint && { hint }) } };
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ');
}

/** Text of strangers: what could steer a terminal, or hide what stands there, is shown as its code. Pure. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (letter) => `\\u{${letter.codePointAt(0)?.toString(16)}}`);
}

/** The same for text of several lines. Pure. */
export function printableLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => line.split('\t').map(printable).join('\t'))
    .join('\n');
}

/** Rows under their headings, columns as wide as their widest cell. Pure. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headings, ...rows.map((row) => row.map(printable))];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => (column === headings.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `name  value` lines. Pure. */
export function facts(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(0, ...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${printable(value)}`).join('\n');
}
