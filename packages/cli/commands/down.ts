import { Command } from '@commander-js/extra-typings';
import { down } from '#platform/down/down.ts';
import { makeReporter } from '#platform/progress/reporter.ts';
import { type Context, requireRoot } from '../context.ts';
import { examples } from '../examples.ts';

export function downCommand(context: Context) {
  return new Command('down')
    .description('stop everything that `up` started')
    .option('--purge', 'remove all data too; only the cache stays')
    .addHelpText(
      'after',
      examples(
        ['hofje down', 'stop; `hofje up` brings everything back'],
        ['hofje down --purge', 'leave no trace: sites, mail and databases are deleted'],
      ),
    )
    .action(async (options, command) => {
      requireRoot('stopping the platform');
      const reporter = makeReporter(process.stderr);
      try {
        await down({ folders: context.folders(), purge: options.purge === true, progress: reporter.progress });
      } finally {
        reporter.close();
      }
      const done = options.purge === true ? 'purged' : 'down';
      context.output(command).result({ state: done }, done === 'purged' ? 'Nothing is left.' : 'The platform is down.');
    });
}
