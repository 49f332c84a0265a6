/** How many messages may be under way at once. Who comes too late waits, but not long. */
export interface SlotLimits {
  readonly all: number;
  /** For one site. */
  readonly each: number;
  /** The last ones of `all`: only for sites that hold none. */
  readonly keptFree: number;
  /** Waiting ones in all; more are refused at once. */
  readonly waiting: number;
  /** Waiting ones of one site. */
  readonly waitingEach: number;
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
  readonly #waiting = new Map<string, number>();
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
    const { all, each, keptFree } = this.#limits;
    const held = this.#running.get(key) ?? 0;
    return held < each && this.#all < (held === 0 ? all : all - keptFree);
  }

  async #wait(key: string): Promise<boolean> {
    const { waiting, waitingEach, waitMs } = this.#limits;
    if (this.#waiters.size >= waiting || (this.#waiting.get(key) ?? 0) >= waitingEach) return false;
    return await new Promise((resolve) => {
      const end = (started: boolean) => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        add(this.#waiting, key, -1);
        resolve(started);
      };
      const waiter: Waiter = {
        key,
        start: () => {
          this.#count(key, 1);
          end(true);
        },
      };
      const timer = setTimeout(() => end(false), waitMs);
      this.#waiters.add(waiter);
      add(this.#waiting, key, 1);
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
    add(this.#running, key, change);
  }
}

function add(counts: Map<string, number>, key: string, change: 1 | -1): void {
  const count = (counts.get(key) ?? 0) + change;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
