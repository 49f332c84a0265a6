import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from '@commander-js/extra-typings';
import { siteLogs } from '#contract/api/site.ts';
import type { Context } from '../../context.ts';
import { examples } from '../../examples.ts';
import { lineCount } from '../../options.ts';
import { printableLines } from '../../output.ts';

const LINES = 200;
const FOLLOW_MS = 1000;
/** As many as the API gives at once. */
const FOLLOW_LINES = 10_000;

export function addLogsCommand(site: Command, context: Context): void {
  site
    .command('logs')
    .description("the last lines of a website's logs")
    .argument('<site>', 'one of its names, or its id')
    .option('--lines <count>', 'how many', lineCount, LINES)
    .option('--follow', 'go on as they come, until Ctrl-C')
    .addHelpText(
      'after',
      examples(
        ['hofje site logs example.org', 'what happened last'],
        ['hofje site logs example.org --follow', 'what happens now'],
      ),
    )
    .action(async (name, { lines: count, follow }, command) => {
      const client = await context.client();
      const ask = async (lines: number) =>
        (await client.call(siteLogs, { params: { site: name }, query: { lines } })).lines;
      const output = context.output(command);
      let seen = await ask(count);
      if (!follow) return output.result({ lines: seen }, printableLines(seen.join('\n')));
      // Without an end there is no one document: a line is one.
      const show = output.json ? showJson : showText();
      for (const [file, lines] of sectionsOf(seen)) for (const line of lines) show(file, line);
      for (;;) {
        await pause(FOLLOW_MS);
        const now = await ask(FOLLOW_LINES);
        const before = sectionsOf(seen);
        for (const [file, lines] of sectionsOf(now)) {
          for (const line of linesSince(before.get(file) ?? [], lines)) show(file, line);
        }
        seen = now;
      }
    });
}

type Show = (file: string, line: string) => void;

const showJson: Show = (file, line) => {
  process.stdout.write(`${JSON.stringify({ file, line })}\n`);
};

/** As tail(1) shows several files: the name where another one goes on. */
function showText(): Show {
  let shown: string | undefined;
  return (file, line) => {
    if (file !== shown) process.stdout.write(`${shown === undefined ? '' : '\n'}==> ${file} <==\n`);
    shown = file;
    process.stdout.write(`${printableLines(line)}\n`);
  };
}

const HEADING = /^==> (.+) <==$/;

/** The lines of each file; they come one file after the other, each under its name, with an empty line between. Pure. */
export function sectionsOf(lines: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const sections = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of lines) {
    const file = HEADING.exec(line)?.[1];
    if (file === undefined) {
      current.push(line);
      continue;
    }
    if (current.at(-1) === '') current.pop();
    current = [];
    sections.set(file, current);
  }
  return sections;
}

/** The lines of `now` that come after those of `before`. Pure. */
export function linesSince(before: readonly string[], now: readonly string[]): readonly string[] {
  // The longest end of the old lines that is found again in the new ones tells where to go on.
  const last = before.at(-1);
  if (last === undefined) return now;
  for (let end = now.length; end > 0; end -= 1) {
    if (now[end - 1] !== last) continue;
    const overlap = Math.min(end, before.length);
    const old = before.slice(before.length - overlap);
    if (old.every((line, index) => line === now[end - overlap + index])) return now.slice(end);
  }
  return now;
}
