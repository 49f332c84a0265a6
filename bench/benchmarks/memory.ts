import { setTimeout as pause } from 'node:timers/promises';
import type { SiteId } from '#model/id.ts';
import { visit } from '#platform/demo/web.ts';
import { type Benchmark, difference, type Finding, ratio, type Series, value, type Workshop } from '../benchmark.ts';
import { kernelBytes } from '../measure/memory.ts';
import { WEBSITE } from '../stage.ts';

/** PHP-FPM lets its idle children go after 20 s; a moment more. */
const IDLE_MS = 25_000;
const PAGE = '/index.php';

export const memory: Benchmark = { name: 'memory', title: 'Memory of a site, asleep and idle', run };

async function run(workshop: Workshop, report: (text: string) => void): Promise<Finding> {
  const asleep = await sleepers(workshop, report);
  const idle = await idlers(workshop, report);
  return {
    series: [asleep, ...idle],
    comparisons: comparisonsOf(asleep, idle),
    disturbed: 0,
    notes: [
      'asleep: growth of the kernel’s memory that is no cache (SUnreclaim, Percpu, KernelStack, PageTables) per site; whatever else the machine does meanwhile is in it',
      'idle: after one request and 25 s, memory that is no file’s content; with the pages of files, each divided by the processes that share it (all sites share those of the image)',
    ],
  };
}

/** Makes sites batch by batch, and looks how much each batch costs the kernel. */
async function sleepers({ stage, quick, signal }: Workshop, report: (text: string) => void): Promise<Series> {
  const batch = quick ? 3 : 8;
  const samples: number[] = [];
  for (let round = 0; round < (quick ? 2 : 5); round++) {
    report(`${batch} more sleeping sites, round ${round + 1}`);
    const before = await kernelBytes();
    for (let made = 0; made < batch; made++) {
      signal.throwIfAborted();
      await stage.newSite();
    }
    samples.push(((await kernelBytes()) - before) / batch);
  }
  return { name: 'a sleeping site, in the kernel', unit: 'bytes', samples };
}

async function idlers(workshop: Workshop, report: (text: string) => void): Promise<readonly Series[]> {
  const { stage } = workshop;
  const site = await stage.website();
  const node = await workshop.node();
  const baseline = await workshop.baseline();
  const images = await stage.images();
  const phpChildren = await stage.phpChildren();
  await baseline.startWeb({ ...images, host: site.name, files: WEBSITE, phpChildren });
  report('letting both be idle');
  const alone = baseline.call('freshMemory', PAGE, IDLE_MS);
  // Begun anew: what earlier load made it keep is no property of an idle site.
  await stage.putToSleep(site.name);
  await visit(stage.endpoints.http, site.name, PAGE);
  await pause(IDLE_MS, undefined, { signal: workshop.signal });
  const inside = await node.call('memoryOf', site.id as SiteId);
  const outside = await alone;
  const series = (name: string, bytes: number): Series => ({ name, unit: 'bytes', samples: [bytes] });
  return [
    series('an idle site', inside.held.own),
    series('Apache and PHP-FPM without container', outside.both.own),
    series('PHP-FPM without container', outside.php.own),
    series('an idle site, with the pages of files', inside.held.whole),
    series('Apache and PHP-FPM, with the pages of files', outside.both.whole),
    series('PHP-FPM, with the pages of files', outside.php.whole),
    series('an idle site, charged to its group', inside.chargedBytes),
  ];
}

function comparisonsOf(asleep: Series, [site, both, php]: readonly Series[]) {
  if (site === undefined || both === undefined || php === undefined) return [];
  return [
    value('a sleeping site', asleep),
    value('an idle site', site),
    ratio('an idle site against Apache and PHP-FPM without container', site, both),
    difference('an idle site takes more than a PHP-FPM pool without container by', site, php),
  ];
}
