import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { HofjeError } from '#model/error.ts';
import { readProcess } from '../container/process-state.ts';

interface Holder {
  readonly pid: number;
  /** With the pid it names one process for ever (until the machine starts anew, which empties the process table). */
  readonly startTime: number;
}

/**
 * Makes sure that one agent alone works on a node. The lock of a process that is gone is taken over. Throws
 * `node.agent-runs`.
 */
export async function takeLock(path: string): Promise<{ release(): Promise<void> }> {
  const own = `${path}.${process.pid}`;
  await writeFile(own, JSON.stringify(holderOf(process.pid)), { mode: 0o644 });
  try {
    for (let tries = 0; tries < 3; tries += 1) {
      if (await succeeded(link(own, path))) return { release: async () => await rm(path, { force: true }) };
      const holder = await lockHolder(path);
      if (holder !== undefined) {
        throw new HofjeError('node.agent-runs', `another agent (process ${holder}) works on this node`);
      }
      await rm(path, { force: true });
    }
    throw new HofjeError('node.agent-runs', 'another agent has just begun to work on this node');
  } finally {
    await rm(own, { force: true });
  }
}

/** The process that holds the lock, if it lives. */
export async function lockHolder(path: string): Promise<number | undefined> {
  try {
    const { pid, startTime } = JSON.parse(await readFile(path, 'utf8')) as Partial<Holder>;
    if (typeof pid !== 'number' || pid === process.pid) return undefined;
    const state = readProcess(pid);
    return state?.startTime === startTime && state?.ending === false ? pid : undefined;
  } catch {
    return undefined;
  }
}

function holderOf(pid: number): Holder {
  return { pid, startTime: readProcess(pid)?.startTime ?? 0 };
}

async function succeeded(work: Promise<void>): Promise<boolean> {
  return await work.then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );
}
