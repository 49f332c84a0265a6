import type { SiteId } from '#model/id.ts';
import { type Admission, type AdmissionRule, type AwakeSite, admission } from './admission.ts';

export interface AdmissionWorld {
  readonly rule: AdmissionRule;
  readonly now: () => number;
  readonly availableBytes: () => Promise<number>;
  readonly awake: () => readonly AwakeSite[];
  /** Puts a site to sleep if nobody has come meanwhile. */
  readonly sleep: (site: SiteId) => Promise<void>;
}

/** Given back when the start is over, well or not. */
export type Place = { readonly leave: () => void };
/** How long one who comes may wait, ms: for others to have started, and for memory that somebody gives back. */
export type Patience = Readonly<Record<'turn' | 'memory', number>>;
export type Refused = { readonly refused: 'turn' | 'memory' };

/** While nothing else happens, memory that somebody gave back is noticed after this time. */
const LOOK_AGAIN_MS = 200;

/** Where starts wait for their turn, first come, first served, and with bounded patience. */
export class AdmissionQueue {
  readonly #world: AdmissionWorld;
  readonly #waiting = new Set<() => void>();
  #starting = 0;
  #startingBytes = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(world: AdmissionWorld) {
    this.#world = world;
  }

  /** How many look out for a change at the moment. */
  get waiting(): number {
    return this.#waiting.size;
  }

  async enter(neededBytes: number, patience: Patience): Promise<Place | Refused> {
    const from = this.#world.now();
    const mine = this.#turn.then(() => this.#wait(neededBytes, from, patience));
    this.#turn = mine.catch(() => undefined);
    return await mine;
  }

  async #wait(neededBytes: number, from: number, patience: Patience): Promise<Place | Refused> {
    for (;;) {
      const answer = await this.#ask(neededBytes);
      if (answer.admit === true) return this.#take(neededBytes);
      const now = this.#world.now();
      if (answer.admit === 'after') {
        for (const site of answer.sleep) await this.#world.sleep(site);
        if ((await this.#ask(neededBytes)).admit === true) return this.#take(neededBytes);
      }
      const reason = answer.admit === false ? answer.for : 'memory';
      const until = from + patience[reason];
      if (now >= until) return { refused: reason };
      await this.#change(Math.min(LOOK_AGAIN_MS, until - now));
    }
  }

  async #ask(neededBytes: number): Promise<Admission> {
    const { rule, now, availableBytes, awake } = this.#world;
    const room = {
      availableBytes: await availableBytes(),
      starting: this.#starting,
      startingBytes: this.#startingBytes,
      awake: awake(),
    };
    return admission(neededBytes, room, rule, now());
  }

  #take(bytes: number): Place {
    this.#starting += 1;
    this.#startingBytes += bytes;
    let left = false;
    return {
      leave: () => {
        if (left) return;
        left = true;
        this.#starting -= 1;
        this.#startingBytes -= bytes;
        for (const look of this.#waiting) look();
      },
    };
  }

  /** Resolves when a start is over, or after a while. */
  #change(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      const timer = setTimeout(look, ms);
      this.#waiting.add(look);
    });
  }
}
