import { DataDecoder, type Newline } from './data.ts';

/** The other side went away in the middle of something. */
export class ConnectionLost extends Error {
  constructor() {
    super('the connection ended in the middle of a transaction');
    this.name = 'ConnectionLost';
  }
}

export type Line =
  | { readonly kind: 'line'; readonly bytes: Buffer }
  | { readonly kind: 'too-long' }
  | { readonly kind: 'end' };

/** The message after `DATA`, piece by piece; undefined at its end. Throws ConnectionLost. */
export interface Body {
  next(): Promise<Buffer | undefined>;
}

const LF = 10;
const CR = 13;
/** A body with so many more small pieces than large ones is read with pauses. */
const SMALL_BYTES = 256;
const SMALL_PIECES = 200;
const PAUSE_MS = 10;
const NOTHING = Buffer.alloc(0);

/** Reads lines and messages of SMTP and LMTP out of chunks, and never more of them than somebody waits for. */
export class WireReader {
  readonly #source: AsyncIterator<Buffer>;
  #held: Buffer = NOTHING;
  #pending: Promise<IteratorResult<Buffer>> | undefined;

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The next line without its line end; one of more than `limit` bytes is read over. */
  async line(limit: number): Promise<Line> {
    let tooLong = false;
    for (;;) {
      const end = this.#held.indexOf(LF);
      if (end !== -1) {
        const bytes = this.#held.subarray(0, end > 0 && this.#held[end - 1] === CR ? end - 1 : end);
        this.#held = this.#held.subarray(end + 1);
        return tooLong || bytes.length > limit ? { kind: 'too-long' } : { kind: 'line', bytes };
      }
      if (this.#held.length > limit + 1) {
        tooLong = true;
        this.#held = NOTHING;
      }
      const chunk = await this.#chunk();
      if (chunk === undefined) return { kind: 'end' };
      this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    }
  }

  /**
   * The message after `DATA`. Whoever sends it byte by byte makes each byte cost as much as a page, in the one process
   * that serves everybody: such a body is left to gather in the kernel for a moment before each read.
   */
  body(newline: Newline): Body {
    const decoder = new DataDecoder(newline);
    let ended = false;
    let small = 0;
    return {
      next: async () => {
        while (!ended) {
          if (small > SMALL_PIECES) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
          const chunk = this.#held.length > 0 ? this.#held : await this.#chunk();
          if (chunk === undefined) throw new ConnectionLost();
          small = chunk.length < SMALL_BYTES ? small + 1 : Math.max(0, small - 1);
          const { bytes, rest } = decoder.push(chunk);
          ended = rest !== undefined;
          this.#held = rest ?? NOTHING;
          if (bytes.length > 0) return bytes;
        }
        return undefined;
      },
    };
  }

  /** Resolves with true when the other side is gone, with false when it said something more. Reads one chunk at most. */
  async isGone(): Promise<boolean> {
    if (this.#held.length > 0) return false;
    return (await this.#peek()).done === true;
  }

  #peek(): Promise<IteratorResult<Buffer>> {
    // A broken connection is an ended one: what is lost is seen by whoever waits for it.
    this.#pending ??= this.#source.next().catch(() => ({ done: true, value: undefined }));
    return this.#pending;
  }

  async #chunk(): Promise<Buffer | undefined> {
    const result = await this.#peek();
    // An end stays pending, so that every later read sees it too.
    if (result.done === true) return undefined;
    this.#pending = undefined;
    return result.value;
  }
}
