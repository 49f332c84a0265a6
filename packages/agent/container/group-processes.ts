/** The processes of a control group and of those below it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { groupNames, groupsFault, hasCode, unlessGone, writeGroupFile } from './group-files.ts';

const DEADLINE_MS = 10_000;
const PAUSE_MS = 2;

/**
 * Ends every process of a group and of those below it, and returns when none is left. They are frozen first where the
 * kernel cannot kill a group by itself, so that none can start another meanwhile. No error when the group is not there.
 * Throws `container.cgroup` when some cannot be ended.
 */
export async function endProcesses(folder: string, version: 1 | 2): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (processesIn(folder).length > 0) {
    if (Date.now() > deadline) throw groupsFault(`${folder} still has processes after ${DEADLINE_MS} ms of killing`);
    if (version === 2) writeGroupFile(join(folder, 'cgroup.kill'), '1');
    else killFrozen(folder);
    if (processesIn(folder).length > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

function killFrozen(folder: string): void {
  writeGroupFile(join(folder, 'freezer.state'), 'FROZEN');
  try {
    for (const pid of processesIn(folder)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch (error) {
        if (!hasCode(error, 'ESRCH')) throw error;
      }
    }
  } finally {
    thaw(folder);
  }
}

/** Those below too: an agent that was killed at this very point left one frozen, and what is frozen does not die. */
function thaw(folder: string): void {
  unlessGone(() => writeFileSync(join(folder, 'freezer.state'), 'THAWED', { flag: 'r+' }));
  for (const name of groupNames(folder)) thaw(join(folder, name));
}

/** Numbers of all that run in it. */
export function processesIn(folder: string): number[] {
  const own = unlessGone(() => readFileSync(join(folder, 'cgroup.procs'), 'utf8')) ?? '';
  const below = groupNames(folder).map((name) => processesIn(join(folder, name)));
  // A process that this pid namespace cannot see is listed as 0.
  return [...own.split('\n').map(Number), ...below.flat()].filter((pid) => pid > 0);
}
