import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlink } from 'node:fs/promises';
import { HOST_ENVIRONMENT } from '#host/run.ts';
import { HofjeError } from '#model/error.ts';

/** A process that does nothing but keep a new namespace open. */
export interface Held {
  readonly pid: number;
  release(): Promise<void>;
}

const DEADLINE_MS = 10_000;

/**
 * Starts `command`, which must make a namespace and then run what follows it, and waits until the process has another
 * one than this process under `/proc/PID/ns/KIND`. Throws `container.namespace` when the kernel refuses.
 */
export async function holdNamespace(
  command: readonly [string, ...string[]],
  kind: 'user' | 'net' | 'time_for_children',
): Promise<Held> {
  const [program, ...args] = command;
  const stdio = ['pipe', 'ignore', 'ignore'] as const;
  const child = spawn(program, [...args, 'cat'], { env: HOST_ENVIRONMENT, cwd: '/', stdio: [...stdio] });
  const ended = once(child, 'exit');
  const release = async () => {
    child.stdin?.end();
    await ended;
  };
  const { pid } = child;
  if (pid === undefined) throw failed(kind, `${program} did not start`);
  try {
    await untilMade(pid, kind, () => child.exitCode !== null);
  } catch (error) {
    await release();
    throw error;
  }
  return { pid, release };
}

async function untilMade(pid: number, kind: string, hasEnded: () => boolean): Promise<void> {
  const own = await readlink(`/proc/self/ns/${kind}`);
  const deadline = Date.now() + DEADLINE_MS;
  while (Date.now() < deadline) {
    if (hasEnded()) throw failed(kind, 'this kernel refuses it');
    const name = await readlink(`/proc/${pid}/ns/${kind}`).catch(() => own);
    if (name !== own) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw failed(kind, 'it was not made in time');
}

function failed(kind: string, why: string): HofjeError {
  return new HofjeError('container.namespace', `A ${kind.split('_')[0]} namespace for a container: ${why}.`);
}
