/** What the kernel counts of a control group, in either version. */
import { dirname, join } from 'node:path';
import { groupNames, numberIn, readGroupFile, unlessGone } from './group-files.ts';

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

/** Where the files of a controller are for a group; any will do in version 2. */
export type FolderOf = (controller: string) => string;

export function usageV1(folderOf: FolderOf): GroupUsage {
  const memory = folderOf('memory');
  return {
    memoryBytes: Number(readGroupFile(join(memory, 'memory.usage_in_bytes'))),
    memoryPeakBytes: Number(readGroupFile(join(memory, 'memory.max_usage_in_bytes'))),
    cpuMs: Math.round(Number(readGroupFile(join(folderOf('cpuacct'), 'cpuacct.usage'))) / 1e6),
    processes: Number(readGroupFile(join(folderOf('pids'), 'pids.current'))),
    oomKills: oomKillsV1(memory),
  };
}

/** v1 counts in the group of the process that was ended only. */
function oomKillsV1(folder: string): number {
  const own = unlessGone(() => numberIn(readGroupFile(join(folder, 'memory.oom_control')), 'oom_kill')) ?? 0;
  return groupNames(folder).reduce((sum, name) => sum + oomKillsV1(join(folder, name)), own);
}

export function usageV2(folder: string): GroupUsage {
  // Missing where the controller is not enabled; `memory.peak` came with Linux 5.19.
  const optional = (file: string) => unlessGone(() => readGroupFile(join(folder, file))) ?? '0';
  return {
    memoryBytes: Number(optional('memory.current')),
    memoryPeakBytes: Number(optional('memory.peak')),
    cpuMs: Math.round(numberIn(optional('cpu.stat'), 'usage_usec') / 1000),
    processes: Number(optional('pids.current')),
    oomKills: numberIn(optional('memory.events'), 'oom_kill'),
  };
}

/** Folders of the controllers of a group below another, `whole`. */
export interface HardshipFolders {
  readonly version: 1 | 2;
  readonly memory: string;
  readonly pids: string;
  readonly pidsOfWhole: string;
}

/**
 * A refused start is counted by older kernels, and v1, in the group of who asked, and by v2 since Linux 6.11 in the one whose
 * limit it was and those above it: all up to `whole` are added up, so only a difference says something. Groups that are gone
 * count nothing.
 */
export function hardshipIn({ version, memory, pids, pidsOfWhole }: HardshipFolders): Hardship {
  const counted = (folder: string, file: string, name: string) =>
    unlessGone(() => numberIn(readGroupFile(join(folder, file)), name)) ?? 0;
  const file = version === 2 ? 'memory.events' : 'memory.oom_control';
  const groups = groupsUpTo(pids, pidsOfWhole);
  return {
    oomKills: counted(memory, file, 'oom_kill'),
    refusedForks: groups.reduce((sum, folder) => sum + counted(folder, 'pids.events', 'max'), 0),
  };
}

/** A folder and those above it, `last` included. */
function groupsUpTo(folder: string, last: string): string[] {
  return folder === last || folder.length <= last.length ? [folder] : [folder, ...groupsUpTo(dirname(folder), last)];
}
