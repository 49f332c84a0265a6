/**
 * A bucket of tokens: one for each command. A site that talks without end has to talk slowly, so that it takes no
 * noticeable part of the one process that serves its neighbours too.
 */
export class Pace {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #at = performance.now();

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** Takes a token; resolves at once, or when it is due. */
  async step(): Promise<void> {
    const now = performance.now();
    const grown = this.#tokens + ((now - this.#at) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#burst, grown) - 1;
    this.#at = now;
    if (this.#tokens >= 0) return;
    await new Promise((resolve) => setTimeout(resolve, (-this.#tokens / this.#perSecond) * 1000));
  }
}
