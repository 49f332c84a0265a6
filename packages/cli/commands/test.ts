import { Command } from '@commander-js/extra-typings';
import { makeReporter } from '#platform/progress/reporter.ts';
import { closingLine, sharesText } from '#platform/test-run/report.ts';
import { runTests } from '#platform/test-run/test-run.ts';
import { type Context, requireRoot } from '../context.ts';
import { examples } from '../examples.ts';
import { EXIT, ExitWith } from '../exit.ts';

export function testCommand(context: Context) {
  return new Command('test')
    .description('set up what tests need, then run them')
    .argument('[pattern]', 'part of a path, or of the name of a lint')
    .option('--all', 'the long ones too: loops, hundreds of sites, whole corpora')
    .addHelpText(
      'after',
      examples(
        ['hofje test', 'the fast suites'],
        ['hofje test packages/gate', 'those of one part'],
        ['hofje test lint/', 'the lints alone'],
        ['hofje test --all', 'everything'],
      ),
    )
    .action(async (pattern, { all }, command) => {
      requireRoot('running the tests');
      const output = context.output(command);
      const reporter = makeReporter(process.stderr);
      const run = await runTests({
        pattern,
        all: all === true,
        folders: context.folders(),
        cache: context.cache(),
        progress: reporter.progress,
      }).finally(() => reporter.close());
      for (const { name, output: said } of run.complaints) output.note(`\n${name}\n${said.trimEnd()}`);
      output.note(`\n${sharesText(run.suites)}\n`);
      output.result({ ...run.count, suites: run.suites }, closingLine(run.count));
      if (run.count.failed > 0 || run.count.passed === 0) throw new ExitWith(EXIT.failure);
    });
}
