import type { Logger } from 'pino';
import { HofjeError } from '#model/error.ts';
import { type BackoffRule, backoffMs } from './backoff.ts';
import { type Complaint, type Decision, earliest } from './decision.ts';

/** What the reconciler needs of the node. */
export interface Reconciled<A> {
  /** Undefined while there is no desired state to go by. */
  readonly decide: (now: number) => Decision<A> | undefined;
  /** Actions with the same key are done one after the other; others side by side. */
  readonly keyOf: (action: A) => string;
  readonly nameOf: (action: A) => string;
  /** Entries in the ledger: all of one decision are made at once, before anything else. */
  readonly isAdmission: (action: A) => boolean;
  readonly admit: (actions: readonly A[]) => Promise<void>;
  readonly perform: (action: A) => Promise<void>;
  /** A decision was made; `waiting`: keys whose actions are under way or wait for a repetition. */
  readonly decided: (decision: Decision<A>, waiting: ReadonlySet<string>) => void;
  readonly complain: (complaints: readonly Complaint[]) => void;
  readonly now: () => number;
  readonly chance: () => number;
  readonly log: Logger;
}

const RETRY: BackoffRule = { firstMs: 200, factor: 2, maxMs: 60_000, jitter: 0.2 };
/** A single failure may be a race with a change; it becomes an alarm when it repeats. */
const FAILURES_QUIET = 2;
const AT_THE_SAME_TIME = 8;
/** Even if nothing happens, what is must be compared with what should be. */
const LOOK_AGAIN_MS = 30_000;

interface Failure {
  readonly count: number;
  readonly retryAt: number;
  readonly message: string;
}

/**
 * Decides whenever something has changed, and does what was decided, each key by itself: a site that takes long holds up
 * no other. What fails is repeated with growing pauses, for ever.
 */
export class Reconciler<A> {
  readonly #world: Reconciled<A>;
  readonly #busy = new Set<string>();
  readonly #failures = new Map<string, Failure>();
  #timer: NodeJS.Timeout | undefined;
  #isDeciding = false;
  #isPoked = false;
  #isStopped = false;

  constructor(world: Reconciled<A>) {
    this.#world = world;
  }

  /** Something has changed. */
  poke(): void {
    this.#isPoked = true;
    if (!this.#isDeciding && !this.#isStopped) queueMicrotask(() => void this.#round());
  }

  /** Whatever kept actions from succeeding is different now: all may be tried at once. */
  retryNow(): void {
    for (const [key, failure] of this.#failures) this.#failures.set(key, { ...failure, retryAt: 0 });
    this.poke();
  }

  /** Begins nothing new, and waits for what is under way. */
  async stop(withinMs: number): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    const until = this.#world.now() + withinMs;
    while (this.#busy.size > 0 && this.#world.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  async #round(): Promise<void> {
    if (this.#isDeciding || this.#isStopped) return;
    this.#isDeciding = true;
    try {
      while (this.#isPoked && !this.#isStopped) {
        this.#isPoked = false;
        await this.#decideOnce();
      }
    } catch (err) {
      this.#world.log.error({ event: 'reconcile.defect', err });
    } finally {
      this.#isDeciding = false;
    }
  }

  async #decideOnce(): Promise<void> {
    const { decide, keyOf, isAdmission, admit, decided, now } = this.#world;
    const decision = decide(now());
    if (decision === undefined) return;
    const admissions = decision.actions.filter(isAdmission);
    if (admissions.length > 0) {
      await admit(admissions);
      this.#isPoked = true;
      return;
    }
    const groups = Map.groupBy(decision.actions, keyOf);
    // While a key is busy, its actions may well not be named: that is no success yet.
    for (const key of this.#failures.keys()) if (!groups.has(key) && !this.#busy.has(key)) this.#failures.delete(key);
    decided(decision, new Set([...this.#busy, ...groups.keys()]));
    this.#world.complain([...decision.alarms, ...this.#complaints()]);
    for (const [key, actions] of groups) this.#begin(key, actions);
    this.#lookAgain(decision.again);
  }

  #begin(key: string, actions: readonly A[]): void {
    if (this.#busy.has(key) || this.#busy.size >= AT_THE_SAME_TIME) return;
    if ((this.#failures.get(key)?.retryAt ?? 0) > this.#world.now()) return;
    this.#busy.add(key);
    void this.#perform(key, actions).finally(() => {
      this.#busy.delete(key);
      this.poke();
    });
  }

  async #perform(key: string, actions: readonly A[]): Promise<void> {
    const { perform, nameOf, log, now } = this.#world;
    for (const action of actions) {
      const from = now();
      try {
        await perform(action);
        log.info({ event: 'done', action: nameOf(action), of: key, milliseconds: now() - from });
      } catch (err) {
        this.#failed(key, action, err);
        return;
      }
    }
    this.#failures.delete(key);
  }

  #failed(key: string, action: A, err: unknown): void {
    const { nameOf, log, now, chance } = this.#world;
    const count = (this.#failures.get(key)?.count ?? 0) + 1;
    const waitMs = backoffMs(count, RETRY, chance());
    const why = err instanceof HofjeError ? err.message : 'an unexpected error, see the log of the agent';
    const message = `${nameOf(action)} of ${key} fails: ${why}`;
    this.#failures.set(key, { count, retryAt: now() + waitMs, message });
    log.warn({ event: 'failed', action: nameOf(action), of: key, count, waitMs, err });
  }

  #complaints(): readonly Complaint[] {
    return [...this.#failures.values()]
      .filter(({ count }) => count > FAILURES_QUIET)
      .map(({ message }) => ({ code: 'reconcile.failing', message }));
  }

  #lookAgain(again: number | undefined): void {
    const now = this.#world.now();
    const retries = [...this.#failures.values()].map(({ retryAt }) => retryAt);
    const next = earliest([again, now + LOOK_AGAIN_MS, ...retries]) ?? now;
    clearTimeout(this.#timer);
    if (!this.#isStopped) this.#timer = setTimeout(() => this.poke(), Math.max(1, next - now));
  }
}
