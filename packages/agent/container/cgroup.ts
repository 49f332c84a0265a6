import { mkdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HofjeError } from '#model/error.ts';
import { type GroupUsage, type Hardship, hardshipIn, usageV1, usageV2 } from './group-counts.ts';
import { groupNames, groupsFault, hasCode, readGroupFile } from './group-files.ts';
import { handDown, makeGroup, removeGroups } from './group-folders.ts';
import { setLimits } from './group-limits.ts';
import { endProcesses, processesIn } from './group-processes.ts';
import { findHierarchies, type Hierarchy, hierarchyLabel, parseMembership } from './hierarchy.ts';
import type { GroupLimits } from './limits.ts';

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
    for (const hierarchy of this.hierarchies) makeGroup(hierarchy, path);
  }

  /**
   * Makes a group below one that `ensure` has made. Throws when it is there already, or is not complete: a process that
   * is to enter it would silently stay outside.
   */
  add(path: string): void {
    for (const { root, controllers } of this.hierarchies) {
      const folder = join(root, path);
      mkdirSync(folder, { mode: 0o755 });
      if (controllers.includes('cpuset') && readGroupFile(join(folder, 'cpuset.cpus')) === '')
        throw groupsFault(`${folder} is empty`);
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
      setLimits(hierarchy, join(hierarchy.root, path), limits);
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
      if (group !== path) throw groupsFault(`process ${pid} is in ${group} and not in ${path} of ${hierarchy.root}`);
    }
  }

  /** The processes of a group and of those below it. */
  processes(path: string): readonly number[] {
    return processesIn(this.folder(path));
  }

  /** Ends every process of a group and of those below it (see `endProcesses`). No error when it is not there. */
  async kill(path: string): Promise<void> {
    await endProcesses(this.folder(path), this.#listing.version);
  }

  /** Removes an empty group and those below it, everywhere. No error when it is not there. */
  async remove(path: string): Promise<void> {
    await Promise.all(this.hierarchies.map(({ root }) => removeGroups(join(root, path))));
  }

  /** Names of the groups directly below. */
  children(path: string): readonly string[] {
    return groupNames(this.folder(path));
  }

  /** Counts of a group below `whole`; only a difference between two says something (see `hardshipIn`). */
  hardship(path: string, whole: string): Hardship {
    return hardshipIn({
      version: this.#listing.version,
      memory: this.#folderOf('memory', path),
      pids: this.#folderOf('pids', path),
      pidsOfWhole: this.#folderOf('pids', whole),
    });
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
