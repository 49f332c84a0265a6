/** Which system calls a container may make, and how the others are answered. A table to be read; `seccomp.ts` compiles it. */
import type { Call } from './syscall-numbers.ts';

/** Error numbers, the same on all our processors. */
export const ERRORS = { EPERM: 1, ENOTTY: 25, ENOSYS: 38, EPROTONOSUPPORT: 93, EAFNOSUPPORT: 97 } as const;
export type Answer = 'allow' | keyof typeof ERRORS;

/** A comparison of the low 32 bits of one argument, which is all that the kernel looks at in those named here. */
export interface Test {
  readonly argument: 0 | 1 | 2 | 3 | 4 | 5;
  readonly mask?: number;
  readonly equals: number;
}

/** Refuses calls whatever their arguments. */
export interface CallRule {
  readonly calls: readonly Call[];
  readonly answer: Answer;
  /** Services are ours: what merely hides the machine is left out for them. */
  readonly sitesOnly?: true;
}

/** Decides by arguments: the first case whose tests all hold, else `otherwise`. */
export interface ArgumentRule {
  readonly call: Call;
  readonly cases: readonly { readonly when: readonly Test[]; readonly answer: Answer }[];
  readonly otherwise: Answer;
}

export const CALL_RULES: readonly CallRule[] = [
  // The C library then starts threads and processes with clone, whose flags can be read.
  { calls: ['clone3'], answer: 'ENOSYS' },
  { calls: ['setns'], answer: 'EPERM' },
  {
    calls: [
      ...(['mount', 'umount2', 'pivot_root', 'open_tree', 'move_mount', 'mount_setattr'] as const),
      ...(['fsopen', 'fsconfig', 'fsmount', 'fspick', 'statmount', 'listmount'] as const),
    ],
    answer: 'EPERM',
  },
  { calls: ['chroot'], answer: 'EPERM', sitesOnly: true },
  // Looking into other processes, also those of the same user.
  {
    calls: ['ptrace', 'process_vm_readv', 'process_vm_writev', 'kcmp', 'pidfd_getfd', 'process_madvise'],
    answer: 'EPERM',
  },
  // Keyrings belong to no namespace.
  { calls: ['keyctl', 'add_key', 'request_key'], answer: 'EPERM' },
  // Programs fall back to ordinary calls.
  { calls: ['io_uring_setup', 'io_uring_enter', 'io_uring_register', 'memfd_secret'], answer: 'ENOSYS' },
  // Requests of asynchronous I/O come out of one number for the whole machine (fs.aio-max-nr): one site could take all.
  { calls: ['io_setup'], answer: 'ENOSYS', sitesOnly: true },
  { calls: ['bpf', 'perf_event_open', 'userfaultfd', 'fanotify_init', 'fanotify_mark'], answer: 'EPERM' },
  {
    calls: ['init_module', 'finit_module', 'delete_module', 'create_module', 'query_module', 'get_kernel_syms'],
    answer: 'EPERM',
  },
  { calls: ['kexec_load', 'kexec_file_load', 'reboot', 'swapon', 'swapoff'], answer: 'EPERM' },
  { calls: ['name_to_handle_at', 'open_by_handle_at', 'quotactl', 'quotactl_fd', 'acct'], answer: 'EPERM' },
  { calls: ['settimeofday', 'clock_settime', 'clock_adjtime', 'adjtimex'], answer: 'EPERM' },
  { calls: ['iopl', 'ioperm', 'modify_ldt', 'move_pages', 'migrate_pages', 'vhangup'], answer: 'EPERM' },
  { calls: ['sethostname', 'setdomainname'], answer: 'EPERM' },
  { calls: ['lookup_dcookie', 'uselib', '_sysctl', 'nfsservctl', 'sysfs'], answer: 'ENOSYS' },
  { calls: ['syslog'], answer: 'EPERM' },
  // The size of the disk that all share, the machine's memory, load and running time.
  { calls: ['statfs', 'fstatfs', 'ustat', 'sysinfo'], answer: 'ENOSYS', sitesOnly: true },
];

/** `CLONE_NEWNS`, `NEWCGROUP`, `NEWUTS`, `NEWIPC`, `NEWUSER`, `NEWPID`, `NEWNET` (the kernel's sched.h). */
const NEW_NAMESPACES = 0x7e02_0000;
/** `CLONE_NEWTIME`; in the flags of `clone` these bits are the signal at the end. */
const NEW_TIME_NAMESPACE = 0x80;

