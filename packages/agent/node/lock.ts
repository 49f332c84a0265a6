import { readFile, rm } from 'node:fs/promises';
import { writeFileAtomically } from '#host/file.ts';
import { withLock } from '#images/machine-lock.ts';
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
  // Looking at a lock and taking it is one step for agents that begin at once. The guard's file stays: one that is removed
  // could be locked by two.
  return await withLock(`${path}.guard`, async () => {
    const holder = await lockHolder(path);
    if (holder !== undefined) {
      throw new HofjeError('node.agent-runs', `another agent (process ${holder}) works on this node`);
    }
    // By rename: who asks for the holder meanwhile reads the old one or the new one.
    await writeFileAtomically(path, JSON.stringify(holderOf(process.pid)), { mode: 0o644 });
    return { release: async () => await rm(path, { force: true }) };
  });
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
