/** How many messages may be under way at once: in all, and for one forwarder. Who comes too late waits, but not long. */
export interface SlotLimits {
  readonly all: number;
  readonly each: number;
  /** Waiting ones in all; more are refused at once. */
  readonly waiting: number;
  readonly waitMs: number;
}

interface Waiter {
  readonly key: string;
  readonly start: () => void;
}

/** First come, first served within a key; a key that is full does not hold up the others. */
export class Slots {
  readonly #limits: SlotLimits;
  readonly #running = new Map<string, number>();
  readonly #waiters = new Set<Waiter>();
  #all = 0;

  constructor(limits: SlotLimits) {
    this.#limits = limits;
  }

  /** The function that gives the slot back (once), or undefined when none became free in time. */
  async take(key: string): Promise<(() => void) | undefined> {
    if (this.#isFree(key)) this.#count(key, 1);
    else if (!(await this.#wait(key))) return undefined;
    return this.#givingBack(key);
  }

  #isFree(key: string): boolean {
    return this.#all < this.#limits.all && (this.#running.get(key) ?? 0) < this.#limits.each;
  }

  async #wait(key: string): Promise<boolean> {
    if (this.#waiters.size >= this.#limits.waiting) return false;
    return await new Promise((resolve) => {
      const waiter: Waiter = {
        key,
        start: () => {
          clearTimeout(timer);
          this.#waiters.delete(waiter);
          this.#count(key, 1);
          resolve(true);
        },
      };
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        resolve(false);
      }, this.#limits.waitMs);
      this.#waiters.add(waiter);
    });
  }

  #givingBack(key: string): () => void {
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#count(key, -1);
      this.#startWaiting();
    };
  }

  #startWaiting(): void {
    for (const waiter of this.#waiters) {
      if (this.#all >= this.#limits.all) return;
      if (this.#isFree(waiter.key)) waiter.start();
    }
  }

  #count(key: string, change: 1 | -1): void {
    this.#all += change;
    const running = (this.#running.get(key) ?? 0) + change;
    if (running === 0) this.#running.delete(key);
    else this.#running.set(key, running);
  }
}
