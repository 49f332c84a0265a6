import { Command } from '@commander-js/extra-typings';
import { reportText } from '#bench/report.ts';
import { runBenchmarks } from '#bench/run.ts';
import { makeReporter } from '#platform/progress/reporter.ts';
import { type Context, requireRoot } from '../context.ts';
import { examples } from '../examples.ts';
import { EXIT, ExitWith } from '../exit.ts';

export function benchCommand(context: Context) {
  return new Command('bench')
    .description('measure the platform side by side with the same software without it')
    .argument('[name...]', 'benchmarks to run; all where none is named')
    .option('--quick', 'few samples: whether it works, not how fast it is')
    .addHelpText(
      'after',
      examples(
        ['hofje bench', 'everything, some twenty minutes'],
        ['hofje bench wake enter', 'two of them'],
        ['hofje bench --json > figures.json', 'with every sample'],
      ),
    )
    .action(async (names, { quick }, command) => {
      requireRoot('measuring');
      const output = context.output(command);
      const reporter = makeReporter(process.stderr);
      const interruption = interrupted(() => output.note('hofje: interrupted; clearing away'));
      const report = await runBenchmarks({
        names,
        quick: quick === true,
        folders: context.folders(),
        cache: context.cache(),
        databaseUrl: context.environment['HOFJE_DATABASE_URL'],
        progress: reporter.progress,
        signal: interruption,
      })
        .catch((error: unknown) => {
          if (interruption.aborted) throw new ExitWith(EXIT.interrupted);
          throw error;
        })
        .finally(() => reporter.close());
      output.result(report, reportText(report));
      if (report.results.some(({ failed }) => failed !== undefined)) throw new ExitWith(EXIT.failure);
    });
}

/** Becomes aborted on Ctrl-C; a second one ends the process at once. */
function interrupted(say: () => void): AbortSignal {
  const controller = new AbortController();
  const interrupt = () => {
    say();
    controller.abort();
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  return controller.signal;
}
