import { Command } from '@commander-js/extra-typings';
import { makeReporter } from '#platform/progress/reporter.ts';
import { up } from '#platform/up/up.ts';
import { type Context, requireRoot } from '../context.ts';
import { examples } from '../examples.ts';
import { facts } from '../output.ts';

export function upCommand(context: Context) {
  return new Command('up')
    .description('set the platform up and start it; repairs what a crash left')
    .addHelpText(
      'after',
      examples(
        ['hofje up', 'everything, in /var/lib/hofje'],
        ['HOFJE_STATE=/srv/second hofje up', 'a second platform beside it'],
        ['HOFJE_DATABASE_URL=postgresql://... hofje up', 'with a database elsewhere'],
      ),
    )
    .action(async (_options, command) => {
      requireRoot('setting the platform up');
      const output = context.output(command);
      const reporter = makeReporter(process.stderr);
      const leave = () => {
        reporter.close();
        output.note('hofje: interrupted; the next `hofje up` goes on from here');
        process.exit(130);
      };
      process.once('SIGINT', leave).once('SIGTERM', leave);
      try {
        const { installation, endpoints, welcome } = await up({
          folders: context.folders(),
          cache: context.cache(),
          databaseUrl: context.environment['HOFJE_DATABASE_URL'],
          progress: reporter.progress,
        });
        reporter.close();
        const result = { installation: installation.id, endpoints, ...(welcome && { welcome }) };
        output.result(result, facts(Object.entries(endpoints)) + welcomeText(welcome));
      } finally {
        reporter.close();
      }
    });
}

/** Pure. */
function welcomeText(welcome: { readonly url: string; readonly expiresAt: string } | undefined): string {
  if (welcome === undefined) return '';
  return `\n\nNobody runs this installation yet. Come in here, once, until ${welcome.expiresAt}:\n  ${welcome.url}`;
}
