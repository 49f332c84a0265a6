import { Readable } from 'node:stream';

const BLOCK_BYTES = 8192;

/**
 * Input on its way to a program. It is kept as bytes: each piece of a stream costs some hundred bytes besides its own, and
 * whoever sends pieces of one byte would fill the agent's memory.
 */
export class EntryInput extends Readable {
  readonly #onTaken: (bytes: number) => void;
  /** What waits. The last block is still being filled, up to `#filled`. */
  readonly #blocks: Buffer[] = [];
  #filled = 0;
  #isWanted = false;
  #isComplete = false;

  /** `onTaken` is told how many bytes left for the program. */
  constructor(onTaken: (bytes: number) => void) {
    // What the program does not take waits here, not as pieces of the stream.
    super({ highWaterMark: 1 });
    this.#onTaken = onTaken;
  }

  /** True when it was taken in; more than is complete, or was given up, is dropped. */
  add(bytes: Buffer): boolean {
    if (this.#isComplete || this.destroyed) return false;
    if (bytes.length === 0) return true;
    if (this.#isWanted) this.#hand(bytes);
    else this.#keep(bytes);
    return true;
  }

  /** All of it has come. */
  complete(): void {
    this.#isComplete = true;
    if (this.#isWanted) this.push(null);
  }

  override _read(): void {
    const block = this.#blocks.shift();
    if (block !== undefined) this.#hand(this.#blocks.length === 0 ? this.#cut(block) : block);
    else if (this.#isComplete) this.push(null);
    else this.#isWanted = true;
  }

  #hand(bytes: Buffer): void {
    this.#isWanted = false;
    this.push(bytes);
    this.#onTaken(bytes.length);
  }

  #keep(bytes: Buffer): void {
    const last = this.#blocks.at(-1);
    if (last !== undefined && bytes.length <= last.length - this.#filled) {
      bytes.copy(last, this.#filled);
      this.#filled += bytes.length;
      return;
    }
    if (last !== undefined) this.#blocks.splice(-1, 1, this.#cut(last));
    // Large pieces stay what they are.
    const block = bytes.length > BLOCK_BYTES / 2 ? bytes : Buffer.allocUnsafeSlow(BLOCK_BYTES);
    if (block !== bytes) bytes.copy(block);
    this.#blocks.push(block);
    this.#filled = bytes.length;
  }

  /** The filled part of the last block. */
  #cut(block: Buffer): Buffer {
    return block.subarray(0, this.#filled);
  }
}
