import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { type AuditRecord, exportAudit, listAudit } from '#contract/api/audit.ts';
import { verifyLines } from '#contract/api/audit-file.ts';
import type { Verdict } from '#model/audit/verify.ts';
import { HofjeError } from '#model/error.ts';
import type { Context } from '../context.ts';
import { examples } from '../examples.ts';
import { EXIT, ExitWith } from '../exit.ts';
import { lineCount } from '../options.ts';
import { table } from '../output.ts';

const LIST_DEFAULT = 50;
const LIST_MAX = 500;
const ACCOUNT = ['--account <account>', 'of this account only: its name or id'] as const;

export function auditCommand(context: Context) {
  const audit = new Command('audit').description(
    'who changed what, in a chain that shows when somebody tampers with it',
  );

  audit
    .command('list')
    .description('what was changed, newest first')
    .option(...ACCOUNT)
    .option('--person <id>', 'by this person only; `machine` for root on the machine')
    .option('--object <id>', 'of this object only')
    .option('--action <action>', 'this action only, for example "POST /v1/sites"')
    .option('--from <time>', 'not before', moment)
    .option('--to <time>', 'not after', moment)
    .option('--limit <number>', 'so many', lineCount, LIST_DEFAULT)
    .addHelpText(
      'after',
      examples(['hofje audit list --account alice --from 2026-11-01', 'what happened to alice since']),
    )
    .action(async ({ limit, ...filter }, command) => {
      const query = { ...filter, limit: Math.min(limit, LIST_MAX) };
      const { items } = await (await context.client()).call(listAudit, { query });
      context.output(command).result({ items }, listText(items));
    });

  audit
    .command('export')
    .description('write a whole chain as JSON lines; with its head it can be verified anywhere')
    .option(...ACCOUNT)
    .option('--file <file>', 'into this new file instead of stdout')
    .addHelpText('after', examples(['hofje audit export --file audit.jsonl', 'everything, to be kept elsewhere']))
    .action(async ({ account, file }) => {
      const lines = await readExport(context, account);
      if (file === undefined) await pipeline(lines, process.stdout, { end: false });
      else await pipeline(lines, createWriteStream(file, { flags: 'wx', mode: 0o600 })).catch(unwritable(file));
    });

  audit
    .command('verify')
    .description('look whether anything was removed, altered, reordered or put in; exit code 1 when so')
    .option(...ACCOUNT)
    .option('--file <file>', 'an export instead of what the platform has now')
    .option('--head <hash>', 'a hash that was noted down earlier: everything up to it must still be there', hash)
    .addHelpText(
      'after',
      examples(
        ['hofje audit verify', 'what the platform has; prints the hash to note down'],
        ['hofje audit verify --file audit.jsonl --head 5f0c...', 'an export, against what was noted down'],
      ),
    )
    .action(async ({ account, file, head }, command) => {
      const source = file === undefined ? await readExport(context, account) : createReadStream(file);
      const verdict = await verifyLines(linesOf(source, file), {
        sha256: (text) => createHash('sha256').update(text).digest('hex'),
        ...(head !== undefined && { remembered: head }),
      });
      context.output(command).result(verdict, verdictText(verdict));
      if (!verdict.intact) throw new ExitWith(EXIT.failure);
    });

  return audit;
}

async function readExport(context: Context, account: string | undefined): Promise<Readable> {
  return await (await context.client()).read(exportAudit, { query: { ...(account !== undefined && { account }) } });
}

/** The lines of a stream; throws when it breaks off. */
async function* linesOf(source: Readable, file: string | undefined): AsyncGenerator<string> {
  let rest = '';
  source.setEncoding('utf8');
  try {
    for await (const piece of source as AsyncIterable<string>) {
      const lines = (rest + piece).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (file === undefined) throw new HofjeError('api.unavailable', `the export broke off: ${why}`, { cause: error });
    throw new HofjeError('usage.file', `${file} cannot be read: ${why}`, { field: '--file', cause: error });
  }
  if (rest !== '') yield rest;
}

function unwritable(file: string): (error: Error) => never {
  return (error) => {
    throw new HofjeError('usage.file', `${file} cannot be written: ${error.message}`, {
      field: '--file',
      cause: error,
    });
  };
}

/** Pure. */
function listText(items: readonly AuditRecord[]): string {
  if (items.length === 0) return 'Nothing.';
  const rows = items.map((item) => [
    item.at,
    item.name ?? item.who,
    item.through,
    item.action,
    item.object,
    JSON.stringify({ ...(item.before && { before: item.before }), ...(item.after && { after: item.after }) }),
  ]);
  return table(['WHEN', 'WHO', 'THROUGH', 'WHAT', 'OBJECT', 'CHANGE'], rows);
}

/** Pure. */
export function verdictText(verdict: Verdict): string {
  if (!verdict.intact) return `Broken at entry ${verdict.fault.sequence}: ${verdict.fault.message}`;
  const { entries, base, head } = verdict;
  const since = base.sequence === 0 ? '' : ` Entries up to ${base.sequence} were pruned by age.`;
  return `Intact: ${entries} entries.${since}\nNote down elsewhere: ${head.hash}`;
}

function moment(typed: string): string {
  const at = new Date(typed);
  if (Number.isNaN(at.getTime()))
    throw new InvalidArgumentError('A moment is wanted, for example 2026-11-24T13:00:00Z.');
  return at.toISOString();
}

function hash(typed: string): string {
  if (!/^[0-9a-f]{64}$/.test(typed)) throw new InvalidArgumentError('64 hexadecimal digits are wanted.');
  return typed;
}
