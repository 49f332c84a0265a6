import { CommanderError } from '@commander-js/extra-typings';
import { makeContext } from './context.ts';
import { EXIT, ExitWith, exitCodeOf } from './exit.ts';
import { errorDocument, errorText } from './output.ts';
import { makeProgram } from './program.ts';

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});

process.exitCode = await main(process.argv);

async function main(argv: readonly string[]): Promise<number> {
  try {
    const program = await makeProgram(makeContext(process.env), argv.slice(2));
    await program.parseAsync(argv);
    return EXIT.ok;
  } catch (error) {
    if (error instanceof ExitWith) return error.status;
    // Commander has said what is wrong, or shown the help that was asked for.
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    if (!(error instanceof CommanderError)) process.stderr.write(`${errorText(error)}\n`);
    if (wantsJson(argv)) process.stdout.write(`${JSON.stringify(errorDocument(error), null, 2)}\n`);
    return exitCodeOf(error);
  }
}

function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? argv.length : end).includes('--json');
}
