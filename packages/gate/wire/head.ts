import type { Body } from './reader.ts';

/** A header field of a message as it was sent, folded lines and line ends included. */
export interface Field {
  /** Lower case; empty for a line that is no field. */
  readonly name: string;
  readonly bytes: Buffer;
}

/** The head of a message: its fields, and what was read of the rest (beginning with the empty line, if there is one). */
export interface Head {
  readonly fields: readonly Field[];
  readonly rest: Buffer;
}

const LF = 10;
const CR = 13;
const COLON = 58;

/** Reads a body up to the end of its header fields; undefined when they take more than `limit` bytes. */
export async function readHead(body: Body, limit: number): Promise<Head | undefined> {
  const held = new GrowingBuffer();
  let searched = 0;
  for (;;) {
    const end = headEnd(held.bytes, searched);
    if (end !== undefined) return splitHead(held.bytes, end);
    if (held.bytes.length > limit) return undefined;
    // An empty line may begin in the bytes that are here.
    searched = Math.max(0, held.bytes.length - 2);
    const chunk = await body.next();
    if (chunk === undefined) return splitHead(held.bytes, held.bytes.length);
    held.append(chunk);
  }
}

/** Bytes that come in pieces of any size, each copied a bounded number of times. */
class GrowingBuffer {
  #space = Buffer.alloc(0);
  #length = 0;

  get bytes(): Buffer {
    return this.#space.subarray(0, this.#length);
  }

  append(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (length > this.#space.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#space.length));
      this.#space.copy(larger, 0, 0, this.#length);
      this.#space = larger;
    }
    chunk.copy(this.#space, this.#length);
    this.#length = length;
  }
}

/** The text after the colon, unfolded (RFC 5322, 2.2.3), read as Latin-1 so that no byte is lost. */
export function fieldValue(field: Field): string {
  const text = field.bytes.toString('latin1');
  return text
    .slice(text.indexOf(':') + 1)
    .replaceAll(/\r?\n/g, '')
    .trim();
}

/** Where the empty line begins that ends the head. */
function headEnd(bytes: Buffer, from: number): number | undefined {
  let at = lineStartFrom(bytes, from);
  while (at !== undefined && at < bytes.length) {
    if (isEmptyLine(bytes, at)) return at;
    const newline = bytes.indexOf(LF, at);
    at = newline === -1 ? undefined : newline + 1;
  }
  return undefined;
}

function lineStartFrom(bytes: Buffer, from: number): number | undefined {
  if (from === 0) return 0;
  const newline = bytes.indexOf(LF, from - 1);
  return newline === -1 ? undefined : newline + 1;
}

function isEmptyLine(bytes: Buffer, at: number): boolean {
  return bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] === LF);
}

function splitHead(bytes: Buffer, end: number): Head {
  const fields: Field[] = [];
  let from = 0;
  while (from < end) {
    const to = fieldEnd(bytes, from, end);
    const field = bytes.subarray(from, to);
    fields.push({ name: fieldName(field), bytes: field });
    from = to;
  }
  return { fields, rest: bytes.subarray(end) };
}

/** A field goes on while the next line begins with a blank or a tab. */
function fieldEnd(bytes: Buffer, from: number, end: number): number {
  for (let at = from; ; ) {
    const newline = bytes.indexOf(LF, at);
    if (newline === -1 || newline + 1 >= end) return end;
    at = newline + 1;
    if (bytes[at] !== 32 && bytes[at] !== 9) return at;
  }
}

function fieldName(bytes: Buffer): string {
  const colon = bytes.indexOf(COLON);
  if (colon === -1) return '';
  const name = bytes.toString('latin1', 0, colon).trimEnd();
  return /^[!-9;-~]+$/.test(name) ? name.toLowerCase() : '';
}
