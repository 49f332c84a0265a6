import type { Answer } from '../../api/routes.ts';

type Signals = Answer<'GET /v1/sites/:site/signals'>;

/** What the charts of a site draw, minute by minute. */
export interface Lines {
  /** Seconds since 1970. */
  readonly times: readonly number[];
  readonly requests: readonly number[];
  /** Milliseconds in which about 95 of 100 requests were answered. */
  readonly answerMs: readonly number[];
  readonly memory: readonly number[];
  /** Of one processor: 1 is all of it. */
  readonly processor: readonly number[];
  /** Requests that were answered with 5xx, in all. */
  readonly failed: number;
}

/** Pure. */
export function lineOf({ items, latencyBoundsMs }: Signals): Lines {
  return {
    times: items.map(({ from }) => Date.parse(from) / 1000),
    requests: items.map(({ requests, seconds }) => Math.round((requests * 60) / Math.max(seconds, 1))),
    answerMs: items.map(({ latency }) => percentile(latency, latencyBoundsMs, 0.95)),
    memory: items.map(({ memoryBytesPeak }) => memoryBytesPeak),
    processor: items.map(({ cpuMilliseconds, seconds }) => cpuMilliseconds / 1000 / Math.max(seconds, 1)),
    failed: items.reduce((sum, { status5xx }) => sum + status5xx, 0),
  };
}

/**
 * About the time below which that share of all lies: within the span that it falls into, as if the span were evenly filled.
 * 0 when there is none; what is beyond the last bound counts as it. Pure.
 */
export function percentile(counts: readonly number[], bounds: readonly number[], share: number): number {
  const wanted = counts.reduce((sum, count) => sum + count, 0) * share;
  if (wanted === 0) return 0;
  let below = 0;
  for (const [index, count] of counts.entries()) {
    const low = bounds[index - 1] ?? 0;
    const high = bounds[index] ?? low;
    if (below + count >= wanted) return Math.round(low + ((high - low) * (wanted - below)) / count);
    below += count;
  }
  return bounds.at(-1) ?? 0;
}

/** Pure. */
export function latest(values: readonly number[]): number {
  return values.at(-1) ?? 0;
}

/** Pure. */
export function highest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}
