/** How many may wait for answers at once. */
export interface WaitingLimits {
  readonly all: number;
  /** For the same answer. */
  readonly each: number;
}

interface Flight<T> {
  readonly answer: Promise<T>;
  waiting: number;
}

/** Many who ask the same at the same time share one answer; who asks for one thing only never takes the room of all. */
export class SingleFlight<T> {
  readonly #limits: WaitingLimits;
  readonly #flights = new Map<string, Flight<T>>();
  #waiting = 0;

  constructor(limits: WaitingLimits) {
    this.#limits = limits;
  }

  /** The shared answer, or undefined when too many wait already. */
  async ask(key: string, fetch: () => Promise<T>): Promise<T | undefined> {
    if (this.#waiting >= this.#limits.all) return undefined;
    const flight = this.#flights.get(key) ?? this.#begin(key, fetch);
    if (flight.waiting >= this.#limits.each) return undefined;
    flight.waiting += 1;
    this.#waiting += 1;
    try {
      return await flight.answer;
    } finally {
      flight.waiting -= 1;
      this.#waiting -= 1;
    }
  }

  #begin(key: string, fetch: () => Promise<T>): Flight<T> {
    const flight = { answer: fetch().finally(() => this.#flights.delete(key)), waiting: 0 };
    this.#flights.set(key, flight);
    return flight;
  }
}
