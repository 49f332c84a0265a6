/** Groups as folders of one hierarchy: made, and removed. */
import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { groupNames, groupsFault, hasCode, readGroupFile, writeGroupFile } from './group-files.ts';
import { type Hierarchy, V2_CONTROLLERS } from './hierarchy.ts';

const DEADLINE_MS = 10_000;
const PAUSE_MS = 2;

/** Makes a group, and those above it. */
export function makeGroup(hierarchy: Hierarchy, path: string): void {
  let parent = hierarchy.root;
  for (const name of path.split('/').filter(Boolean)) {
    const folder = join(parent, name);
    if (hierarchy.version === 2) handDown(parent);
    // Made in one step, so that one that is there is no error.
    mkdirSync(folder, { mode: 0o755, recursive: true });
    if (hierarchy.controllers.includes('cpuset')) fillCpuset(parent, folder);
    parent = folder;
  }
}

/** A v1 group without processors and memory nodes takes no process; groups made below inherit them from now on. */
function fillCpuset(parent: string, folder: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    if (readGroupFile(join(folder, file)) === '') writeGroupFile(join(folder, file), readGroupFile(join(parent, file)));
  }
  writeGroupFile(join(folder, 'cgroup.clone_children'), '1');
}

/** v2 only: its children may have limits of their own. */
export function handDown(folder: string): void {
  const available = readGroupFile(join(folder, 'cgroup.controllers')).split(' ');
  const wanted = V2_CONTROLLERS.filter((name) => available.includes(name));
  if (wanted.length > 0) {
    writeGroupFile(join(folder, 'cgroup.subtree_control'), wanted.map((name) => `+${name}`).join(' '));
  }
}

/** Removes an empty group and those below it. No error when it is not there. */
export async function removeGroups(folder: string): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    try {
      rmdirSync(folder);
      return;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return;
      if (!hasCode(error, 'EBUSY', 'ENOTEMPTY')) throw error;
      if (Date.now() > deadline) throw groupsFault(`${folder} cannot be removed`);
    }
    const children = groupNames(folder);
    await Promise.all(children.map((name) => removeGroups(join(folder, name))));
    if (children.length === 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
