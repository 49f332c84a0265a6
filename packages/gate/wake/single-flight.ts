/** Many who ask the same at the same time share one answer, and only so many may wait for answers at all. */
export class SingleFlight<T> {
  readonly #waitingMax: number;
  readonly #flights = new Map<string, Promise<T>>();
  #waiting = 0;

  constructor(waitingMax: number) {
    this.#waitingMax = waitingMax;
  }

  /** The shared answer, or undefined when too many wait already. */
  async ask(key: string, fetch: () => Promise<T>): Promise<T | undefined> {
    if (this.#waiting >= this.#waitingMax) return undefined;
    this.#waiting += 1;
    try {
      return await (this.#flights.get(key) ?? this.#begin(key, fetch));
    } finally {
      this.#waiting -= 1;
    }
  }

  #begin(key: string, fetch: () => Promise<T>): Promise<T> {
    const flight = fetch().finally(() => this.#flights.delete(key));
    this.#flights.set(key, flight);
    return flight;
  }
}
