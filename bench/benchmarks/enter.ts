import type { SiteId } from '#model/id.ts';
import { runInside } from '#platform/demo/inside.ts';
import { visit } from '#platform/demo/web.ts';
import {
  type Benchmark,
  type Comparison,
  difference,
  type Finding,
  ratio,
  type Series,
  Skip,
  type Workshop,
} from '../benchmark.ts';
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
  const inAgent: Contender = { name: ENTER, measure: async () => await node.call('enter', id) };
  const bare: Contender = { name: CRUN, measure: async () => await node.call('crunExec', id) };
  const others: Contender[] = [{ name: STREAM, measure: async () => await throughTheApi(stage, site.name) }];
  report('importing the image into podman');
  try {
    const podman = await workshop.podman();
    others.push({ name: PODMAN, measure: async () => await podman.exec() });
  } catch (error) {
    if (!(error instanceof Skip)) throw error;
    notes.push(`no comparison with podman: ${error.message}`);
  }
  const options = { warmUp: 3, report, patienceMs, signal };
  const pair = await measureInTurns([inAgent, bare], { ...options, rounds: quick ? 7 : 51, settleMs: 0 });
  // Apart: what these leave to be done after they have answered would slow down what comes next.
  const rest = await measureInTurns([inAgent, ...others], { ...options, rounds: quick ? 5 : 25, settleMs: 200 });
  const series = (name: string, samples: readonly number[]): Series => ({ name, unit: 'ms', samples });
  const [entered, alone] = [ENTER, CRUN].map((name) => series(name, pair.samplesOf(name)));
  const [again, stream, podman] = [ENTER, ...others.map(({ name }) => name)].map((name) =>
    series(name, rest.samplesOf(name)),
  );
  return {
    series: [entered, alone, stream, podman].filter((each) => each !== undefined),
    comparisons: [
      ...compare(entered, alone, (one, other) => difference('enter takes more than crun exec by', one, other, GOAL)),
      ...compare(stream, again, (one, other) => difference('site exec takes more than enter by', one, other)),
      ...compare(podman, again, (one, other) => ratio('podman exec takes as long as enter', one, other)),
    ],
    notes,
    disturbed: pair.disturbed + rest.disturbed,
  };
}

function compare(
  one: Series | undefined,
  other: Series | undefined,
  by: (one: Series, other: Series) => Comparison,
): Comparison[] {
  return one === undefined || other === undefined ? [] : [by(one, other)];
}

async function throughTheApi({ client }: Stage, site: string): Promise<number> {
  const begun = performance.now();
  const { outcome } = await runInside(client, site, ['true']);
  if (outcome.kind !== 'exited' || outcome.status !== 0) throw new Error(`the entry: ${JSON.stringify(outcome)}`);
  return performance.now() - begun;
}
