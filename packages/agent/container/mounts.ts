import { DEVICES } from './devices.ts';
import type { EdgeInstance, MailInstance, SiteInstance } from './instance.ts';

/** A mount of an OCI document. */
export interface OciMount {
  readonly destination: string;
  readonly type: 'proc' | 'tmpfs' | 'devpts' | 'bind';
  readonly source: string;
  readonly options: readonly string[];
}

const MiB = 1024 * 1024;

/** Ptys come out of one pool of the whole kernel; a site gets this many. */
const PTYS = 32;

/** What is mounted into every container. There is no `/sys`, and `/proc` shows nothing but the container's processes. */
const COMMON: readonly OciMount[] = [
  {
    destination: '/proc',
    type: 'proc',
    source: 'proc',
    options: ['nosuid', 'nodev', 'noexec', 'subset=pid', 'hidepid=invisible'],
  },
  // The device nodes in it are bind mounts of their own; `nodev` says that nothing else in it is a device.
  tmpfs({ at: '/dev', bytes: 64 * 1024, uid: 0, mode: '0755', executable: false }),
  {
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5', `max=${PTYS}`],
  },
];

/**
 * A site: its home, temporary folders in memory (they count as the site's memory), the folder of its submission socket.
 * Programs may be started from the home and from `/tmp`: customers install their own.
 */
export function siteMounts(instance: SiteInstance): readonly OciMount[] {
  const memory = instance.limits.whole.memoryBytes ?? 256 * MiB;
  const quarter = Math.max(8 * MiB, Math.floor(memory / 4));
  return [
    ...COMMON,
    tmpfs({ at: '/dev/shm', bytes: quarter, uid: 1000, mode: '1777', executable: false }),
    tmpfs({ at: '/tmp', bytes: quarter, uid: 1000, mode: '1777', executable: true }),
    tmpfs({ at: '/run', bytes: 16 * MiB, uid: 1000, mode: '0755', executable: true }),
    bind({ from: instance.home, at: '/home/site', writable: true, executable: true }),
    bind({ from: instance.submission, at: '/run/hofje/submission', writable: false, executable: false }),
  ];
}

/** The edge (see its recipe's README). */
export function edgeMounts(instance: EdgeInstance): readonly OciMount[] {
  const { wake, spool, log } = instance.folders;
  return [
    ...COMMON,
    tmpfs({ at: '/dev/shm', bytes: MiB, uid: 33, mode: '1777', executable: false }),
    tmpfs({ at: '/run', bytes: 16 * MiB, uid: 33, mode: '0755', executable: false }),
    bind({ from: wake, at: '/run/hofje/wake', writable: false, executable: false }),
    bind({ from: spool, at: '/var/spool/edge', writable: true, executable: false }),
    bind({ from: log, at: '/var/log/edge', writable: true, executable: false }),
  ];
}

/** The mail service (see its recipe's README). s6 runs its scripts from `/run`. */
export function mailMounts(instance: MailInstance): readonly OciMount[] {
  const { lmtp, lookup, spool, mail, log } = instance.folders;
  return [
    ...COMMON,
    tmpfs({ at: '/dev/shm', bytes: MiB, uid: 0, mode: '1777', executable: false }),
    tmpfs({ at: '/run', bytes: 16 * MiB, uid: 0, mode: '0755', executable: true }),
    tmpfs({ at: '/tmp', bytes: 16 * MiB, uid: 0, mode: '1777', executable: false }),
    bind({ from: lmtp, at: '/run/hofje/lmtp', writable: false, executable: false }),
    bind({ from: lookup, at: '/etc/hofje/lookup', writable: false, executable: false }),
    bind({ from: spool, at: '/var/spool/exim4', writable: true, executable: false }),
    bind({ from: mail, at: '/srv/mail', writable: true, executable: false }),
    bind({ from: log, at: '/var/log/mail', writable: true, executable: false }),
  ];
}

interface Tmpfs {
  readonly at: string;
  readonly bytes: number;
  /** Owner inside; group the same. */
  readonly uid: number;
  readonly mode: string;
  readonly executable: boolean;
}

/** Files of a tmpfs take memory beyond their content: one for each 4 KiB of its size is more than enough. */
function tmpfs({ at, bytes, uid, mode, executable }: Tmpfs): OciMount {
  const options = ['nosuid', 'nodev', ...(executable ? [] : ['noexec'])];
  const inodes = Math.max(64, Math.floor(bytes / 4096));
  return {
    destination: at,
    type: 'tmpfs',
    source: 'tmpfs',
    options: [...options, `size=${bytes}`, `nr_inodes=${inodes}`, `mode=${mode}`, `uid=${uid}`, `gid=${uid}`],
  };
}

interface Bind {
  readonly from: string;
  readonly at: string;
  readonly writable: boolean;
  readonly executable: boolean;
}

function bind({ from, at, writable, executable }: Bind): OciMount {
  const flags = ['nosuid', 'nodev', ...(executable ? [] : ['noexec'])];
  // crun 1.8.1 loses the plain flags of a writable mount that it takes along into a user namespace; the recursive ones hold.
  const options = ['bind', writable ? 'rw' : 'ro', 'rprivate', ...flags, ...flags.map((flag) => `r${flag}`)];
  return { destination: at, type: 'bind', source: from, options };
}

/**
 * The first thing wrong with the mounts of a created container, from the text of its `mountinfo`; undefined when all is
 * as the document says. A runtime may lose a flag, and this is the last moment to see that.
 */
export function mountFault(mountinfo: string): string | undefined {
  for (const line of mountinfo.trim().split('\n')) {
    const [, , , , at = '', flags = ''] = line.split(' ');
    const has = (flag: string) => flags.split(',').includes(flag);
    if (at === '/' && !has('ro')) return 'the root is writable';
    const devices = at === '/dev/pts' || Object.keys(DEVICES).some((name) => at === `/dev/${name}`);
    if (has('rw') && !has('nosuid')) return `${at} is writable and takes setuid bits`;
    if (has('rw') && !has('nodev') && !devices) return `${at} is writable and takes devices`;
    if (at.startsWith('/sys')) return `${at} is there`;
  }
  return undefined;
}
