import { Command } from '@commander-js/extra-typings';
import type { MatrixRow } from '#contract/api/probe.ts';
import { probeMatrix } from '#contract/api/probe.ts';
import { getProof, type Proof, runProof } from '#contract/api/proof.ts';
import type { Context } from '../context.ts';
import { examples } from '../examples.ts';
import { EXIT, ExitWith } from '../exit.ts';
import { printable, table } from '../output.ts';
import { listAll } from '../pages.ts';

/** What was found before, as it was kept. */

/** A look through every door, after others that may wait for their turn. */
const PATIENCE_MS = 5 * 60_000;

export function showCommand(context: Context) {
  return new Command('show')
    .description('the walls of one website: what was found last, when, through which doors, and whose word that is')
    .argument('<site>', 'id or host name')
    .option('--again', 'look again first; once a minute')
    .addHelpText(
      'after',
      examples(
        ['hofje probe show example.org', 'what was found last'],
        ['hofje probe show example.org --again', 'look now'],
      ),
    )
    .action(async (site, { again }, command) => {
      const client = await context.client();
      const params = { site };
      const proof = again
        ? await client.call(runProof, { params }, { patienceMs: PATIENCE_MS })
        : await client.call(getProof, { params });
      context.output(command).result(proof, proofText(proof));
      if (proof.walls.some(({ verdict }) => verdict === 'open')) throw new ExitWith(EXIT.failure);
    });
}

export function matrixCommand(context: Context) {
  return new Command('matrix')
    .description('what was found last from every website and decoy through every door; exit 1 when anything is open')
    .option('--holes', 'only where something is open')
    .option('--node <node>', 'of this node only')
    .addHelpText(
      'after',
      examples(['hofje probe matrix', 'every place and door'], ['hofje probe matrix --holes', 'what is open']),
    )
    .action(async ({ holes, node }, command) => {
      const query = { ...(holes === true && { holes }), ...(node !== undefined && { node }) };
      const rows = await listAll(await context.client(), probeMatrix, { query });
      context.output(command).result(rows, matrixText(rows));
      if (rows.some(({ open }) => open.length > 0)) throw new ExitWith(EXIT.failure);
    });
}

/** A line per wall, those that do not simply hold first. Pure. */
export function proofText({ walls, looks, image }: Proof): string {
  const rank = ['open', 'not-tested', 'declared', 'closed'];
  const sorted = walls.toSorted((one, other) => rank.indexOf(one.verdict) - rank.indexOf(other.verdict));
  const rows = sorted.map(({ probe, verdict, findings: [first] }) => [
    verdict,
    probe,
    first === undefined ? '' : first.source === 'own' ? 'own word' : 'next door',
    first?.door ?? '',
    first?.at ?? '',
    printable(first?.fact ?? ''),
  ]);
  return [
    table(['VERDICT', 'PROBE', 'SAID BY', 'DOOR', 'AT', 'FACT'], rows),
    ...looks.flatMap(({ source, door, triedAt, failure }) =>
      failure === null ? [] : [`FAILED ${source}, ${door}, ${triedAt}: ${printable(failure)}`],
    ),
    `Image ${image.digest}, here since ${image.since ?? 'a time that is not known'}.`,
  ].join('\n');
}

/** A line per look, and below it all that is open. Pure. */
export function matrixText(rows: readonly MatrixRow[]): string {
  const lines = rows.map((row) => [
    placeOf(row),
    row.door,
    String(row.open.length),
    String(row.declared.length),
    String(row.notTested.length),
    row.at ?? 'never',
    printable(row.failure ?? ''),
  ]);
  const holes = rows.flatMap((row) =>
    row.open.map(({ probe, fact }) => `OPEN ${placeOf(row)}, ${row.door}: ${probe}: ${printable(fact)}`),
  );
  return [table(['FROM', 'DOOR', 'OPEN', 'DECLARED', 'NOT TESTED', 'LOOKED', 'TROUBLE'], lines), ...holes].join('\n');
}

function placeOf({ site, node }: MatrixRow): string {
  return site === null ? `decoy of ${node.name}` : site.name;
}
