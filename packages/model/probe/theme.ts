import type { ProbeId } from './catalogue.ts';

/** What a wall keeps apart, in the order in which people are told. */
export const THEMES = ['processes', 'files', 'network', 'resources', 'kernel', 'mail'] as const;
/** `resources`: memory and processor. */
export type Theme = (typeof THEMES)[number];

/** Probes that belong elsewhere than the others of their group. */
const APART: Readonly<Partial<Record<ProbeId, Theme>>> = {
  'file.mail-spool': 'mail',
  'network.mail-submission': 'mail',
  'network.mail-exchanger': 'mail',
  'kernel.loadavg': 'resources',
  'kernel.meminfo': 'resources',
  'kernel.stat': 'resources',
  'kernel.cpuinfo': 'resources',
  'kernel.sysinfo': 'resources',
  'kernel.partitions': 'files',
  'kernel.diskstats': 'files',
  'kernel.statfs': 'files',
  'kernel.mount-paths': 'files',
  'kernel.mount-names': 'files',
  'call.mount': 'files',
  'call.chroot': 'files',
  'call.file-handle': 'files',
  'call.quota': 'files',
  'call.subvolume': 'files',
  'call.ptrace': 'processes',
  'call.memory-of-others': 'processes',
  'call.kcmp': 'processes',
  'call.setuid': 'processes',
  'call.raw-socket': 'network',
  'call.packet-socket': 'network',
  'call.perf': 'resources',
};

const OF_GROUP: Readonly<Record<Group, Theme>> = {
  process: 'processes',
  file: 'files',
  kernel: 'kernel',
  call: 'kernel',
  privilege: 'kernel',
  ipc: 'resources',
  network: 'network',
  environment: 'processes',
  place: 'resources',
};

/** The word before the dot. */
type Group = ProbeId extends infer Id ? (Id extends `${infer Word}.${string}` ? Word : never) : never;

export function themeOf(probe: ProbeId): Theme {
  return APART[probe] ?? OF_GROUP[probe.slice(0, probe.indexOf('.')) as Group];
}
