import { INPUT_WINDOW } from './messages.ts';

/** How many bytes of input may still be sent to a program before it takes some (see INPUT_WINDOW). */
export class Credit {
  #left = INPUT_WINDOW;
  #isOver = false;
  #wake: () => void = () => undefined;

  /** Bytes that may be sent now, `wanted` at most; waits for the first one. 0 when nothing will be taken any more. */
  async take(wanted: number): Promise<number> {
    while (this.#left === 0 && !this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#isOver) return 0;
    const taken = Math.min(wanted, this.#left);
    this.#left -= taken;
    return taken;
  }

  grant(bytes: number): void {
    this.#left += bytes;
    this.#wake();
  }

  end(): void {
    this.#isOver = true;
    this.#wake();
  }
}