const AF = { unix: 1, inet: 2, inet6: 10, netlink: 16 } as const;
const IPPROTO = { any: 0, icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const;
const NETLINK_ROUTE = 0;

/** Requests of `ioctl`: btrfs' own, all of one type (`_IOC_TYPE`, bits 8 to 15), and those of terminals. */
const BTRFS_TYPE = 0x9400;
/** `FS_IOC_FIEMAP`: where on the disk that all share the bytes of a file lie, and so who else writes when. */
const FIEMAP = 0xc020_660b;
/** Identifies the file system (`FS_IOC_GETFSUUID`, `FS_IOC_GETFSSYSFSPATH`). */
const IDENTITY_TYPE = 0x1500;
const TYPE_MASK = 0xff00;
const CLONE_REQUESTS = { FICLONE: 0x4004_9409, FICLONERANGE: 0x4020_940d, FIDEDUPERANGE: 0xc018_9436 } as const;
const TERMINAL_REQUESTS = { TIOCSTI: 0x5412, TIOCLINUX: 0x541c, TIOCCONS: 0x541d, TIOCSETD: 0x5423 } as const;

export const ARGUMENT_RULES: readonly ArgumentRule[] = [
  {
    call: 'ioctl',
    cases: [
      // Copying without copying, which `cp` tries first. Everything else of btrfs is refused: any user could make nested
      // subvolumes, which no quota of ours counts and no snapshot holds.
      ...Object.values(CLONE_REQUESTS).map((equals) => ({ when: [{ argument: 1, equals }], answer: 'allow' }) as const),
      { when: [{ argument: 1, mask: TYPE_MASK, equals: BTRFS_TYPE }], answer: 'EPERM' },
      { when: [{ argument: 1, mask: TYPE_MASK, equals: IDENTITY_TYPE }], answer: 'ENOTTY' },
      { when: [{ argument: 1, equals: FIEMAP }], answer: 'ENOTTY' },
      // Typing into a terminal for somebody else, and changing what drives it.
      ...Object.values(TERMINAL_REQUESTS).map(
        (equals) => ({ when: [{ argument: 1, equals }], answer: 'EPERM' }) as const,
      ),
    ],
    otherwise: 'allow',
  },
  {
    call: 'clone',
    cases: [{ when: [{ argument: 0, mask: NEW_NAMESPACES, equals: 0 }], answer: 'allow' }],
    otherwise: 'EPERM',
  },
  {
    call: 'unshare',
    cases: [{ when: [{ argument: 0, mask: NEW_NAMESPACES + NEW_TIME_NAMESPACE, equals: 0 }], answer: 'allow' }],
    otherwise: 'EPERM',
  },
  {
    call: 'socket',
    cases: [
      { when: [{ argument: 0, equals: AF.unix }], answer: 'allow' },
      // The common protocols only: each of the rest is code in the kernel that hardly anybody has read.
      ...([AF.inet, AF.inet6] as const).flatMap((family) => [
        ...Object.values(IPPROTO).map(
          (protocol) =>
            ({
              when: [
                { argument: 0, equals: family },
                { argument: 2, equals: protocol },
              ],
              answer: 'allow',
            }) as const,
        ),
        { when: [{ argument: 0, equals: family }], answer: 'EPROTONOSUPPORT' } as const,
      ]),
      // The C library asks for the addresses of its own interfaces this way.
      {
        when: [
          { argument: 0, equals: AF.netlink },
          { argument: 2, equals: NETLINK_ROUTE },
        ],
        answer: 'allow',
      },
    ],
    otherwise: 'EAFNOSUPPORT',
  },
  {
    call: 'socketpair',
    cases: [{ when: [{ argument: 0, equals: AF.unix }], answer: 'allow' }],
    otherwise: 'EAFNOSUPPORT',
  },
  {
    // Only asking (all ones) and the ordinary personality: others switch off protections of memory.
    call: 'personality',
    cases: [
      { when: [{ argument: 0, equals: 0xffff_ffff }], answer: 'allow' },
      { when: [{ argument: 0, equals: 0 }], answer: 'allow' },
    ],
    otherwise: 'EPERM',
  },
];
