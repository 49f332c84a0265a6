/** One of those that are measured against each other. */
export interface Contender {
  readonly name: string;
  /** Takes one sample. */
  readonly measure: () => Promise<number>;
}

export interface RoundsOptions {
  /** Samples of each contender that are thrown away: caches and workers are cold. */
  readonly warmUp: number;
  readonly rounds: number;
  readonly report: (text: string) => void;
  /** Ends the measurement between two samples. */
  readonly signal: AbortSignal;
}

/**
 * Measures A B C A B C ...: what happens to the machine meanwhile happens to all of them. Gives the samples of each
 * contender, the n-th of all taken in the n-th round.
 */
export async function measureInTurns(
  contenders: readonly Contender[],
  options: RoundsOptions,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const { warmUp, rounds, report, signal } = options;
  const samples = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = -warmUp; round < rounds; round++) {
    for (const { name, measure } of contenders) {
      signal.throwIfAborted();
      report(round < 0 ? `warming up: ${name}` : `round ${round + 1} of ${rounds}: ${name}`);
      const sample = await measure();
      if (round >= 0) samples.get(name)?.push(sample);
    }
  }
  return samples;
}
