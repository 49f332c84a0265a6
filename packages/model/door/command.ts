/** What is to be run inside a site. Never a shell string: each element of `argv` arrives as it is. */
export interface Command {
  /** At least one element; no NUL in any. */
  readonly argv: readonly string[];
  /** Added to the door's own variables; names match [A-Za-z_][A-Za-z0-9_]*, no NUL in values. */
  readonly env: Readonly<Record<string, string>>;
  /** A terminal of this size instead of three streams. */
  readonly terminal?: { readonly columns: number; readonly rows: number };
}

/** Longest argv and environment together, bytes; below the kernel's own limit of a single string (128 KiB). */
export const COMMAND_BYTES_MAX = 120 * 1024;

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The first thing wrong with a command, or undefined. */
export function commandFault(command: Command): string | undefined {
  if (command.argv.length === 0 || command.argv[0] === '') return 'the command is empty';
  const texts = [...command.argv, ...Object.values(command.env)];
  if (texts.some((text) => text.includes('\0'))) return 'a NUL byte cannot be part of a command';
  if (Object.keys(command.env).some((name) => !VARIABLE.test(name))) return 'a variable has an impossible name';
  const bytes = texts.reduce((sum, text) => sum + new TextEncoder().encode(text).length + 1, 0);
  if (bytes > COMMAND_BYTES_MAX) return `the command is longer than ${COMMAND_BYTES_MAX} bytes`;
  return undefined;
}
