import { HofjeError } from '#model/error.ts';

/** Lets costly work be done a few at a time, in the order in which it was asked for. */
export class Turns {
  readonly #atATime: number;
  readonly #waitingMax: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(atATime: number, waitingMax: number) {
    this.#atATime = atATime;
    this.#waitingMax = waitingMax;
  }

  /** Does the work in its turn. Throws `unavailable` at once when too many wait already. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#atATime) this.#running += 1;
    else await this.#turn();
    try {
      return await work();
    } finally {
      // The turn goes to who waits longest, or back.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  async #turn(): Promise<void> {
    if (this.#waiting.length >= this.#waitingMax) {
      throw new HofjeError('unavailable', 'Too many people log in at this moment.', { hint: 'Try again in a moment.' });
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
