import type { SiteId } from '#model/id.ts';

/** What keeps a wave of wakes from taking memory and processor away from those that run. */
export interface AdmissionRule {
  /** Memory of the machine that no start may touch. */
  readonly reserveBytes: number;
  /** What all sites together may use; absent: whatever the machine has. */
  readonly sitesBytesMax: number | undefined;
  /** Containers that may be starting at the same time. */
  readonly startsMax: number;
}

export interface Room {
  /** What the kernel says is available (MemAvailable). */
  readonly availableBytes: number;
  /** Sites that are starting: how many, and what they are still going to take. */
  readonly starting: number;
  readonly startingBytes: number;
  readonly awake: readonly AwakeSite[];
}

export interface AwakeSite {
  readonly id: SiteId;
  readonly memoryBytes: number;
  /** Since when nobody has asked for it; undefined while somebody does. */
  readonly idleSince: number | undefined;
}

export type Admission =
  | { readonly admit: true }
  /** These are to sleep first; then ask again. */
  | { readonly admit: 'after'; readonly sleep: readonly SiteId[] }
  /** `turn`: too many start at the moment; `memory`: nobody can make room. */
  | { readonly admit: false; readonly for: 'turn' | 'memory' };

/** A site that served a moment ago is not put to sleep for another one: they would only take turns. */
const IDLE_AT_LEAST_MS = 5000;

/** May a site that will take about `neededBytes` start now? The longest idle ones make room. Pure. */
export function admission(neededBytes: number, room: Room, rule: AdmissionRule, now: number): Admission {
  if (room.starting >= rule.startsMax) return { admit: false, for: 'turn' };
  let missing = missingBytes(neededBytes, room, rule);
  if (missing <= 0) return { admit: true };
  const sleep: SiteId[] = [];
  for (const site of idleOnes(room, now)) {
    sleep.push(site.id);
    missing -= site.memoryBytes;
    if (missing <= 0) return { admit: 'after', sleep };
  }
  return { admit: false, for: 'memory' };
}

function missingBytes(neededBytes: number, room: Room, rule: AdmissionRule): number {
  const ofMachine = rule.reserveBytes + room.startingBytes + neededBytes - room.availableBytes;
  if (rule.sitesBytesMax === undefined) return ofMachine;
  const used = room.awake.reduce((sum, site) => sum + site.memoryBytes, room.startingBytes);
  return Math.max(ofMachine, used + neededBytes - rule.sitesBytesMax);
}

function idleOnes(room: Room, now: number): readonly AwakeSite[] {
  const idle = room.awake.filter((site) => site.idleSince !== undefined && now - site.idleSince >= IDLE_AT_LEAST_MS);
  return idle.sort((a, b) => (a.idleSince ?? now) - (b.idleSince ?? now));
}
