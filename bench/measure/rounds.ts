import { setTimeout as pause } from 'node:timers/promises';
import { quietMoment } from './quiet.ts';

/** One of those that are measured against each other. */
export interface Contender {
  readonly name: string;
  /** Takes one sample. */
  readonly measure: () => Promise<number>;
}

/** Short turns follow each other without a look in between: a machine that has just been idle is slow. */
const LOOK_AGAIN_MS = 5000;

export interface RoundsOptions {
  /** Samples of each contender that are thrown away: caches and workers are cold. */
  readonly warmUp: number;
  readonly rounds: number;
  readonly report: (text: string) => void;
  /** Milliseconds that a turn waits for a moment in which nobody else is busy. */
  readonly patienceMs: number;
  /** Milliseconds before each sample in which the last one's aftermath may pass. */
  readonly settleMs: number;
  /** Ends the measurement between two samples. */
  readonly signal: AbortSignal;
}

export interface Measured {
  readonly samplesOf: (name: string) => readonly number[];
  readonly disturbed: number;
}

/**
 * Measures A B C A B C ...: what happens to the machine meanwhile happens to all of them. Gives the samples of each
 * contender, the n-th of all taken in the n-th round, and how often the machine was busy with others.
 */
export async function measureInTurns(contenders: readonly Contender[], options: RoundsOptions): Promise<Measured> {
  const { warmUp, rounds, report, patienceMs, settleMs, signal } = options;
  let disturbed = 0;
  let lookAt = 0;
  const samples = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = -warmUp; round < rounds; round++) {
    signal.throwIfAborted();
    if (round >= 0 && patienceMs > 0 && performance.now() > lookAt) {
      report(`round ${round + 1} of ${rounds}: waiting for a quiet moment`);
      if (!(await quietMoment({ ms: patienceMs, signal }))) disturbed += 1;
      lookAt = performance.now() + LOOK_AGAIN_MS;
    }
    for (const { name, measure } of contenders) {
      signal.throwIfAborted();
      report(round < 0 ? `warming up: ${name}` : `round ${round + 1} of ${rounds}: ${name}`);
      if (settleMs > 0) await pause(settleMs, undefined, { signal });
      const sample = await measure();
      if (round >= 0) samples.get(name)?.push(sample);
    }
  }
  return { samplesOf: (name) => samples.get(name) ?? [], disturbed };
}
