import { PORTS } from '../baseline/web.ts';
import { type Benchmark, type Comparison, type Finding, ratio, type Series, type Workshop } from '../benchmark.ts';
import { CONNECTIONS, requestsPerSecond, THREADS } from '../load/wrk.ts';
import { measureInTurns } from '../measure/rounds.ts';
import { WEBSITE } from '../stage.ts';

interface Page {
  readonly name: string;
  readonly path: string;
  readonly title: string;
}

/** Noise of this measurement on a machine that does nothing else. */
const NOISE = 0.03;
const SAME = { text: '>= 1.0 within noise', holds: (median: number) => median >= 1 - NOISE };

export const httpPhp = httpBenchmark({ name: 'http-php', path: '/index.php', title: 'A small PHP page, warm' });
export const httpStatic = httpBenchmark({
  name: 'http-static',
  path: '/style.css',
  title: 'A static file of 4 kB, warm',
});

function httpBenchmark(page: Page): Benchmark {
  return { name: page.name, title: page.title, run: async (workshop, report) => await run(page, workshop, report) };
}

async function run({ path }: Page, workshop: Workshop, report: (text: string) => void): Promise<Finding> {
  const { stage, quick, patienceMs, signal } = workshop;
  report('making a site');
  const { name: host } = await stage.website();
  report('starting the same without containers');
  const baseline = await workshop.baseline();
  const images = await stage.images();
  const phpChildren = await stage.phpChildren();
  await baseline.startWeb({ edge: images.edge, site: images.site, host, files: WEBSITE, phpChildren });
  const seconds = quick ? 1 : 4;
  const outside = async (port: number) => await baseline.call('visits', port, path, { host, seconds });
  const contenders = [
    { name: OURS, measure: async () => await requestsPerSecond({ url: stage.endpoints.http + path, host, seconds }) },
    { name: SAME_STACK, measure: async () => await outside(PORTS.edge) },
    { name: CLASSICAL, measure: async () => await outside(PORTS.classical) },
  ];
  const { samplesOf, disturbed } = await measureInTurns(contenders, {
    warmUp: 1,
    rounds: quick ? 3 : 9,
    report,
    patienceMs,
    settleMs: 200,
    signal,
  });
  const series = contenders.map(({ name }): Series => ({ name, unit: 'requests/s', samples: samplesOf(name) }));
  return { series, comparisons: comparisonsOf(series), notes: notesOf(seconds, phpChildren), disturbed };
}

const OURS = 'through the edge';
const SAME_STACK = 'the same without containers';
const CLASSICAL = 'nginx alone';

function comparisonsOf(series: readonly Series[]): Comparison[] {
  const [ours, same, classical] = series;
  if (ours === undefined || same === undefined || classical === undefined) return [];
  return [
    ratio('against the same software without containers', ours, same, SAME),
    ratio('against the fastest classical stack', ours, classical),
  ];
}

function notesOf(seconds: number, phpChildren: number): string[] {
  return [
    `http, ${CONNECTIONS} kept connections, ${THREADS} threads of wrk, ${seconds} s a sample; up to ${phpChildren} PHP processes each`,
    'without containers: the images’ own nginx, Apache, PHP-FPM and configuration as plain processes; nginx and Apache meet on the loopback device',
    'visitors come over a wire (veth, 1500 bytes) from a network namespace of their own, on both sides',
    'nginx alone: asks the same PHP-FPM directly and sends files itself; no Apache, no .htaccess, no log',
  ];
}
