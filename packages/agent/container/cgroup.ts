import type { Dirent } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HofjeError } from '#model/error.ts';
import {
  findHierarchies,
  groupSettings,
  type Hierarchy,
  hierarchyLabel,
  parseMembership,
  type Setting,
  V2_CONTROLLERS,
} from './hierarchy.ts';
import type { GroupLimits } from './limits.ts';

/** What a group has used and holds now. Figures that this kernel does not keep are 0. */
export interface GroupUsage {
  readonly memoryBytes: number;
  readonly memoryPeakBytes: number;
  readonly cpuMs: number;
  readonly processes: number;
  /** Processes that were ended because memory ran out, the groups below included. */
  readonly oomKills: number;
}

const DEADLINE_MS = 10_000;
const PAUSE_MS = 2;

/**
 * Control groups below one path in every hierarchy at once. A group is named by its path from the hierarchies' root
 * (`/hofje-0/node/name/web`). Every change is read back: a limit that did not hold is an error, never a warning.
 */
export class ControlGroups {
  readonly hierarchies: readonly Hierarchy[];
  /** Where processes of a group are listed and killed: any will do, since a process is in the same group everywhere. */
  readonly #listing: Hierarchy;

  constructor(hierarchies: readonly Hierarchy[]) {
    const listing = hierarchies.find((one) => one.version === 2 || one.controllers.includes('freezer'));
    if (listing === undefined) throw new HofjeError('container.cgroup', 'This machine has no control groups to use.');
    this.hierarchies = hierarchies;
    this.#listing = listing;
  }

  /** Those that the agent sees now. */
  static async find(): Promise<ControlGroups> {
    return new ControlGroups(findHierarchies(await readFile('/proc/self/mountinfo', 'utf8')));
  }

  /** Makes a group, and those above it, in every hierarchy. */
  async ensure(path: string): Promise<void> {
    await Promise.all(this.hierarchies.map((hierarchy) => ensureIn(hierarchy, path)));
  }

  /** Makes a group whose parent `ensure` has made: one call to the kernel per hierarchy. */
  async add(path: string): Promise<void> {
    await Promise.all(this.hierarchies.map((hierarchy) => mkdir(join(hierarchy.root, path), { mode: 0o755 })));
  }

  /**
   * Lets the group's children have limits of their own. v2 wants a group that hands controllers down to hold no process;
   * v1 needs nothing.
   */
  async delegate(path: string): Promise<void> {
    for (const { version, root } of this.hierarchies) if (version === 2) await handDown(join(root, path));
  }

  /** Writes limits and reads them back. Throws `container.cgroup` when one does not hold. */
  async limit(path: string, limits: GroupLimits): Promise<void> {
    for (const hierarchy of this.hierarchies) {
      const folder = join(hierarchy.root, path);
      const settings = await presentSettings(folder, groupSettings(hierarchy, limits));
      for (const setting of settings) await apply(folder, setting);
      for (const setting of settings) await verify(folder, setting);
    }
  }

  /** Moves a process, and checks that it is there in every hierarchy. */
  async move(pid: number, path: string): Promise<void> {
    for (const { root } of this.hierarchies) await set(join(root, path, 'cgroup.procs'), `${pid}`);
    await this.check(pid, path);
  }

  /** Throws `container.cgroup` unless the process is in this group in every hierarchy. */
  async check(pid: number, path: string): Promise<void> {
    const membership = parseMembership(await readFile(`/proc/${pid}/cgroup`, 'utf8'));
    for (const hierarchy of this.hierarchies) {
      const group = membership.get(hierarchyLabel(hierarchy));
      if (group !== path) throw broken(`process ${pid} is in ${group} and not in ${path} of ${hierarchy.root}`);
    }
  }

