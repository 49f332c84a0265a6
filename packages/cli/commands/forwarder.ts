import { Command } from '@commander-js/extra-typings';
import { createForwarder, deleteForwarder, type Forwarder, listForwarders } from '#contract/api/forwarder.ts';
import { listPipeRuns, type PipeRun, testPipe } from '#contract/api/pipe-run.ts';
import { HofjeError } from '#model/error.ts';
import type { Context } from '../context.ts';
import { examples } from '../examples.ts';
import { EXIT, ExitWith } from '../exit.ts';
import { readNamedFile } from '../options.ts';
import { facts, printableLines, table } from '../output.ts';
import { listAll } from '../pages.ts';
import { requireSettled, waitQuery } from '../settled.ts';

export function forwarderCommand(context: Context) {
  const forwarder = new Command('forwarder').description('mail that goes on: to other addresses, or into a program');

  forwarder
    .command('create')
    .description('send mail for an address on')
    .argument('<address>', 'whose mail')
    .option('--to <address...>', 'to these addresses')
    .option('--pipe <command>', "into this program, inside a website's own container")
    .option('--site <site>', 'the website whose container is entered; that of the domain otherwise')
    .option('--no-wait', 'return at once')
    .addHelpText(
      'after',
      examples(
        ['hofje forwarder create info@example.org --to a@example.net b@example.com', 'to two addresses'],
        ["hofje forwarder create tickets@example.org --pipe 'php bin/ticket.php'", 'into a program'],
      ),
    )
    .action(async (address, options, command) => {
      const made = await (await context.client()).call(createForwarder, {
        query: waitQuery(options),
        body: { address, ...targetOf(options) },
      });
      requireSettled(made);
      context.output(command).result(made, forwarderText(made));
    });

  forwarder
    .command('list')
    .description('list forwarders')
    .option('--domain <domain>', 'of this domain only')
    .addHelpText('after', examples(['hofje forwarder list --domain example.org', "one domain's"]))
    .action(async ({ domain }, command) => {
      const query = { ...(domain !== undefined && { domain }) };
      const items = await listAll(await context.client(), listForwarders, { query });
      const rows = items.map((each) => [each.address, targetText(each), each.id]);
      context.output(command).result({ items }, table(['FORWARDER', 'TO', 'ID'], rows));
    });

  forwarder
    .command('delete')
    .description('delete a forwarder')
    .argument('<forwarder>', 'address or id')
    .option('--no-wait', 'return at once')
    .addHelpText('after', examples(['hofje forwarder delete info@example.org', 'mail for it is refused from now on']))
    .action(async (name, options, command) => {
      const input = { params: { forwarder: name }, query: waitQuery(options) };
      const gone = await (await context.client()).call(deleteForwarder, input);
      requireSettled(gone);
      context.output(command).result(gone, forwarderText(gone));
    });

  forwarder
    .command('runs')
    .description('the last messages that went into a program, and what became of them')
    .argument('<forwarder>', 'address or id')
    .addHelpText('after', examples(['hofje forwarder runs tickets@example.org', 'why mail does not arrive']))
    .action(async (name, _options, command) => {
      const { items } = await (await context.client()).call(listPipeRuns, { params: { forwarder: name } });
      context.output(command).result({ items }, items.map(runText).join('\n\n') || 'None that its node remembers.');
    });

  forwarder
    .command('test')
    .description('feed a message to the program through the real door; exit code 1 when mail would not be taken')
    .argument('<forwarder>', 'address or id')
    .option('--from <address>', 'as if from this address')
    .option('--file <file>', 'this message, header and body, instead of a short greeting')
    .addHelpText('after', examples(['hofje forwarder test tickets@example.org', 'exit code, time and output']))
    .action(async (name, { from, file }, command) => {
      const message = file === undefined ? undefined : await readNamedFile(file, '--file');
      const body = { ...(from !== undefined && { from }), ...(message !== undefined && { message }) };
      const run = await (await context.client()).call(testPipe, { params: { forwarder: name }, body });
      context.output(command).result(run, runText(run));
      if (run.mail !== 'delivered') throw new ExitWith(EXIT.failure);
    });

  return forwarder;
}

/** Pure. */
function runText(run: PipeRun): string {
  const word = run.status ?? run.signal ?? run.reason;
  const what = `${run.outcome}${word === null ? '' : ` ${word}`}, so mail is ${run.mail}`;
  const head = `${run.at}  ${what}, after ${run.milliseconds} ms${run.test ? ' (a test)' : ''}`;
  const output = run.output.trimEnd();
  return output === '' ? head : `${head}\n${printableLines(output).replace(/^/gm, '  ')}${run.cut ? '\n  ...' : ''}`;
}

interface TargetOptions {
  readonly to?: readonly string[] | undefined;
  readonly pipe?: string | undefined;
  readonly site?: string | undefined;
}

/** Either addresses or a program. Pure. */
export function targetOf({ to, pipe, site }: TargetOptions) {
  if ((to === undefined) === (pipe === undefined)) {
    throw new HofjeError('usage.forwarder', 'mail goes on either to addresses or into a program', {
      hint: 'Give --to ADDRESS... or --pipe COMMAND.',
    });
  }
  if (pipe === undefined) return { to: [...(to ?? [])] };
  return { pipe, ...(site !== undefined && { site }) };
}

function targetText(forwarder: Forwarder): string {
  // The words are shown as JSON: a program's argument may hold anything.
  if (forwarder.kind === 'pipe') return `program ${JSON.stringify(forwarder.argv ?? [])}`;
  return (forwarder.to ?? []).join(', ');
}

/** Pure. */
export function forwarderText(forwarder: Forwarder): string {
  return facts([
    ['forwarder', forwarder.address],
    ['to', targetText(forwarder)],
    ...(forwarder.site === undefined ? [] : ([['site', forwarder.site]] as const)),
    ['id', forwarder.id],
  ]);
}
