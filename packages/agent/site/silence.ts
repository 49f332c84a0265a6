import type { InstanceId } from '#model/id.ts';

/**
 * A running site that did not answer the node. That alone is no reason to end it: whoever keeps all its workers busy from
 * outside brings that about. One that says nothing for long and does nothing either is stuck.
 */
export interface Silence {
  readonly instance: InstanceId;
  /** How often in a row it did not answer. */
  readonly times: number;
  readonly since: number;
  readonly last: number;
  /** Processor time of its group when the silence began. */
  readonly cpuMs: number;
}

export interface Unanswered {
  readonly instance: InstanceId;
  readonly now: number;
  readonly cpuMs: number;
}

const STUCK_TIMES = 3;
const STUCK_MS = 60_000;
/** Without a question for this long, nobody knows whether it was silent all the while. */
const FORGOTTEN_MS = 300_000;
/** Of one processor: above what a waiting Apache and PHP-FPM use, which look around once a second. */
const WORKING_SHARE = 0.01;

export function unanswered(before: Silence | undefined, { instance, now, cpuMs }: Unanswered): Silence {
  const isSame = before !== undefined && before.instance === instance && now - before.last <= FORGOTTEN_MS;
  if (!isSame || works(before, now, cpuMs)) return { instance, times: 1, since: now, last: now, cpuMs };
  return { ...before, times: before.times + 1, last: now };
}

export function isStuck({ times, since, last }: Silence): boolean {
  return times >= STUCK_TIMES && last - since >= STUCK_MS;
}

function works({ since, cpuMs }: Silence, now: number, cpuMsNow: number): boolean {
  return cpuMsNow - cpuMs > (now - since) * WORKING_SHARE;
}
