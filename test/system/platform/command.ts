import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { spawn as spawnTerminal } from '@lydell/node-pty';
import type { StateFolders } from '#platform/state/folders.ts';
import { ROOT } from '#test/architecture/sources.ts';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `hofje ARGS` on a state folder, as a person would type it. */
export async function hofje(folders: StateFolders, ...args: readonly string[]): Promise<Ended> {
  return await start(folders, args).ended;
}

/** The same with something on its standard input. */
export async function hofjeFed(
  folders: StateFolders,
  input: string | Buffer,
  ...args: readonly string[]
): Promise<Ended> {
  return await start(folders, args, input).ended;
}

/** The same with its result read as JSON. Throws with its words when it fails. */
export async function hofjeJson<T>(folders: StateFolders, ...args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await hofje(folders, '--json', ...args);
  if (code !== 0) throw new Error(`hofje ${args.join(' ')} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

/** Starts `hofje up` and kills it as soon as that many steps are done, in the middle of the next one. */
export async function killUpAfter(folders: StateFolders, steps: number): Promise<Ended> {
  const { child, ended } = start(folders, ['up']);
  let seen = '';
  child.stderr.on('data', (text: string) => {
    seen += text;
    if (seen.split('✓').length > steps) child.kill('SIGKILL');
  });
  return await ended;
}

/** The same at a terminal of this size. */
export function hofjeAtTerminal(
  folders: StateFolders,
  size: { cols: number; rows: number },
  ...args: readonly string[]
) {
  const env = { ...environment(folders), TERM: 'xterm' };
  const terminal = spawnTerminal(process.execPath, [MAIN, ...args], { ...size, env });
  let screen = '';
  terminal.onData((text) => {
    screen += text;
  });
  const ended = new Promise<number>((resolve) => {
    terminal.onExit(({ exitCode }) => resolve(exitCode));
  });
  return {
    type: (keys: string) => terminal.write(keys),
    resize: (cols: number, rows: number) => terminal.resize(cols, rows),
    screen: () => screen,
    ended,
  };
}

const MAIN = join(ROOT, 'packages/cli/main.ts');

function environment(folders: StateFolders) {
  return { ...process.env, HOFJE_STATE: folders.root, HOFJE_API: '', NO_COLOR: '1' };
}

function start(folders: StateFolders, args: readonly string[], input: string | Buffer = '') {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: environment(folders),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended };
}
