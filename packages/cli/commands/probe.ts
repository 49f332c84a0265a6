import { Command, Option } from '@commander-js/extra-typings';
import type { EndpointAnswer } from '#contract/api/endpoint.ts';
import { type ProbeRow, runProbes } from '#contract/api/probe.ts';
import { DOOR_NAMES } from '#model/door/door.ts';
import type { Context } from '../context.ts';
import { examples } from '../examples.ts';
import { EXIT, ExitWith } from '../exit.ts';
import { printable, table } from '../output.ts';
import { matrixCommand, showCommand } from './probe-kept.ts';

/** Probes look from every site through every door. */
const PATIENCE_MS = 15 * 60_000;

export function probeCommand(context: Context) {
  const probe = new Command('probe').description('the platform proves its promises');
  probe
    .command('run')
    .description(
      'look, from inside sites, for what must not be seen or reached from there; exit 1 when anything is open',
    )
    .option('--site <site>', 'from this website only; every one and decoys otherwise')
    .addOption(new Option('--door <door>', 'through this door only').choices(['web', ...DOOR_NAMES]))
    .option('--node <node>', 'on this node only')
    .addHelpText(
      'after',
      examples(
        ['hofje probe run', 'every site, every door'],
        ['hofje probe run --site example.org --door mail-pipe', 'one site, one door'],
      ),
    )
    .action(async ({ site, door, node }, command) => {
      const body = {
        ...(site !== undefined && { site }),
        ...(door !== undefined && { door: door as ProbeRow['door'] }),
        ...(node !== undefined && { node }),
      };
      const answer = await (await context.client()).call(runProbes, { body }, { patienceMs: PATIENCE_MS });
      context.output(command).result(answer, probesText(answer));
      if (!answer.passed) throw new ExitWith(EXIT.failure);
    });
  probe.addCommand(showCommand(context)).addCommand(matrixCommand(context));
  return probe;
}

type Answer = EndpointAnswer<typeof runProbes>;

/** A line per look, and below it all that is not closed. Pure. */
export function probesText(answer: Answer): string {
  const parts = answer.nodes.map(({ node, trouble, report }) => {
    if (report === undefined) return `${node}: ${trouble ?? 'no report'}`;
    const { careless, absentBaits } = report;
    return [
      table(['SITE', 'DOOR', '', 'CLOSED', 'DECLARED', 'OPEN', 'NOT TESTED'], report.rows.map(rowOf)),
      ...report.rows.flatMap(notable),
      ...(absentBaits.length === 0 ? [] : [`No bait lay for: ${absentBaits.join(', ')}`]),
      `Without isolation the same program finds ${careless.found} of ${careless.looked}.`,
    ].join('\n');
  });
  return [...parts, answer.passed ? 'Nothing is open.' : 'Not everything is as promised.'].join('\n\n');
}

function rowOf(row: ProbeRow): string[] {
  const count = (verdict: string) => String(row.results.filter((result) => result.verdict === verdict).length);
  return [
    row.site,
    row.door,
    row.decoy ? 'decoy' : '',
    count('closed'),
    count('declared'),
    count('open'),
    count('not-tested'),
  ];
}

function notable(row: ProbeRow): string[] {
  const where = `${row.site}, ${row.door}`;
  // Facts are the word of a customer's container.
  const open = row.results
    .filter(({ verdict }) => verdict === 'open')
    .map(({ probe, fact }) => `OPEN ${where}: ${probe}: ${printable(fact)}`);
  return row.failure === undefined ? open : [`FAILED ${where}: ${printable(row.failure)}`, ...open];
}
