import { Command } from '@commander-js/extra-typings';
import { checkTable } from '#platform/demo/check.ts';
import { demo } from '#platform/demo/demo.ts';
import type { DoorLinks } from '#platform/demo/people.ts';
import { duration, makeReporter } from '#platform/progress/reporter.ts';
import { type Context, requireRoot } from '../context.ts';
import { examples } from '../examples.ts';
import { EXIT, ExitWith } from '../exit.ts';
import { facts } from '../output.ts';

export function demoCommand(context: Context) {
  return new Command('demo')
    .description('set everything up, play the story of two customers and a hostile one, and show what was verified')
    .option('--keep', 'leave the platform running')
    .addHelpText(
      'after',
      examples(
        ['hofje demo', 'the whole story, then everything is stopped'],
        ['hofje demo --keep', 'look around afterwards; `hofje down --purge` ends it'],
        ['hofje demo --json', 'one JSON document on stdout, progress on stderr'],
      ),
    )
    .action(async (options, command) => {
      requireRoot('the demo');
      const output = context.output(command);
      const reporter = makeReporter(process.stderr);
      const progress = reporter.progress;
      const settings = { folders: context.folders(), cache: context.cache(), databaseUrl: undefined, progress };
      const result = await demo({ ...settings, keep: options.keep === true }).finally(() => reporter.close());
      const { checks, endpoints, running, seconds, links } = result;
      const verified = checks.length > 0 && checks.every(({ held }) => held);
      const where = running
        ? `\n\n${facts(Object.entries(endpoints))}${links === undefined ? '' : linksText(links)}`
        : '\n\nThe platform is down again; --keep leaves it running.';
      output.result({ verified, ...result }, `${checkTable(checks)}${where}\n${duration(seconds)} in all`);
      if (!verified) throw new ExitWith(EXIT.failure);
    });
}

/** Pure. */
function linksText({ customer, operator }: DoorLinks): string {
  return `\n\nThe panel lets you in by these, each once, within half an hour:\n${facts([
    ['a customer', customer],
    ['the operator', operator],
  ])}`;
}
