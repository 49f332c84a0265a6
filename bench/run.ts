import { join } from 'node:path';
import { withLock } from '#images/machine-lock.ts';
import { HofjeError } from '#model/error.ts';
import { down } from '#platform/down/down.ts';
import { installPackages, TEST_PACKAGES } from '#platform/packages.ts';
import { step } from '#platform/progress/progress.ts';
import { readStatus } from '#platform/status.ts';
import { type UpOptions, up } from '#platform/up/up.ts';
import { type Benchmark, type Finding, type Result, Skip } from './benchmark.ts';
import { BENCHMARKS } from './catalogue.ts';
import { describeMachine, load, type Machine } from './machine.ts';
import { Stage } from './stage.ts';
import { openWorkshop } from './workshop.ts';

/** A machine that others use too has its quiet moments. */
const PATIENCE_MS = 20_000;

export interface BenchOptions extends UpOptions {
  /** Of the benchmarks to run; all where none is named. */
  readonly names: readonly string[];
  readonly quick: boolean;
  /** Ends the measurements; everything is cleared away all the same. */
  readonly signal: AbortSignal;
}

export interface BenchReport {
  readonly machine: Machine;
  readonly quick: boolean;
  readonly results: readonly Result[];
}

/**
 * Measures the installation in `folders` side by side with the same software without it. The platform is set up for that
 * where it does not run, and taken down again then; nothing that was made for a benchmark is left. A benchmark that fails
 * leaves the others their figures.
 */
export async function runBenchmarks(options: BenchOptions): Promise<BenchReport> {
  const { folders, progress, quick } = options;
  const benchmarks = chosen(options.names);
  const { state } = await readStatus(folders);
  await step(progress, { step: 'bench-packages', title: 'Packages for measuring' }, async (detail) => {
    await installPackages([...TEST_PACKAGES, 'podman'], detail);
  });
  await up(options);
  try {
    const lock = join(folders.run, 'bench.lock');
    const results = await withLock(lock, async () => await measure(options, benchmarks));
    return { machine: await describeMachine(), quick, results };
  } finally {
    if (state === 'none' || state === 'down') await down({ folders, purge: false, progress });
  }
}

/** Throws `bench.unknown`. */
function chosen(names: readonly string[]): readonly Benchmark[] {
  const unknown = names.find((name) => !BENCHMARKS.some((each) => each.name === name));
  if (unknown === undefined) return BENCHMARKS.filter(({ name }) => names.length === 0 || names.includes(name));
  throw new HofjeError('bench.unknown', `there is no benchmark ${unknown}`, {
    field: 'name',
    hint: `There are: ${BENCHMARKS.map(({ name }) => name).join(', ')}.`,
  });
}

/** On a platform that runs. */
async function measure(options: BenchOptions, benchmarks: readonly Benchmark[]): Promise<readonly Result[]> {
  const stage = await Stage.begin(options);
  const { workshop, close } = openWorkshop(stage, { ...options, patienceMs: options.quick ? 0 : PATIENCE_MS });
  const results: Result[] = [];
  try {
    for (const benchmark of benchmarks) {
      options.signal.throwIfAborted();
      results.push(await runOne(benchmark, workshop, options));
    }
    return results;
  } finally {
    await step(options.progress, { step: 'bench-end', title: 'Clearing away' }, async () => {
      await close();
      await stage.end();
    });
  }
}

async function runOne(
  { name, title, run }: Benchmark,
  workshop: Parameters<Benchmark['run']>[0],
  { progress, signal }: BenchOptions,
): Promise<Result> {
  const [begun, before] = [performance.now(), await load()];
  const result = async (finding: Finding, more: Pick<Result, 'skipped' | 'failed'> = {}): Promise<Result> => {
    const seconds = (performance.now() - begun) / 1000;
    return { name, title, ...finding, ...more, seconds, load: [before, await load()] };
  };
  try {
    return await step(progress, { step: name, title }, async (detail) => await result(await run(workshop, detail)));
  } catch (error) {
    if (signal.aborted) throw error;
    const message = error instanceof Error ? error.message : String(error);
    return await result(NOTHING, error instanceof Skip ? { skipped: message } : { failed: message });
  }
}

const NOTHING: Finding = { series: [], comparisons: [], notes: [], disturbed: 0 };
