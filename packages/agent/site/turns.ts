/** What must not happen at the same time, one after the other in the order in which it was asked for. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #pending = 0;

  /** How many are under way or wait. */
  get pending(): number {
    return this.#pending;
  }

  async alone<T>(work: () => Promise<T>): Promise<T> {
    this.#pending += 1;
    const mine = this.#last.then(work).finally(() => {
      this.#pending -= 1;
    });
    this.#last = mine.catch(() => undefined);
    return await mine;
  }
}
