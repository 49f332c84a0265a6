import type { ServiceReport } from '#contract/agent/messages.ts';
import type { InstanceId } from '#model/id.ts';
import { type BackoffRule, backoffMs } from '../node/backoff.ts';
import type { ServiceInstanceRecord } from '../node/ledger.ts';

export type State = 'none' | 'starting' | 'ready';

export interface Tracked {
  readonly state: State;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly deaths: number;
  /** Not started again before this time. */
  readonly notBefore: number;
  /** Why it does not run; undefined when nobody knows of a reason. */
  readonly reason: string | undefined;
}

const UNKNOWN: Tracked = { state: 'none', since: 0, deaths: 0, notBefore: 0, reason: undefined };
const RESTART: BackoffRule = { firstMs: 500, factor: 2, maxMs: 60_000, jitter: 0.2 };
/** A service that ran this long did not fail to start. */
const SETTLED_MS = 60_000;

/** What is known of the service instances since the agent's start. */
export class ServiceStates {
  readonly #tracked = new Map<InstanceId, Tracked>();
  readonly #now: () => number;
  readonly #chance: () => number;

  constructor(now: () => number, chance: () => number) {
    this.#now = now;
    this.#chance = chance;
  }

  of(id: InstanceId): Tracked {
    return this.#tracked.get(id) ?? UNKNOWN;
  }

  become(id: InstanceId, state: State, reason: string | undefined): void {
    this.#tracked.set(id, { ...this.of(id), state, since: this.#now(), reason });
  }

  /** It ended by itself; returns for how long it is left alone, the longer the more often that happens. */
  died(id: InstanceId, reason: string): { readonly deaths: number; readonly waitMs: number } {
    const now = this.#now();
    const { since, deaths: before } = this.of(id);
    const deaths = now - since >= SETTLED_MS ? 1 : before + 1;
    const waitMs = backoffMs(deaths, RESTART, this.#chance());
    this.#tracked.set(id, { state: 'none', since: now, deaths, notBefore: now + waitMs, reason });
    return { deaths, waitMs };
  }

  forget(id: InstanceId): void {
    this.#tracked.delete(id);
  }

  /** `isPublished`: ready alone is not enough, visitors have to be led to it. */
  report({ id, kind, image }: ServiceInstanceRecord, isPublished: boolean): ServiceReport {
    const { state, reason } = this.of(id);
    const isServing = state === 'ready' && isPublished;
    const shown = isServing ? 'running' : state === 'none' && reason !== undefined ? 'failed' : 'starting';
    const why = shown === 'failed' && reason !== undefined ? { reason } : {};
    return { kind, instance: id, image, state: shown, ...why };
  }
}
