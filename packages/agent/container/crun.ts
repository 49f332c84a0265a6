import { type StdioOptions, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { HOST_ENVIRONMENT, run } from '#host/run.ts';
import { readProcess } from './process-state.ts';

/** What one call of crun needs to know. */
export interface CrunCall {
  /** crun's own state folder. */
  readonly root: string;
  /** A file for its messages, one JSON object a line. They name paths of the machine: for the operator only. */
  readonly log: string;
}

/** The whole argv. Systemd is not asked: the groups are ours. */
export function crunArgv(call: CrunCall, args: readonly string[]): string[] {
  return ['--root', call.root, '--cgroup-manager=cgroupfs', '--log', call.log, '--log-format=json', ...args];
}

/**
 * Told that its program file cannot be changed, crun looks whether that is so (a file system that is read-only here), and
 * else makes itself a copy for this one call.
 */
export const CRUN_ENVIRONMENT: Readonly<Record<string, string>> = {
  ...HOST_ENVIRONMENT,
  _LIBCONTAINER_CLONED_BINARY: '1',
};

/**
 * Sees to it that nobody can write to crun's program file through this mount namespace, whatever a container gets hold of
 * (CVE-2019-5736): crun then need not copy itself, which takes a fourth of each call. Does nothing when it is so.
 */
export async function ensureFixedCrun(): Promise<void> {
  const { stdout } = await run(['which', 'crun']);
  const program = await realpath(stdout.trim());
  if (isFixed(await readFile('/proc/self/mountinfo', 'utf8'), program)) return;
  await run(['mount', '--bind', '--', program, program]);
  await run(['mount', '-o', 'remount,bind,ro', '--', program]);
}

/** Whether the topmost mount at `path` is read-only, from the text of `/proc/self/mountinfo`. Pure. */
export function isFixed(mountinfo: string, path: string): boolean {
  const mount = mountinfo
    .split('\n')
    .map((line) => line.split(' '))
    .findLast((fields) => fields[4] === path);
  return mount?.[5]?.split(',').includes('ro') ?? false;
}

/** Runs crun to its end; false when it failed (its log says why). */
export async function callCrun(
  call: CrunCall,
  args: readonly string[],
  stdio: StdioOptions = 'ignore',
): Promise<boolean> {
  const child = spawn('crun', crunArgv(call, args), { env: CRUN_ENVIRONMENT, cwd: '/', stdio });
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code === 0));
  });
}

/** What lies in a log of crun. */
export interface CrunLog {
  readonly messages: readonly string[];
  /**
   * What follows the messages. With a terminal, crun (1.8.1) writes the program's last output here instead of where all
   * before went, when the program ends before it was read; in pieces of at most 255 bytes, each with a newline behind.
   */
  readonly rest: Buffer;
}

export function readCrunLog(file: string): CrunLog {
  try {
    return parseCrunLog(readFileSync(file));
  } catch {
    return { messages: [], rest: Buffer.alloc(0) };
  }
}

/** Exported for its test. */
export function parseCrunLog(bytes: Buffer): CrunLog {
  const messages: string[] = [];
  let rest = bytes;
  for (;;) {
    const end = rest.indexOf(0x0a);
    const message = end === -1 ? undefined : parseMessage(rest.toString('utf8', 0, end));
    if (message === undefined) return { messages, rest };
    messages.push(message);
    rest = rest.subarray(end + 1);
  }
}

/** The output in the rest of a log, without the newlines that crun put between its pieces. */
export function lastOutput(rest: Buffer): Buffer {
  const PIECE = 255;
  const pieces: Buffer[] = [];
  let left = rest;
  while (left.length > PIECE && left[PIECE] === 0x0a) {
    pieces.push(left.subarray(0, PIECE));
    left = left.subarray(PIECE + 1);
  }
  pieces.push(left.at(-1) === 0x0a ? left.subarray(0, -1) : left);
  return Buffer.concat(pieces);
}

function parseMessage(line: string): string | undefined {
  try {
    const { level, msg, time } = JSON.parse(line) as Partial<Record<string, unknown>>;
    return typeof level === 'string' && typeof time === 'string' && typeof msg === 'string' ? msg : undefined;
  } catch {
    return undefined;
  }
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
