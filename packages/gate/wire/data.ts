/**
 * The message after `DATA` (RFC 5321, 4.1.1.4 and 4.5.2) out of any chunks: takes the stuffed dots away and finds the
 * end. Only CRLF . CRLF ends a message; a bare CR or LF never does, or a message could smuggle another one.
 *
 * - `lf`: every CRLF becomes LF, every other byte stays what it is. For programs.
 * - `crlf`: a bare CR and a bare LF become CRLF too, so that the next server sees the same lines as this one.
 */
export type Newline = 'lf' | 'crlf';

export interface Decoded {
  readonly bytes: Buffer;
  /** What came after the end of the message; undefined while it goes on. */
  readonly rest: Buffer | undefined;
}

const CR = 13;
const LF = 10;
const DOT = 46;

const LINE_START = 0;
const MIDDLE = 1;
const AFTER_CR = 2;
const AFTER_DOT = 3;
const AFTER_DOT_CR = 4;

export class DataDecoder {
  readonly #normalise: boolean;
  #state = LINE_START;
  #out = Buffer.alloc(0);
  #length = 0;

  constructor(newline: Newline) {
    this.#normalise = newline === 'crlf';
  }

  /** Must not be called again once `rest` was given. */
  push(chunk: Buffer): Decoded {
    // Each byte gives two at most (a bare CR or LF as CRLF), and a CR may be pending from before.
    this.#out = Buffer.allocUnsafe((this.#normalise ? 2 : 1) * chunk.length + 2);
    this.#length = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      if (this.#step(chunk[at] ?? 0)) return { bytes: this.#taken(), rest: chunk.subarray(at + 1) };
    }
    return { bytes: this.#taken(), rest: undefined };
  }

  /** True when this byte ended the message. */
  #step(byte: number): boolean {
    switch (this.#state) {
      case LINE_START:
        if (byte === DOT) this.#state = AFTER_DOT;
        else this.#plain(byte);
        return false;
      case AFTER_CR:
        if (byte === LF) this.#lineEnd();
        else this.#bareCr(byte);
        return false;
      case AFTER_DOT:
        if (byte === CR) this.#state = AFTER_DOT_CR;
        else this.#plain(byte);
        return false;
      case AFTER_DOT_CR:
        if (byte === LF) return true;
        this.#bareCr(byte);
        return false;
      default:
        this.#plain(byte);
        return false;
    }
  }

  #plain(byte: number): void {
    if (byte === CR) {
      this.#state = AFTER_CR;
      return;
    }
    if (byte === LF && this.#normalise) this.#put(CR);
    this.#put(byte);
    this.#state = MIDDLE;
  }

  #bareCr(next: number): void {
    this.#put(CR);
    if (this.#normalise) this.#put(LF);
    this.#plain(next);
  }

  #lineEnd(): void {
    if (this.#normalise) this.#put(CR);
    this.#put(LF);
    this.#state = LINE_START;
  }

  #put(byte: number): void {
    this.#out[this.#length] = byte;
    this.#length += 1;
  }

  #taken(): Buffer {
    return this.#out.subarray(0, this.#length);
  }
}

/** The end of a message on the wire, after its last line. */
export const DATA_END = Buffer.from('.\r\n');

/** Doubles the dot at the start of lines; lines end with CRLF. The caller sends DATA_END after the last line. */
export class DotStuffer {
  #lineStart = true;

  push(chunk: Buffer): Buffer {
    if (chunk.length === 0) return chunk;
    const parts: Buffer[] = [];
    let from = 0;
    for (let at = this.#lineStart ? 0 : nextLine(chunk, 0); at < chunk.length; at = nextLine(chunk, at)) {
      if (chunk[at] !== DOT) continue;
      parts.push(chunk.subarray(from, at + 1));
      from = at;
    }
    this.#lineStart = chunk[chunk.length - 1] === LF;
    if (parts.length === 0) return chunk;
    parts.push(chunk.subarray(from));
    return Buffer.concat(parts);
  }
}

/** Where the line after the one at `at` begins; the chunk's length when that is in a later chunk. */
function nextLine(chunk: Buffer, at: number): number {
  const newline = chunk.indexOf(LF, at);
  return newline === -1 ? chunk.length : newline + 1;
}
