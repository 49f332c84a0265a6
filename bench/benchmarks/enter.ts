import type { SiteId } from '#model/id.ts';
import { runInside } from '#platform/demo/inside.ts';
import { visit } from '#platform/demo/web.ts';
import { type Benchmark, difference, type Finding, ratio, type Series, Skip, type Workshop } from '../benchmark.ts';
import { type Contender, measureInTurns } from '../measure/rounds.ts';
import type { Stage } from '../stage.ts';

const GOAL = { text: '< 10 ms over bare crun exec', holds: (median: number) => median < 10 };

const ENTER = 'enter, in the agent';
const CRUN = 'crun exec';
const STREAM = 'site exec, through the API';
const PODMAN = 'podman exec';

export const enter: Benchmark = { name: 'enter', title: 'Running `true` inside a site', run };

async function run(workshop: Workshop, report: (text: string) => void): Promise<Finding> {
  const { stage, quick, patienceMs, signal } = workshop;
  const site = await stage.website();
  const id = site.id as SiteId;
  // Awake, and it stays so.
  await visit(stage.endpoints.http, site.name, '/index.php');
  const node = await workshop.node();
  const notes = [
    'enter: the agent’s own code on the agent’s own container, in a process of its own',
    'crun exec: the same program and settings, into a group that is there already; its output goes nowhere',
    'through the API: ticket, WebSocket, gate, agent and back',
  ];
  const contenders: Contender[] = [
    { name: ENTER, measure: async () => await node.call('enter', id) },
    { name: CRUN, measure: async () => await node.call('crunExec', id) },
    { name: STREAM, measure: async () => await throughTheApi(stage, site.name) },
  ];
  report('importing the image into podman');
  try {
    const podman = await workshop.podman();
    contenders.push({ name: PODMAN, measure: async () => await podman.exec() });
  } catch (error) {
    if (!(error instanceof Skip)) throw error;
    notes.push(`no comparison with podman: ${error.message}`);
  }
  const { samplesOf, disturbed } = await measureInTurns(contenders, {
    warmUp: 3,
    rounds: quick ? 7 : 51,
    report,
    patienceMs,
    signal,
  });
  const series = contenders.map(({ name }): Series => ({ name, unit: 'ms', samples: samplesOf(name) }));
  return { series, comparisons: comparisonsOf(series), notes, disturbed };
}

function comparisonsOf([entered, bare, stream, podman]: readonly Series[]) {
  if (entered === undefined || bare === undefined || stream === undefined) return [];
  return [
    difference('enter takes more than crun exec by', entered, bare, GOAL),
    difference('site exec takes more than enter by', stream, entered),
    ...(podman === undefined ? [] : [ratio('podman exec takes as long as enter', podman, entered)]),
  ];
}

async function throughTheApi({ client }: Stage, site: string): Promise<number> {
  const begun = performance.now();
  const { outcome } = await runInside(client, site, ['true']);
  if (outcome.kind !== 'exited' || outcome.status !== 0) throw new Error(`the entry: ${JSON.stringify(outcome)}`);
  return performance.now() - begun;
}
