import type { Baseline } from './baseline/baseline.ts';
import type { PodmanSide } from './baseline/podman-side.ts';
import { paired, type Spread, spread } from './measure/statistics.ts';
import type { NodeSide } from './node/node-side.ts';
import type { Stage } from './stage.ts';

export type Unit = 'requests/s' | 'mails/s' | 'ms' | 'bytes';

/** All samples of one contender, in the order in which they were taken. */
export interface Series {
  readonly name: string;
  readonly unit: Unit;
  readonly samples: readonly number[];
}

/** What is looked at: samples of one series, or two series pair by pair; and the middle of that. */
export interface Comparison extends Spread {
  readonly what: string;
  readonly kind: 'value' | 'ratio' | 'difference';
  readonly unit: Unit | 'times';
  /** What was set out to reach, in words, and whether this run did. */
  readonly goal?: { readonly text: string; readonly met: boolean };
}

export interface Finding {
  readonly series: readonly Series[];
  readonly comparisons: readonly Comparison[];
  /** What one must know to read the figures, and what could not be measured. */
  readonly notes: readonly string[];
  /** How often a quiet moment was waited for in vain. */
  readonly disturbed: number;
}

export interface Result extends Finding {
  readonly name: string;
  readonly title: string;
  /** Why there are no figures. */
  readonly skipped?: string;
  /** What went wrong. */
  readonly failed?: string;
  readonly seconds: number;
  /** One-minute load averages of the machine before and after. */
  readonly load: readonly [number, number];
}

/** What benchmarks work with. */
export interface Workshop {
  readonly stage: Stage;
  /** How long each turn waits for a quiet moment, milliseconds. */
  readonly patienceMs: number;
  /** A few samples only: whether it works, not how fast it is. */
  readonly quick: boolean;
  readonly signal: AbortSignal;
  /** The same software without containers; begun when it is asked for first. */
  readonly baseline: () => Promise<Baseline>;
  /** Podman with the image of a site; throws `Skip` where it does not work. Begun when it is asked for first. */
  readonly podman: () => Promise<PodmanSide>;
  /** A process in the node's namespaces; begun when it is asked for first. */
  readonly node: () => Promise<NodeSide>;
}

export interface Benchmark {
  readonly name: string;
  readonly title: string;
  readonly run: (workshop: Workshop, report: (text: string) => void) => Promise<Finding>;
}

/** Thrown by a benchmark that this machine, or the platform as it is, has no place for. */
export class Skip extends Error {}

interface Goal {
  readonly text: string;
  readonly holds: (median: number) => boolean;
}

/** The samples themselves. Pure. */
export function value(what: string, series: Series, goal?: Goal): Comparison {
  return comparison(what, 'value', series.unit, series.samples, goal);
}

/** How many times as much. Pure. */
export function ratio(what: string, ours: Series, theirs: Series, goal?: Goal): Comparison {
  const values = paired(ours.samples, theirs.samples, (our, their) => our / their);
  return comparison(what, 'ratio', 'times', values, goal);
}

/** How much more. Pure. */
export function difference(what: string, ours: Series, theirs: Series, goal?: Goal): Comparison {
  const values = paired(ours.samples, theirs.samples, (our, their) => our - their);
  return comparison(what, 'difference', ours.unit, values, goal);
}

function comparison(
  what: string,
  kind: Comparison['kind'],
  unit: Comparison['unit'],
  values: readonly number[],
  goal: Goal | undefined,
): Comparison {
  const middle = spread(values);
  const judged = goal === undefined ? {} : { goal: { text: goal.text, met: goal.holds(middle.median) } };
  return { what, kind, unit, ...middle, ...judged };
}
