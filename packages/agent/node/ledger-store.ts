import type { Ledger } from './ledger.ts';
import { writeLedger } from './ledger-file.ts';

/** The ledger while the agent runs: whatever is decided by it was stored before. */
export class LedgerStore {
  readonly #path: string;
  #ledger: Ledger;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(path: string, ledger: Ledger) {
    this.#path = path;
    this.#ledger = ledger;
  }

  get ledger(): Ledger {
    return this.#ledger;
  }

  /** Changes one after the other; the result is on the disk when this returns, or nothing has changed. */
  async change(work: (ledger: Ledger) => Ledger): Promise<Ledger> {
    const mine = this.#turn.then(async () => {
      const changed = work(this.#ledger);
      if (changed !== this.#ledger) await writeLedger(this.#path, changed);
      this.#ledger = changed;
      return changed;
    });
    this.#turn = mine.catch(() => undefined);
    return await mine;
  }
}
