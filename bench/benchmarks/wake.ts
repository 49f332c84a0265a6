import { visit } from '#platform/demo/web.ts';
import { type Benchmark, type Finding, ratio, type Series, Skip, value, type Workshop } from '../benchmark.ts';
import { type Contender, measureInTurns } from '../measure/rounds.ts';
import { quantile } from '../measure/statistics.ts';
import type { Stage } from '../stage.ts';

const WAKES = { text: '< 150 ms', holds: (median: number) => median < 150 };
const SEVERAL = { text: 'several times faster (>= 3)', holds: (median: number) => median >= 3 };

const ASLEEP = 'a sleeping site';
const WARM = 'a running site';
const PODMAN = 'podman run';

export const wake: Benchmark = { name: 'wake', title: 'The first answer of a sleeping site', run };

async function run(workshop: Workshop, report: (text: string) => void): Promise<Finding> {
  const { stage, quick, patienceMs, signal } = workshop;
  const { name: site } = await stage.website();
  const notes = ['one GET of the small PHP page over http by a new connection, from the moment of asking'];
  const contenders: Contender[] = [
    { name: ASLEEP, measure: async () => await firstAnswer(stage, site) },
    { name: WARM, measure: async () => await answer(stage, site) },
  ];
  report('importing the image into podman');
  try {
    const podman = await workshop.podman();
    contenders.push({ name: PODMAN, measure: async () => await podman.runOnce() });
    notes.push(
      'podman run: from an imported image to the same answer, with its default network, asked at the container’s own address',
    );
  } catch (error) {
    if (!(error instanceof Skip)) throw error;
    notes.push(`no comparison with podman: ${error.message}`);
  }
  const { samplesOf, disturbed } = await measureInTurns(contenders, {
    warmUp: 1,
    rounds: quick ? 5 : 25,
    report,
    patienceMs,
    settleMs: 300,
    signal,
  });
  const series = contenders.map(({ name }): Series => ({ name, unit: 'ms', samples: samplesOf(name) }));
  for (const { name, samples: all } of series) notes.push(`p95 of ${name}: ${quantile(all, 0.95).toFixed(1)} ms`);
  return { series, comparisons: comparisonsOf(series), notes, disturbed };
}

function comparisonsOf([asleep, warm, podman]: readonly Series[]) {
  if (asleep === undefined || warm === undefined) return [];
  return [
    value('until the first answer', asleep, WAKES),
    ratio('as long as of a running site', asleep, warm),
    ...(podman === undefined ? [] : [ratio('podman run takes as long', podman, asleep, SEVERAL)]),
  ];
}

async function firstAnswer(stage: Stage, site: string): Promise<number> {
  await stage.putToSleep(site);
  return await answer(stage, site);
}

async function answer({ endpoints }: Stage, site: string): Promise<number> {
  const { status, milliseconds } = await visit(endpoints.http, site, '/index.php');
  if (status !== 200) throw new Error(`the site answers ${status}`);
  return milliseconds;
}
