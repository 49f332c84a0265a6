import { spawn } from 'node:child_process';
import { join } from 'node:path';
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

function start(folders: StateFolders, args: readonly string[]) {
  const child = spawn(process.execPath, [join(ROOT, 'packages/cli/main.ts'), ...args], {
    env: { ...process.env, HOFJE_STATE: folders.root, HOFJE_API: '', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
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
