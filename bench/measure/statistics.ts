/** Quantiles and ratios of samples. Pure. */

/** The middle of the samples; of an even number the mean of the two in the middle. NaN of none. */
export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** The value below which the share `q` (0 to 1) of the samples lies, interpolated between neighbours. NaN of none. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * q;
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? Number.NaN;
  return low + (high - low) * (place - Math.floor(place));
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spread(samples: readonly number[]): Spread {
  return { median: median(samples), min: Math.min(...samples), max: Math.max(...samples) };
}

/**
 * `combine` of the samples that were taken right after each other: what disturbs the machine for a while disturbs both of
 * a pair. Throws RangeError when there is not one for one.
 */
export function paired(
  ours: readonly number[],
  theirs: readonly number[],
  combine: (our: number, their: number) => number,
): number[] {
  if (ours.length !== theirs.length) throw new RangeError(`${ours.length} samples and ${theirs.length} are no pairs`);
  return ours.map((our, index) => combine(our, theirs[index] ?? Number.NaN));
}