  /** The processes of a group and of those below it. */
  async processes(path: string): Promise<readonly number[]> {
    return await listProcesses(join(this.#listing.root, path));
  }

  /**
   * Ends every process of a group and of those below it, and returns when none is left. They are frozen first where the
   * kernel cannot kill a group by itself, so that none can start another meanwhile. No error when the group is not there.
   */
  async kill(path: string): Promise<void> {
    const folder = join(this.#listing.root, path);
    const deadline = Date.now() + DEADLINE_MS;
    while ((await listProcesses(folder)).length > 0) {
      if (Date.now() > deadline) throw broken(`${path} still has processes after ${DEADLINE_MS} ms of killing`);
      if (this.#listing.version === 2) await set(join(folder, 'cgroup.kill'), '1');
      else await killFrozen(folder);
      if ((await listProcesses(folder)).length > 0) await pause();
    }
  }

  /** Removes an empty group and those below it, everywhere. No error when it is not there. */
  async remove(path: string): Promise<void> {
    await Promise.all(this.hierarchies.map(({ root }) => removeTree(join(root, path))));
  }

  /** Names of the groups directly below. */
  async children(path: string): Promise<readonly string[]> {
    return await childNames(join(this.#listing.root, path));
  }

  async usage(path: string): Promise<GroupUsage> {
    const folderOf = (controller: string) => {
      const hierarchy = this.hierarchies.find((one) => one.version === 2 || one.controllers.includes(controller));
      return join((hierarchy ?? this.#listing).root, path);
    };
    return this.#listing.version === 2 ? await usageV2(folderOf('')) : await usageV1(folderOf);
  }
}

async function ensureIn(hierarchy: Hierarchy, path: string): Promise<void> {
  let parent = hierarchy.root;
  for (const name of path.split('/').filter(Boolean)) {
    const folder = join(parent, name);
    if (hierarchy.version === 2) await handDown(parent);
    await mkdir(folder, { mode: 0o755 }).catch(unless('EEXIST'));
    if (hierarchy.controllers.includes('cpuset')) await fillCpuset(parent, folder);
    parent = folder;
  }
}

/** A v1 group without processors and memory nodes takes no process; groups made below inherit them from now on. */
async function fillCpuset(parent: string, folder: string): Promise<void> {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    if ((await get(join(folder, file))) === '') await set(join(folder, file), await get(join(parent, file)));
  }
  await set(join(folder, 'cgroup.clone_children'), '1');
}

async function handDown(folder: string): Promise<void> {
  const available = (await get(join(folder, 'cgroup.controllers'))).split(' ');
  const wanted = V2_CONTROLLERS.filter((name) => available.includes(name));
  if (wanted.length > 0) {
    await set(join(folder, 'cgroup.subtree_control'), wanted.map((name) => `+${name}`).join(' '));
  }
}

/** Optional ones (accounting of swap, throttling) are left out where the kernel lacks their file. */
async function presentSettings(folder: string, settings: readonly Setting[]): Promise<readonly Setting[]> {
  const optional = /^memory\.(memsw|swap)\.|^blkio\.|^io\./;
  const names = settings.some(({ file }) => optional.test(file)) ? await readdir(folder) : [];
  const present = settings.filter(({ file }) => !optional.test(file) || names.includes(file));
  // Memory with swap is never less than memory alone: which of the two goes first depends on the direction.
  const [first, second] = present;
  if (first?.file !== 'memory.limit_in_bytes' || second?.file !== 'memory.memsw.limit_in_bytes') return present;
  const grows = Number(second.value) > Number(await get(join(folder, second.file)));
  return grows ? [second, first, ...present.slice(2)] : present;
}

async function apply(folder: string, { file, value }: Setting): Promise<void> {
  await set(join(folder, file), value);
}

async function verify(folder: string, { file, expect }: Setting): Promise<void> {
  const lines = (await get(join(folder, file))).split('\n');
  if (!lines.includes(expect)) throw broken(`${join(folder, file)} is "${lines.join(' ')}" and not "${expect}"`);
}

async function killFrozen(folder: string): Promise<void> {
  await set(join(folder, 'freezer.state'), 'FROZEN');
  try {
    for (const pid of await listProcesses(folder)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch (error) {
        unless('ESRCH')(error);
      }
    }
  } finally {
    await set(join(folder, 'freezer.state'), 'THAWED');
  }
}

async function listProcesses(folder: string): Promise<number[]> {
  const own = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(gone);
  if (own === undefined) return [];
  const below = await Promise.all((await childNames(folder)).map((name) => listProcesses(join(folder, name))));
  // A process that this pid namespace cannot see is listed as 0.
  return [...own.split('\n').filter(Boolean).map(Number), ...below.flat()].filter((pid) => pid > 0);
}

async function childNames(folder: string): Promise<string[]> {
  const entries: Dirent[] = (await readdir(folder, { withFileTypes: true }).catch(gone)) ?? [];
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

async function removeTree(folder: string): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    try {
      await rmdir(folder);
      return;
    } catch (error) {
      if (!hasCode(error, 'EBUSY', 'ENOTEMPTY')) return unless('ENOENT')(error);
      if (Date.now() > deadline) throw broken(`${folder} cannot be removed`);
    }
    const children = await childNames(folder);
    await Promise.all(children.map((name) => removeTree(join(folder, name))));
    if (children.length === 0) await pause();
  }
}

async function usageV1(folderOf: (controller: string) => string): Promise<GroupUsage> {
  const [memory, peak, cpu, processes, oom] = await Promise.all([
    get(join(folderOf('memory'), 'memory.usage_in_bytes')),
    get(join(folderOf('memory'), 'memory.max_usage_in_bytes')),
    get(join(folderOf('cpuacct'), 'cpuacct.usage')),
    get(join(folderOf('pids'), 'pids.current')),
    get(join(folderOf('memory'), 'memory.oom_control')),
  ]);
  return {
    memoryBytes: Number(memory),
    memoryPeakBytes: Number(peak),
    cpuMs: Math.round(Number(cpu) / 1e6),
    processes: Number(processes),
    oomKills: field(oom, 'oom_kill'),
  };
}

async function usageV2(folder: string): Promise<GroupUsage> {
  const optional = (file: string) => get(join(folder, file)).catch(() => '0');
  const [memory, peak, cpu, processes, events] = await Promise.all([
    optional('memory.current'),
    optional('memory.peak'),
    optional('cpu.stat'),
    optional('pids.current'),
    optional('memory.events'),
  ]);
  return {
    memoryBytes: Number(memory),
    memoryPeakBytes: Number(peak),
    cpuMs: Math.round(field(cpu, 'usage_usec') / 1000),
    processes: Number(processes),
    oomKills: field(events, 'oom_kill'),
  };
}

/** A number of a file of `name number` lines. */
function field(text: string, name: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return line === undefined ? 0 : Number(line.slice(name.length + 1));
}

async function get(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim();
}

async function set(file: string, value: string): Promise<void> {
  try {
    // Not created: a missing file means a missing group, and must not become an ordinary file.
    await writeFile(file, value, { flag: 'r+' });
  } catch (error) {
    throw new HofjeError('container.cgroup', `${file} does not take "${value}".`, { cause: error });
  }
}

async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.some((code) => error.code === code);
}

/** Rethrows unless it is this error of the system. */
function unless(code: string): (error: unknown) => void {
  return (error) => {
    if (!hasCode(error, code)) throw error;
  };
}

/** For what may vanish while one looks: the group is gone, or its last process with it. */
function gone(error: unknown): undefined {
  if (!hasCode(error, 'ENOENT', 'ENODEV')) throw error;
}

function broken(why: string): HofjeError {
  return new HofjeError('container.cgroup', `Control groups: ${why}.`);
}
