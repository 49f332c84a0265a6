/** Who wants something of a site: requests that the edge has seen, and entries that run or are about to. */
export class Activity {
  readonly #now: () => number;
  /** By what they hold: an instance, or that one is awake at all. */
  readonly #entries = new Map<string, number>();
  #openRequests = 0;
  #last: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#last = now();
  }

  get hasEntries(): boolean {
    return this.#entries.size > 0;
  }

  /** Since when nobody wanted anything; undefined while somebody does. */
  get idleSince(): number | undefined {
    return this.hasEntries || this.#openRequests > 0 ? undefined : this.#last;
  }

  entriesOf(what: string): number {
    return this.#entries.get(what) ?? 0;
  }

  /** Somebody wants something now. */
  note(): void {
    this.#noteAt(this.#now());
  }

  /** What the edge has seen. */
  noteRequests(open: number, lastActivity: number): void {
    this.#openRequests = open;
    // A clock that goes ahead would keep it awake for ever.
    this.#noteAt(Math.min(lastActivity, this.#now()));
  }

  /** One more entry, until the function that is returned is called. */
  hold(what: string): () => void {
    this.#entries.set(what, this.entriesOf(what) + 1);
    return () => {
      const left = this.entriesOf(what) - 1;
      if (left > 0) this.#entries.set(what, left);
      else this.#entries.delete(what);
      this.note();
    };
  }

  #noteAt(at: number): void {
    this.#last = Math.max(this.#last, at);
  }
}
