import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../program.ts';

/** A check of the whole source that counts as one test. */
export interface Lint {
  readonly name: string;
  /** Program in node_modules/.bin and its arguments. */
  readonly argv: readonly [string, ...string[]];
}

export const LINTS: readonly Lint[] = [
  { name: 'lint/biome', argv: ['biome', 'check', '--error-on-warnings', '.'] },
  { name: 'lint/types', argv: ['tsc', '--project', '.', '--noEmit'] },
  { name: 'lint/panel-types', argv: ['tsc', '--project', 'packages/panel', '--noEmit'] },
  { name: 'lint/unused', argv: ['knip', '--no-progress'] },
];

export interface LintResult {
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
  readonly output: string;
}

export async function runLint(lint: Lint): Promise<LintResult> {
  const from = performance.now();
  const [program, ...args] = lint.argv;
  let output = '';
  const passed = await new Promise<boolean>((resolve) => {
    const child = spawn(join(PROJECT_ROOT, 'node_modules', '.bin', program), args, {
      cwd: PROJECT_ROOT,
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.on('error', (error) => {
      output += error.message;
      resolve(false);
    });
    child.on('close', (code) => resolve(code === 0));
  });
  return { name: lint.name, passed, seconds: (performance.now() - from) / 1000, output };
}
