/** What a decision says: what to do now, what to complain about, and when to look again although nothing happens. */
export interface Decision<A> {
  readonly actions: readonly A[];
  readonly alarms: readonly Complaint[];
  /** Milliseconds since 1970. */
  readonly again: number | undefined;
}

/** An alarm as a decision raises it; since when it stands is added by `alarms.ts`. */
export interface Complaint {
  readonly code: string;
  readonly message: string;
}

export const NOTHING: Decision<never> = { actions: [], alarms: [], again: undefined };

export function combine<A>(decisions: readonly Decision<A>[]): Decision<A> {
  return {
    actions: decisions.flatMap((one) => one.actions),
    alarms: decisions.flatMap((one) => one.alarms),
    again: earliest(decisions.map((one) => one.again)),
  };
}

export function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
