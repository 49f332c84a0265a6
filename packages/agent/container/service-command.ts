import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HOST_ENVIRONMENT } from '#host/run.ts';
import { HofjeError } from '#model/error.ts';
import { opaqueName } from '#model/id.ts';
import { crunArgv, readCrunLog } from './crun.ts';
import type { MailInstance } from './instance.ts';
import { ENTRIES_GROUP, type Runtime } from './runtime.ts';
import { mailCommandProcess } from './spec.ts';

export interface ServiceProgram {
  /** Ours, never a customer's text: options and ids of the platform. */
  readonly argv: readonly string[];
  /** User and group inside. */
  readonly uid: number;
  readonly input?: string;
  readonly timeoutMs?: number;
}

export interface ServiceResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const TIMEOUT_MS = 30_000;
const OUTPUT_MAX = 64 * 1024 * 1024;

/**
 * Runs one of the platform's programs in the mail container (`exim -bp` and the like), without capabilities and in a group
 * of its own. Throws `container.service-command` when it could not be started, took too long or said too much; any exit
 * code is an answer.
 */
export async function runInMail(
  runtime: Runtime,
  instance: MailInstance,
  program: ServiceProgram,
): Promise<ServiceResult> {
  const id = opaqueName(randomBytes(20));
  const group = join(instance.cgroup, ENTRIES_GROUP, id);
  const folder = join(runtime.work, '.commands', id);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'process.json');
  const log = join(folder, 'crun.log');
  try {
    await writeFile(file, JSON.stringify(mailCommandProcess({ ...program, filesMax: runtime.filesMax })), {
      mode: 0o600,
    });
    runtime.groups.add(group);
    const args = ['exec', '--process', file, '--cgroup', `${ENTRIES_GROUP}/${id}`, instance.name];
    const result = await collect(crunArgv({ root: runtime.crun, log }, args), program);
    const messages = readCrunLog(log).map(({ msg }) => msg);
    if (messages.length > 0) throw commandFailed(program, messages.join('; '));
    return result;
  } finally {
    await runtime.groups.kill(group);
    await runtime.groups.remove(group);
    await rm(folder, { recursive: true, force: true });
  }
}

async function collect(argv: readonly string[], program: ServiceProgram): Promise<ServiceResult> {
  const child = spawn('crun', argv, { env: HOST_ENVIRONMENT, cwd: '/', stdio: 'pipe' });
  let trouble: string | undefined;
  const giveUp = (why: string) => {
    trouble ??= why;
    child.kill('SIGKILL');
    // What crun has started may hold these open for ever.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  const timer = setTimeout(() => giveUp('it took too long'), program.timeoutMs ?? TIMEOUT_MS);
  const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  let bytes = 0;
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > OUTPUT_MAX) giveUp('it said too much');
      else output[name].push(chunk);
    });
  }
  // A program that ends without reading its input is judged by its exit code.
  child.stdin.on('error', () => undefined);
  child.stdin.end(program.input ?? '');
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    if (trouble !== undefined || code === null) throw commandFailed(program, trouble ?? 'it was killed');
    const text = (name: 'stdout' | 'stderr') => Buffer.concat(output[name]).toString('utf8');
    return { code, stdout: text('stdout'), stderr: text('stderr') };
  } finally {
    clearTimeout(timer);
  }
}

function commandFailed(program: ServiceProgram, why: string): HofjeError {
  return new HofjeError(
    'container.service-command',
    `${program.argv.slice(0, 3).join(' ')} in the mail service: ${why}.`,
  );
}
