import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { describe, expect, test } from 'vitest';
import { makeContext } from './context.ts';
import { makeProgram } from './program.ts';

const program = await makeProgram(makeContext({}));

function leaves(command: CommandUnknownOpts): CommandUnknownOpts[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

function helpOf(command: CommandUnknownOpts): string {
  let text = '';
  command.configureOutput({ ...command.configureOutput(), writeOut: (more) => (text += more) });
  command.outputHelp();
  return text;
}

function pathOf(command: CommandUnknownOpts): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

describe('every command', () => {
  test.each(leaves(program).map((command) => [pathOf(command), command] as const))('%s', (path, command) => {
    const help = helpOf(command);
    expect(command.description()).not.toBe('');
    expect(help).toContain('--json');
    expect(help).toContain('Examples:');
    expect(help).toContain(`$ ${path}`);
    for (const argument of command.registeredArguments) expect(argument.description, argument.name()).not.toBe('');
    for (const option of command.options) expect(option.description, option.long ?? '').not.toBe('');
  });
});

/** Parses without running anything; gives back the code of the error. */
async function refusal(...argv: string[]): Promise<string> {
  const silent = await makeProgram(makeContext({}), argv);
  const quiet = (command: CommandUnknownOpts) => {
    command.configureOutput({ writeErr: () => undefined, outputError: () => undefined });
    command.commands.forEach(quiet);
  };
  quiet(silent);
  try {
    await silent.parseAsync(['node', 'hofje', ...argv]);
    return 'none';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

test.each([
  [['nonsense'], 'commander.unknownCommand'],
  [['site', 'create', 'example.org'], 'commander.missingMandatoryOptionValue'],
  [['site', 'create', '--account', 'a'], 'commander.missingArgument'],
  [['site', 'delete', 'example.org', '--grace', '-1'], 'commander.invalidArgument'],
  [['site', 'delete', 'example.org', '--grace', '1e3'], 'commander.invalidArgument'],
  [['site', 'logs', 'example.org', '--lines', '0'], 'commander.invalidArgument'],
  [['account', 'list', '--wrong'], 'commander.unknownOption'],
  [['account', 'list', 'too', 'many'], 'commander.excessArguments'],
])('%j is wrong usage', async (argv, code) => {
  expect(await refusal(...argv)).toBe(code);
});
