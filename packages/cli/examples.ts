/** Examples for the end of a command's help: what one types, and what it does. */
export function examples(...lines: readonly (readonly [typed: string, does: string])[]): string {
  const width = Math.max(...lines.map(([typed]) => typed.length));
  return `\nExamples:\n${lines.map(([typed, does]) => `  $ ${typed.padEnd(width)}  # ${does}`).join('\n')}`;
}
