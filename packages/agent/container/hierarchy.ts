/** The control group hierarchies of a machine, and what to write into a group of each. Pure. */
import type { GroupLimits } from './limits.ts';

export interface Hierarchy {
  readonly version: 1 | 2;
  /** Where it is mounted. */
  readonly root: string;
  /** v1 only: its controllers, or its name for one without (`name=systemd`). */
  readonly controllers: readonly string[];
}

/** One file of a group, what is written, and what must be read back. */
export interface Setting {
  readonly file: string;
  readonly value: string;
  readonly expect: string;
}

/**
 * The hierarchies in the text of `/proc/self/mountinfo` (proc_pid_mountinfo(5)). On a machine that has both versions
 * (hybrid), those of v1, which have the controllers. Empty when there are none.
 */
export function findHierarchies(mountinfo: string): readonly Hierarchy[] {
  const found = mountinfo.split('\n').flatMap((line) => parseMount(line) ?? []);
  const v1 = found.filter((hierarchy) => hierarchy.version === 1);
  return v1.length > 0 ? v1 : found.slice(0, 1);
}

function parseMount(line: string): Hierarchy | undefined {
  const [before = '', after = ''] = line.split(' - ');
  const [, , , top, root] = before.split(' ');
  const [type, , options = ''] = after.split(' ');
  // Only whole hierarchies: a part of one, bound elsewhere, is somebody else's.
  if (root === undefined || top !== '/') return undefined;
  if (type === 'cgroup2') return { version: 2, root, controllers: [] };
  if (type !== 'cgroup') return undefined;
  const flags = ['rw', 'ro', 'xattr', 'noprefix', 'clone_children', 'cpuset_v2_mode'];
  return { version: 1, root, controllers: options.split(',').filter((option) => !flags.includes(option)) };
}

/** How `/proc/PID/cgroup` calls a hierarchy: its controllers, nothing for v2. */
export function hierarchyLabel(hierarchy: Hierarchy): string {
  return hierarchy.version === 2 ? '' : [...hierarchy.controllers].sort().join(',');
}

/** The group of a process in every hierarchy, from the text of `/proc/PID/cgroup` (cgroups(7)): label to path. */
export function parseMembership(text: string): ReadonlyMap<string, string> {
  const groups = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, controllers, ...path] = line.split(':');
    if (controllers !== undefined) groups.set(controllers.split(',').sort().join(','), path.join(':'));
  }
  return groups;
}

/** What to write into a group of this hierarchy; `pageSize` because memory is counted in whole pages. */
export function groupSettings(hierarchy: Hierarchy, limits: GroupLimits, pageSize = 4096): readonly Setting[] {
  return hierarchy.version === 2 ? settingsV2(limits, pageSize) : settingsV1(hierarchy.controllers, limits, pageSize);
}

/** Length of the period over which processor time is counted (kernel: cgroup-v1/../sched-bwc). */
const CPU_PERIOD_US = 100_000;

function settingsV1(controllers: readonly string[], limits: GroupLimits, pageSize: number): Setting[] {
  const { memoryBytes, processes, cpuPercent, io } = limits;
  const settings: Setting[] = [];
  if (controllers.includes('memory') && memoryBytes !== undefined) {
    const bytes = wholePages(memoryBytes, pageSize);
    settings.push(same('memory.limit_in_bytes', bytes), same('memory.memsw.limit_in_bytes', bytes));
  }
  if (controllers.includes('pids') && processes !== undefined) settings.push(same('pids.max', `${processes}`));
  if (controllers.includes('cpu') && cpuPercent !== undefined) {
    settings.push(same('cpu.cfs_period_us', `${CPU_PERIOD_US}`), same('cpu.cfs_quota_us', quota(cpuPercent)));
  }
  if (controllers.includes('blkio') && io !== undefined) {
    const value = `${io.device} ${io.perSecond}`;
    settings.push(same('blkio.throttle.read_iops_device', value), same('blkio.throttle.write_iops_device', value));
  }
  return settings;
}

function settingsV2(limits: GroupLimits, pageSize: number): Setting[] {
  const { memoryBytes, processes, cpuPercent, io } = limits;
  const settings: Setting[] = [];
  if (memoryBytes !== undefined) {
    settings.push(same('memory.max', wholePages(memoryBytes, pageSize)), same('memory.swap.max', '0'));
  }
  if (processes !== undefined) settings.push(same('pids.max', `${processes}`));
  if (cpuPercent !== undefined) settings.push(same('cpu.max', `${quota(cpuPercent)} ${CPU_PERIOD_US}`));
  if (io !== undefined) {
    const value = `${io.device} riops=${io.perSecond} wiops=${io.perSecond}`;
    const expect = `${io.device} rbps=max wbps=max riops=${io.perSecond} wiops=${io.perSecond}`;
    settings.push({ file: 'io.max', value, expect });
  }
  return settings;
}

/** Controllers of v2 that a group must hand down for its children's limits to be possible. */
export const V2_CONTROLLERS = ['cpu', 'io', 'memory', 'pids'] as const;

function same(file: string, value: string): Setting {
  return { file, value, expect: value };
}

function wholePages(bytes: number, pageSize: number): string {
  return `${Math.floor(bytes / pageSize) * pageSize}`;
}

function quota(percent: number): string {
  // The kernel accepts no less than a millisecond.
  return `${Math.max(1000, Math.round((percent * CPU_PERIOD_US) / 100))}`;
}
