import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type CgroupMounts, cgroupMounts } from '../doctor/cgroups.ts';

/** The control group of an installation; nodes have theirs below it, and so have the platform's own processes. */
export function installationGroup(slot: number): string {
  return `hofje-${slot}`;
}

/** Where the platform's own processes are; no node may have that name. */
const PLATFORM_GROUP = 'platform';

/** The hierarchy in which processes are tracked: one is enough, since none of ours leaves it. Pure. */
export function trackingRoot(mounts: CgroupMounts): string | undefined {
  for (const controller of ['name=systemd', 'pids', 'freezer']) {
    const hierarchy = mounts.v1.find(({ controllers }) => controllers.includes(controller));
    if (hierarchy !== undefined) return hierarchy.path;
  }
  return mounts.v2[0];
}

async function mountsNow(): Promise<CgroupMounts> {
  return cgroupMounts(await readFile('/proc/self/mounts', 'utf8'));
}

/** Makes the group of the platform's own processes and gives back its folder. */
export async function ensurePlatformGroup(slot: number): Promise<string> {
  const root = trackingRoot(await mountsNow());
  if (root === undefined) throw new Error('no control groups are mounted');
  const group = join(root, installationGroup(slot), PLATFORM_GROUP);
  await mkdir(group, { recursive: true });
  return group;
}

/** Folders of the installation's control group in every hierarchy that is mounted. */
export async function installationGroups(slot: number): Promise<readonly string[]> {
  const mounts = await mountsNow();
  const roots = [...mounts.v1.map(({ path }) => path), ...mounts.v2];
  return roots.map((root) => join(root, installationGroup(slot))).filter((folder) => existsSync(folder));
}

/** Processes in a group and all groups below it. */
export async function processesIn(group: string): Promise<readonly number[]> {
  const found = new Set<number>();
  for (const folder of await withDescendants(group)) {
    const text = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '');
    for (const line of text.split('\n')) if (line !== '') found.add(Number(line));
  }
  found.delete(0);
  return [...found];
}

const KILL_PATIENCE_MS = 10_000;

/** Kills all that is in the group, repeatedly, until nothing is left. Gives back what could not be ended. */
export async function killGroup(group: string): Promise<readonly number[]> {
  const until = Date.now() + KILL_PATIENCE_MS;
  for (;;) {
    const processes = await processesIn(group);
    if (processes.length === 0 || Date.now() > until) return processes;
    await thaw(group);
    for (const pid of processes) kill(pid);
    await pause(20);
  }
}

/** Removes an empty group with all groups below it. */
export async function removeGroup(group: string): Promise<void> {
  for (const folder of (await withDescendants(group)).toReversed()) await rmdir(folder).catch(() => undefined);
}

async function thaw(group: string): Promise<void> {
  // A frozen process does not die.
  for (const folder of await withDescendants(group)) {
    const file = join(folder, 'freezer.state');
    if (existsSync(file)) await writeFile(file, 'THAWED').catch(() => undefined);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

/** The group first, then those below it, parents before children. */
async function withDescendants(group: string): Promise<string[]> {
  const entries = await readdir(group, { withFileTypes: true }).catch(() => []);
  const below = await Promise.all(
    entries.filter((entry) => entry.isDirectory()).map((entry) => withDescendants(join(group, entry.name))),
  );
  return existsSync(group) ? [group, ...below.flat()] : [];
}
