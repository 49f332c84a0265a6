import type { SiteState } from '#model/site/state.ts';
import { type BackoffRule, backoffMs } from '../node/backoff.ts';

/**
 * The life of a site on its node. A site is in exactly one of these states; every change goes through a function below,
 * which says from where it may come.
 *
 *     asleep --begin--> starting --ready--> running --rest--> stopping --stopped--> asleep
 *                          |                   |
 *                          +--failed--> failed |   (failed --begin--> starting, not before `retryAt`)
 *                                              +--died--> asleep, or failed when it keeps dying
 *                                              +--ended--> asleep
 *     any --suspend--> suspended --resume--> asleep
 */
export type Life =
  | { readonly state: 'asleep'; readonly failures: number; readonly note: string | undefined }
  | { readonly state: 'starting'; readonly since: number; readonly failures: number }
  | { readonly state: 'running'; readonly since: number; readonly failures: number }
  | { readonly state: 'stopping'; readonly since: number }
  | { readonly state: 'suspended'; readonly because: 'suspended' | 'deleted' }
  | { readonly state: 'failed'; readonly reason: string; readonly failures: number; readonly retryAt: number };

export const ASLEEP: Life = { state: 'asleep', failures: 0, note: undefined };

export const START_BACKOFF: BackoffRule = { firstMs: 2000, factor: 2, maxMs: 5 * 60_000, jitter: 0.2 };
/** A container that lived this long did not fail to start, whatever ended it later. */
export const SETTLED_MS = 60_000;
/** Ends shortly after the start that are forgiven before the site counts as failed. */
const EARLY_DEATHS = 2;

/** Whether a start may begin now; if not, why and for how long. */
export type Readiness =
  | { readonly may: true }
  | { readonly may: false; readonly reason: string; readonly retryAfterMs: number };

export function mayBegin(life: Life, now: number): Readiness {
  if (life.state === 'suspended') return { may: false, reason: life.because, retryAfterMs: 3_600_000 };
  if (life.state === 'failed' && now < life.retryAt) {
    return { may: false, reason: life.reason, retryAfterMs: life.retryAt - now };
  }
  return { may: true };
}

export function begin(life: Life, now: number): Life {
  if (life.state === 'asleep') return { state: 'starting', since: now, failures: life.failures };
  if (life.state === 'failed' && now >= life.retryAt) return { state: 'starting', since: now, failures: life.failures };
  throw impossible('begin', life);
}

export function ready(life: Life, now: number): Life {
  if (life.state !== 'starting') throw impossible('become ready', life);
  return { state: 'running', since: now, failures: life.failures };
}

/** Found alive by a new agent. */
export function adopted(life: Life, now: number): Life {
  if (life.state !== 'asleep') throw impossible('be adopted', life);
  return { state: 'running', since: now, failures: 0 };
}

/** `reason` is read by the owner: neutral, no paths of the machine. */
export function failed(life: Life, reason: string, now: number, chance: number): Life {
  if (life.state !== 'starting') throw impossible('fail to start', life);
  const failures = life.failures + 1;
  return { state: 'failed', reason, failures, retryAt: now + backoffMs(failures, START_BACKOFF, chance) };
}

/** The start was not tried at all (no room): nothing counts against the site. */
export function refused(life: Life): Life {
  if (life.state !== 'starting') throw impossible('be refused', life);
  return { state: 'asleep', failures: life.failures, note: undefined };
}

export function died(life: Life, reason: string, now: number, chance: number): Life {
  if (life.state !== 'running') throw impossible('die', life);
  if (now - life.since >= SETTLED_MS) return { state: 'asleep', failures: 0, note: reason };
  const failures = life.failures + 1;
  if (failures <= EARLY_DEATHS) return { state: 'asleep', failures, note: reason };
  return { state: 'failed', reason, failures, retryAt: now + backoffMs(failures, START_BACKOFF, chance) };
}

/** We ended it because it was stuck: that it had started counts. */
export function ended(life: Life, reason: string): Life {
  if (life.state !== 'running') throw impossible('be ended', life);
  return { state: 'asleep', failures: 0, note: reason };
}

export function rest(life: Life, now: number): Life {
  if (life.state !== 'running') throw impossible('go to sleep', life);
  return { state: 'stopping', since: now };
}

/** Somebody came while the site was about to be stopped, or it could not be stopped. */
export function stay(life: Life, now: number): Life {
  if (life.state !== 'stopping') throw impossible('stay awake', life);
  return { state: 'running', since: now, failures: 0 };
}

export function stopped(life: Life): Life {
  if (life.state !== 'stopping') throw impossible('be stopped', life);
  return ASLEEP;
}

export function suspended(because: 'suspended' | 'deleted'): Life {
  return { state: 'suspended', because };
}

export function resumed(life: Life): Life {
  if (life.state !== 'suspended') throw impossible('be resumed', life);
  return ASLEEP;
}

/** What is reported: `stopping` still answers, by waking again. */
export function reportedState(life: Life): SiteState {
  return life.state === 'stopping' ? 'running' : life.state;
}

export function reportedReason(life: Life): string | undefined {
  switch (life.state) {
    case 'failed':
      return life.reason;
    case 'asleep':
      return life.note;
    case 'suspended':
      return life.because === 'deleted' ? 'deleted, may be restored' : undefined;
    case 'starting':
    case 'running':
    case 'stopping':
      return undefined;
  }
}

function impossible(what: string, life: Life): RangeError {
  return new RangeError(`a site that is ${life.state} cannot ${what}`);
}
