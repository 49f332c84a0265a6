import { type Dirent, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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

/** How often the kernel kept something from the processes of a group, since the group was made. */
export interface Hardship {
  readonly oomKills: number;
  /** Processes and threads that were not started because of a limit. */
  readonly refusedForks: number;
}

const DEADLINE_MS = 10_000;
const PAUSE_MS = 2;

/**
 * Control groups below one path in every hierarchy at once. A group is named by its path from the hierarchies' root
 * (`/hofje-0/node/name/web`). Every change is read back: a limit that did not hold is an error, never a warning.
 *
 * The kernel answers from memory in some ten microseconds, a tenth of what a promise over it costs; only moving a process
 * may wait (for every processor to pass a quiet point) and is therefore asynchronous.
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
  ensure(path: string): void {
    for (const hierarchy of this.hierarchies) ensureIn(hierarchy, path);
  }

  /**
   * Makes a group below one that `ensure` has made. Throws when it is there already, or is not complete: a process that
   * is to enter it would silently stay outside.
   */
  add(path: string): void {
    for (const { root, controllers } of this.hierarchies) {
      const folder = join(root, path);
      mkdirSync(folder, { mode: 0o755 });
      if (controllers.includes('cpuset') && get(join(folder, 'cpuset.cpus')) === '') throw broken(`${folder} is empty`);
    }
  }

  /**
   * The files of a group, one a hierarchy, by which a process with one thread enters it: it writes `0` into each. Another
   * way than being moved, since it waits for nobody. None on v2, where a process can be started inside a group.
   */
  joins(path: string): readonly string[] {
    return this.#listing.version === 2 ? [] : this.hierarchies.map(({ root }) => join(root, path, 'tasks'));
  }

  /** Where a group's processes are listed, and killed. */
  folder(path: string): string {
    return join(this.#listing.root, path);
  }

  /**
   * Lets the group's children have limits of their own. v2 wants a group that hands controllers down to hold no process;
   * v1 needs nothing.
   */
  delegate(path: string): void {
    for (const { version, root } of this.hierarchies) if (version === 2) handDown(join(root, path));
  }

  /** Writes limits and reads them back. Throws `container.cgroup` when one does not hold. */
  limit(path: string, limits: GroupLimits): void {
    for (const hierarchy of this.hierarchies) {
      const folder = join(hierarchy.root, path);
      const settings = presentSettings(folder, groupSettings(hierarchy, limits));
      for (const setting of settings) apply(folder, setting);
      for (const setting of settings) verify(folder, setting);
    }
  }

  /**
   * As `limit`, of a group that is in use. False when it holds more memory than it is to have, and v1 finds nothing to take
   * back: all other limits are set then. v2 ends processes instead, until it fits.
   */
  adjust(path: string, limits: GroupLimits): boolean {
    const { memoryBytes, ...others } = limits;
    this.limit(path, others);
    if (memoryBytes === undefined) return true;
    try {
      this.limit(path, { memoryBytes });
      return true;
    } catch (error) {
      if (error instanceof HofjeError && hasCode(error.cause, 'EBUSY')) return false;
      throw error;
    }
  }

  /** Moves a process, and checks that it is there in every hierarchy. */
  async move(pid: number, path: string): Promise<void> {
    for (const { root } of this.hierarchies) {
      await writeFile(join(root, path, 'cgroup.procs'), `${pid}`, { flag: 'r+' });
    }
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
  processes(path: string): readonly number[] {
    return listProcesses(join(this.#listing.root, path));
  }

  /**
   * Ends every process of a group and of those below it, and returns when none is left. They are frozen first where the
   * kernel cannot kill a group by itself, so that none can start another meanwhile. No error when the group is not there.
   */
  async kill(path: string): Promise<void> {
    const folder = join(this.#listing.root, path);
    const deadline = Date.now() + DEADLINE_MS;
    while (listProcesses(folder).length > 0) {
      if (Date.now() > deadline) throw broken(`${path} still has processes after ${DEADLINE_MS} ms of killing`);
      if (this.#listing.version === 2) set(join(folder, 'cgroup.kill'), '1');
      else killFrozen(folder);
      if (listProcesses(folder).length > 0) await pause();
    }
  }

  /** Removes an empty group and those below it, everywhere. No error when it is not there. */
  async remove(path: string): Promise<void> {
    await Promise.all(this.hierarchies.map(({ root }) => removeTree(join(root, path))));
  }

  /** Names of the groups directly below. */
  children(path: string): readonly string[] {
    return childNames(join(this.#listing.root, path));
  }

  /**
   * Counts of a group below `whole`. A refused start is counted by older kernels, and v1, in the group of who asked, and by
   * v2 since Linux 6.11 in the one whose limit it was and those above it: all up to `whole` are added up, so only a
   * difference says something. Groups that are gone count nothing.
   */
  hardship(path: string, whole: string): Hardship {
    const counted = (folder: string, file: string, name: string) =>
      unlessGone(() => field(get(join(folder, file)), name)) ?? 0;
    const [memory, pids] = [this.#folderOf('memory', path), this.#folderOf('pids', path)];
    const file = this.#listing.version === 2 ? 'memory.events' : 'memory.oom_control';
    const groups = groupsUpTo(pids, this.#folderOf('pids', whole));
    return {
      oomKills: counted(memory, file, 'oom_kill'),
      refusedForks: groups.reduce((sum, folder) => sum + counted(folder, 'pids.events', 'max'), 0),
    };
  }

  usage(path: string): GroupUsage {
    const folderOf = (controller: string) => this.#folderOf(controller, path);
    return this.#listing.version === 2 ? usageV2(folderOf('')) : usageV1(folderOf);
  }

  /** Where the files of a controller are for a group. */
  #folderOf(controller: string, path: string): string {
    const hierarchy = this.hierarchies.find((one) => one.version === 2 || one.controllers.includes(controller));
    return join((hierarchy ?? this.#listing).root, path);
  }
}

/** A folder and those above it, `last` included. */
function groupsUpTo(folder: string, last: string): string[] {
  return folder === last || folder.length <= last.length ? [folder] : [folder, ...groupsUpTo(dirname(folder), last)];
}

function ensureIn(hierarchy: Hierarchy, path: string): void {
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
    if (get(join(folder, file)) === '') set(join(folder, file), get(join(parent, file)));
  }
  set(join(folder, 'cgroup.clone_children'), '1');
}

function handDown(folder: string): void {
  const available = get(join(folder, 'cgroup.controllers')).split(' ');
  const wanted = V2_CONTROLLERS.filter((name) => available.includes(name));
  if (wanted.length > 0) {
    set(join(folder, 'cgroup.subtree_control'), wanted.map((name) => `+${name}`).join(' '));
  }
}

/** Optional ones (accounting of swap, throttling) are left out where the kernel lacks their file. */
function presentSettings(folder: string, settings: readonly Setting[]): readonly Setting[] {
  const optional = /^memory\.(memsw|swap)\.|^blkio\.|^io\./;
  const names = settings.some(({ file }) => optional.test(file)) ? readdirSync(folder) : [];
  const present = settings.filter(({ file }) => !optional.test(file) || names.includes(file));
  // Memory with swap is never less than memory alone: which of the two goes first depends on the direction.
  const [first, second] = present;
  if (first?.file !== 'memory.limit_in_bytes' || second?.file !== 'memory.memsw.limit_in_bytes') return present;
  const grows = Number(second.value) > Number(get(join(folder, second.file)));
  return grows ? [second, first, ...present.slice(2)] : present;
}

function apply(folder: string, { file, value }: Setting): void {
  set(join(folder, file), value);
}

function verify(folder: string, { file, expect }: Setting): void {
  const lines = get(join(folder, file)).split('\n');
  if (!lines.includes(expect)) throw broken(`${join(folder, file)} is "${lines.join(' ')}" and not "${expect}"`);
}

function killFrozen(folder: string): void {
  set(join(folder, 'freezer.state'), 'FROZEN');
  try {
    for (const pid of listProcesses(folder)) {
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
  for (const name of childNames(folder)) thaw(join(folder, name));
}

function listProcesses(folder: string): number[] {
  const own = unlessGone(() => readFileSync(join(folder, 'cgroup.procs'), 'utf8')) ?? '';
  const below = childNames(folder).map((name) => listProcesses(join(folder, name)));
  // A process that this pid namespace cannot see is listed as 0.
  return [...own.split('\n').map(Number), ...below.flat()].filter((pid) => pid > 0);
}

function childNames(folder: string): string[] {
  const entries: Dirent[] = unlessGone(() => readdirSync(folder, { withFileTypes: true })) ?? [];
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

async function removeTree(folder: string): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    try {
      rmdirSync(folder);
      return;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return;
      if (!hasCode(error, 'EBUSY', 'ENOTEMPTY')) throw error;
      if (Date.now() > deadline) throw broken(`${folder} cannot be removed`);
    }
    const children = childNames(folder);
    await Promise.all(children.map((name) => removeTree(join(folder, name))));
    if (children.length === 0) await pause();
  }
}

function usageV1(folderOf: (controller: string) => string): GroupUsage {
  const memory = folderOf('memory');
  return {
    memoryBytes: Number(get(join(memory, 'memory.usage_in_bytes'))),
    memoryPeakBytes: Number(get(join(memory, 'memory.max_usage_in_bytes'))),
    cpuMs: Math.round(Number(get(join(folderOf('cpuacct'), 'cpuacct.usage'))) / 1e6),
    processes: Number(get(join(folderOf('pids'), 'pids.current'))),
    oomKills: oomKillsV1(memory),
  };
}

/** v1 counts in the group of the process that was ended only. */
function oomKillsV1(folder: string): number {
  const own = unlessGone(() => field(get(join(folder, 'memory.oom_control')), 'oom_kill')) ?? 0;
  return childNames(folder).reduce((sum, name) => sum + oomKillsV1(join(folder, name)), own);
}

function usageV2(folder: string): GroupUsage {
  // Missing where the controller is not enabled; `memory.peak` came with Linux 5.19.
  const optional = (file: string) => unlessGone(() => get(join(folder, file))) ?? '0';
  return {
    memoryBytes: Number(optional('memory.current')),
    memoryPeakBytes: Number(optional('memory.peak')),
    cpuMs: Math.round(field(optional('cpu.stat'), 'usage_usec') / 1000),
    processes: Number(optional('pids.current')),
    oomKills: field(optional('memory.events'), 'oom_kill'),
  };
}

/** A number of a file of `name number` lines. */
function field(text: string, name: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return line === undefined ? 0 : Number(line.slice(name.length + 1));
}

function get(file: string): string {
  return readFileSync(file, 'utf8').trim();
}

function set(file: string, value: string): void {
  try {
    // Not created: a missing file means a missing group, and must not become an ordinary file.
    writeFileSync(file, value, { flag: 'r+' });
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

/** For what may vanish while one looks: the group is gone, or its last process with it. */
function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENODEV')) return undefined;
    throw error;
  }
}

function broken(why: string): HofjeError {
  return new HofjeError('container.cgroup', `Control groups: ${why}.`);
}
