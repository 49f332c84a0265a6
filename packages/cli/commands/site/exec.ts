import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type Command, Option } from '@commander-js/extra-typings';
import { execInSite } from '#contract/api/stream.ts';
import type { Client } from '#platform/api/client.ts';
import { openStream, type RunningEntry, type Streams } from '#platform/api/stream.ts';
import { passTerminalThrough } from '#platform/api/terminal.ts';
import type { Context } from '../../context.ts';
import { examples } from '../../examples.ts';
import { EXIT, ExitWith } from '../../exit.ts';
import type { Output } from '../../output.ts';
import { exitStatusOf, troubleOf } from './outcome.ts';

export function addExecCommand(site: Command, context: Context): void {
  site
    .command('exec')
    .description("run a program in a website's own container; its streams and its exit code are passed through")
    .argument('<site>', 'one of its names, or its id')
    .argument('<command...>', 'the program and its arguments, after --; no shell comes between')
    .addOption(new Option('--door <door>', 'the reason to enter').choices(['exec']).default('exec'))
    .option('-t, --terminal', 'with a terminal (what it gets by itself when it is typed at one)')
    .option('-T, --no-terminal', 'with three plain streams')
    .option('--env <name=value...>', 'variables for the program')
    .addHelpText(
      'after',
      examples(
        ['hofje site exec example.org -- php -v', 'one answer'],
        ['hofje site exec example.org -- bash', 'look around inside'],
        ['hofje site exec example.org -- tar -cz public > site.tar.gz', 'streams as they come'],
      ),
    )
    .action(async (name, argv, options, command) => {
      const client = await context.client();
      const output = context.output(command);
      const wants = options.terminal ?? (process.stdin.isTTY === true && process.stdout.isTTY === true);
      const terminal = wants && !output.json ? terminalSize() : undefined;
      const { url } = await client.call(execInSite, {
        params: { site: name },
        body: {
          argv,
          env: { ...(terminal && { TERM: process.env['TERM'] ?? 'xterm' }), ...variables(options.env ?? []) },
          ...(terminal && { terminal }),
        },
      });
      const status = output.json
        ? await collect(client, url, output)
        : await attach(client, url, output, terminal !== undefined);
      throw new ExitWith(status);
    });
}

/** Passes the process's own streams through. */
async function attach(client: Client, url: string, output: Output, terminal: boolean): Promise<number> {
  const entry = openStream(client, url, { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr });
  const detach = terminal ? await becomeTerminal(entry) : cancelOnInterrupt(entry);
  try {
    const outcome = await entry.outcome;
    detach();
    const trouble = troubleOf(outcome);
    if (trouble !== undefined) output.note(`hofje: ${trouble}`);
    return exitStatusOf(outcome);
  } finally {
    detach();
    process.stdin.destroy();
  }
}

/** Streams as text in one document. */
async function collect(client: Client, url: string, output: Output): Promise<number> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const streams: Streams = { ...(process.stdin.isTTY ? {} : { stdin: process.stdin }), stdout, stderr };
  const texts = Promise.all([text(stdout), text(stderr)]);
  const entry = openStream(client, url, streams);
  const detach = cancelOnInterrupt(entry);
  try {
    const outcome = await entry.outcome;
    stdout.end();
    stderr.end();
    const [out, err] = await texts;
    output.result({ outcome, stdout: out, stderr: err }, '');
    return exitStatusOf(outcome);
  } finally {
    detach();
    process.stdin.destroy();
  }
}

/** The terminal is the program's, and its size follows ours. */
async function becomeTerminal(entry: RunningEntry): Promise<() => void> {
  const restore = await passTerminalThrough(process.stdin);
  const resized = () => {
    const { columns, rows } = terminalSize();
    entry.resize(columns, rows);
  };
  process.stdout.on('resize', resized);
  return () => {
    process.stdout.off('resize', resized);
    restore();
  };
}

/** The first Ctrl-C ends the entry in the site, a second one ends us. */
function cancelOnInterrupt(entry: RunningEntry): () => void {
  let asked = false;
  const interrupted = () => {
    if (asked) process.exit(EXIT.interrupted);
    asked = true;
    entry.cancel();
  };
  process.on('SIGINT', interrupted).on('SIGTERM', interrupted);
  return () => process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
}

function terminalSize(): { columns: number; rows: number } {
  return { columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 };
}

function variables(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      return at === -1 ? [pair, process.env[pair] ?? ''] : [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
