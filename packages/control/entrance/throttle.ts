/** How often somebody may be wrong. Pure: what is remembered of one key goes in, what is remembered next comes out. */

export interface Throttle {
  readonly failures: number;
  readonly windowStartedAt: Date;
  readonly blockedUntil: Date | null;
}

export interface ThrottleLimit {
  /** Tries that are free within a window. */
  readonly free: number;
  readonly windowMs: number;
  /** How long the first try too many blocks; each further one twice as long as the one before. */
  readonly blockMs: number;
  readonly blockMaxMs: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export const LIMITS = {
  /** A network address, whomever it tries. Many people may stand behind one. */
  address: { free: 30, windowMs: 15 * MINUTE, blockMs: MINUTE, blockMaxMs: 15 * MINUTE },
  /** An e-mail address, wherever it is tried from; never asked of a device that has logged in before. */
  person: { free: 10, windowMs: HOUR, blockMs: MINUTE, blockMaxMs: HOUR },
  /** A device on which the person has logged in before. */
  device: { free: 10, windowMs: 15 * MINUTE, blockMs: MINUTE, blockMaxMs: 15 * MINUTE },
  /** Second steps of a person: whoever comes here knows the password, and a code has a million values. */
  second: { free: 5, windowMs: 24 * HOUR, blockMs: MINUTE, blockMaxMs: 6 * HOUR },
  /** Wrong tokens and links from a network address. */
  token: { free: 60, windowMs: 15 * MINUTE, blockMs: MINUTE, blockMaxMs: 15 * MINUTE },
  /** Things that cost something and are asked without being anybody. */
  asking: { free: 60, windowMs: 15 * MINUTE, blockMs: MINUTE, blockMaxMs: 15 * MINUTE },
  /** Mails to one person. */
  mail: { free: 3, windowMs: HOUR, blockMs: 10 * MINUTE, blockMaxMs: HOUR },
} as const satisfies Record<string, ThrottleLimit>;

export type ThrottleKind = keyof typeof LIMITS;

/** Milliseconds for which a key is still blocked; 0 when it is not. */
export function blockedMs(state: Throttle | undefined, now: Date): number {
  return Math.max(0, (state?.blockedUntil?.getTime() ?? 0) - now.getTime());
}

/** What is remembered after one more try that was not right (or may turn out not to be). */
export function afterTry(state: Throttle | undefined, now: Date, limit: ThrottleLimit): Throttle {
  const fresh = state === undefined || isForgotten(state, now, limit);
  const windowStartedAt = fresh ? now : state.windowStartedAt;
  const failures = (fresh ? 0 : state.failures) + 1;
  const over = failures - limit.free;
  const blockMs = Math.min(limit.blockMs * 2 ** Math.min(over, 30), limit.blockMaxMs);
  return { failures, windowStartedAt, blockedUntil: over < 0 ? null : new Date(now.getTime() + blockMs) };
}

/**
 * What is remembered when a try turns out to have been right: it does not count. A block that others' tries have brought
 * stays, or somebody who is right for himself could lift it for his guesses at others.
 */
export function withoutTry(state: Throttle, limit: ThrottleLimit): Throttle {
  const failures = Math.max(0, state.failures - 1);
  return { ...state, failures, blockedUntil: failures < limit.free ? null : state.blockedUntil };
}

/** A window that has passed, and no block that goes on. */
function isForgotten(state: Throttle, now: Date, limit: ThrottleLimit): boolean {
  const over = state.windowStartedAt.getTime() + limit.windowMs <= now.getTime();
  return over && blockedMs(state, now) === 0;
}
