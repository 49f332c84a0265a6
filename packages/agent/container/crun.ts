import { type StdioOptions, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOST_ENVIRONMENT } from '#host/run.ts';
import { readProcess } from './process-state.ts';

/** What one call of crun needs to know. */
export interface CrunCall {
  /** crun's own state folder. */
  readonly root: string;
  /** Its messages, one JSON object a line. They name paths of the machine: for the operator only. */
  readonly log: string;
}

export interface CrunMessage {
  readonly level: string;
  readonly msg: string;
}

/** The whole argv. Systemd is not asked: the groups are ours. */
export function crunArgv(call: CrunCall, args: readonly string[]): string[] {
  return ['--root', call.root, '--cgroup-manager=cgroupfs', '--log', call.log, '--log-format=json', ...args];
}

/** Runs crun to its end; false when it failed (its log says why). */
export async function callCrun(
  call: CrunCall,
  args: readonly string[],
  stdio: StdioOptions = 'ignore',
): Promise<boolean> {
  const child = spawn('crun', crunArgv(call, args), { env: HOST_ENVIRONMENT, cwd: '/', stdio });
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code === 0));
  });
}

/** The messages in a log; a line that is none (torn by a crash) counts as a message of its own. */
export function readCrunLog(file: string): readonly CrunMessage[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => (line === '' ? [] : [parseMessage(line)]));
}

function parseMessage(line: string): CrunMessage {
  try {
    const { level, msg } = JSON.parse(line) as Partial<Record<string, unknown>>;
    if (typeof level === 'string' && typeof msg === 'string') return { level, msg };
  } catch {
    // Not JSON: passed on as it is.
  }
  return { level: 'error', msg: line };
}

/**
 * The first process of a running container, undefined when none runs. Read from crun's state, as crun itself does; the
 * start time tells a reused number.
 */
export function containerPid(root: string, name: string): number | undefined {
  try {
    const status = JSON.parse(readFileSync(join(root, name, 'status'), 'utf8')) as Partial<Record<string, unknown>>;
    const pid = status['pid'];
    if (typeof pid !== 'number') return undefined;
    const state = readProcess(pid);
    if (state === undefined || state.ending) return undefined;
    return state.startTime === status['process-start-time'] ? pid : undefined;
  } catch {
    return undefined;
  }
}
