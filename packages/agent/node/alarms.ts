import type { Alarm } from '#contract/agent/messages.ts';
import type { Complaint } from './decision.ts';

/** More would only hide the first ones. */
const ALARMS_MAX = 200;

/** The alarms that stand, and since when. Each source says everything it has to complain about, each time. */
export class AlarmBook {
  readonly #bySource = new Map<string, ReadonlyMap<string, Alarm>>();
  readonly #now: () => number;
  readonly #changed: (raised: readonly Alarm[], ended: readonly Alarm[]) => void;

  constructor(now: () => number, changed: (raised: readonly Alarm[], ended: readonly Alarm[]) => void) {
    this.#now = now;
    this.#changed = changed;
  }

  /** What this source complains about from now on; an empty list ends all its alarms. */
  set(source: string, complaints: readonly Complaint[]): void {
    const before = this.#bySource.get(source) ?? new Map<string, Alarm>();
    const after = merge(before, complaints, this.#now());
    this.#bySource.set(source, after);
    const raised = [...after].filter(([key]) => !before.has(key)).map(([, alarm]) => alarm);
    const ended = [...before].filter(([key]) => !after.has(key)).map(([, alarm]) => alarm);
    if (raised.length > 0 || ended.length > 0) this.#changed(raised, ended);
  }

  list(): readonly Alarm[] {
    const all = [...this.#bySource.values()].flatMap((alarms) => [...alarms.values()]);
    return all.sort((a, b) => a.since - b.since).slice(0, ALARMS_MAX);
  }
}

/** An alarm that goes on keeps its beginning. Pure. */
function merge(
  before: ReadonlyMap<string, Alarm>,
  complaints: readonly Complaint[],
  now: number,
): ReadonlyMap<string, Alarm> {
  return new Map(
    complaints.map((complaint) => {
      const key = `${complaint.code} ${complaint.message}`;
      return [key, before.get(key) ?? { code: complaint.code, message: complaint.message, since: now }];
    }),
  );
}
