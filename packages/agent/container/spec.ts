/**
 * The OCI documents of our containers, whole, as plain data: https://github.com/opencontainers/runtime-spec. Pure, so that
 * tests can read what a container will be.
 */
import type { InstancePlan, ServiceInstance, SiteInstance } from './instance.ts';
import { edgeMounts, mailMounts, type OciMount, siteMounts } from './mounts.ts';

export interface OciDocument {
  readonly ociVersion: '1.0.2';
  readonly process: OciProcess;
  readonly root: { readonly path: string; readonly readonly: true };
  readonly hostname: string;
  readonly mounts: readonly OciMount[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly linux: {
    readonly namespaces: readonly OciNamespace[];
    readonly cgroupsPath: string;
    readonly rootfsPropagation: 'private';
    readonly maskedPaths: readonly string[];
    readonly readonlyPaths: readonly string[];
  };
}

export interface OciNamespace {
  readonly type: 'pid' | 'mount' | 'ipc' | 'uts' | 'cgroup' | 'user' | 'network' | 'time';
  readonly path?: string;
}

export interface OciProcess {
  readonly terminal: boolean;
  readonly consoleSize?: { readonly width: number; readonly height: number };
  readonly user: {
    readonly uid: number;
    readonly gid: number;
    readonly umask: number;
    readonly additionalGids: readonly number[];
  };
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly capabilities: Readonly<Record<CapabilitySet, readonly Capability[]>>;
  readonly rlimits: readonly { readonly type: string; readonly soft: number; readonly hard: number }[];
  readonly noNewPrivileges: true;
  readonly oomScoreAdj: number;
}

export type CapabilitySet = 'bounding' | 'effective' | 'inheritable' | 'permitted' | 'ambient';
export type Capability = (typeof MAIL_CAPABILITIES)[number];

/** The site's user inside. */
export const SITE_USER = { uid: 1000, gid: 1000, name: 'site', home: '/home/site' } as const;

/** The whole environment of a site's own processes; an entry adds its door's variables. */
export const SITE_ENVIRONMENT = {
  HOME: SITE_USER.home,
  LANG: 'C.UTF-8',
  LOGNAME: SITE_USER.name,
  PATH: '/usr/local/bin:/usr/bin:/bin',
  SHELL: '/bin/bash',
  USER: SITE_USER.name,
} as const satisfies Readonly<Record<string, string>>;

const SERVICE_ENVIRONMENT = { LANG: 'C.UTF-8', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } as const;

/**
 * What Exim and Dovecot need to change to the users of their parts. They hold inside the mail container's own user
 * namespace only, over the 1000 ids of its range.
 */
export const MAIL_CAPABILITIES = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_KILL',
  'CAP_NET_BIND_SERVICE',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SYS_CHROOT',
] as const;

/** Under memory pressure of the machine an entry goes first, then a website, then a service. */
export const OOM_SCORE = { entry: 800, site: 400, service: 100 } as const;

/** Open files of one process. A container never gets more than the agent itself may have. */
const FILES = { site: { soft: 1024, hard: 8192 }, service: { soft: 65_536, hard: 65_536 } } as const;

export interface SpecInput<I extends InstancePlan = InstancePlan> {
  readonly instance: I;
  /** The filter of system calls, assembled (see `seccomp.ts`). */
  readonly seccomp: Uint8Array;
  /** The agent's own limit of open files. */
  readonly filesMax: number;
  /** Path of the node's time namespace. */
  readonly timeNamespace: string;
}

/** The container of a site: its init runs as the site's user and holds no capability. */
export function siteSpec(input: SpecInput<SiteInstance>): OciDocument {
  return document(input, siteMounts(input.instance), {
    ...base(FILES.site, input.filesMax),
    user: user(SITE_USER.uid, SITE_USER.gid),
    args: ['/usr/lib/hofje/init'],
    env: environmentList({ ...SITE_ENVIRONMENT, HOFJE_PHP_CHILDREN: `${phpChildren(input.instance)}` }),
    cwd: SITE_USER.home,
    capabilities: capabilities([]),
    oomScoreAdj: OOM_SCORE.site,
  });
}

/** What one PHP process of a common application takes; more at once would only end each other. */
const PHP_CHILD_BYTES = 24 * 1024 * 1024;
const PHP_CHILDREN = { min: 2, max: 64 } as const;

/** How many PHP processes may serve at once (read by the image's init). */
function phpChildren({ limits: { web } }: SiteInstance): number {
  const byMemory = Math.floor((web.memoryBytes ?? Number.POSITIVE_INFINITY) / PHP_CHILD_BYTES);
  // Apache, its threads and whatever PHP starts need the other half.
  const byProcesses = Math.floor((web.processes ?? Number.POSITIVE_INFINITY) / 2);
  return Math.max(PHP_CHILDREN.min, Math.min(PHP_CHILDREN.max, byMemory, byProcesses));
}

/** The container of the edge or of the mail service. */
export function serviceSpec(input: SpecInput<ServiceInstance>): OciDocument {
  const { instance } = input;
  const mounts = instance.kind === 'edge' ? edgeMounts(instance) : mailMounts(instance);
  const own = SERVICES[instance.kind];
  return document(input, mounts, {
    ...base(FILES.service, input.filesMax),
    user: user(own.uid, own.uid),
    args: own.args,
    env: environmentList(SERVICE_ENVIRONMENT),
    cwd: '/',
    capabilities: capabilities(own.capabilities),
    oomScoreAdj: OOM_SCORE.service,
  });
}

const SERVICES = {
  edge: { args: ['/usr/lib/hofje/edge/start'], uid: 33, capabilities: [] },
  mail: { args: ['/usr/lib/hofje/mail/start'], uid: 0, capabilities: MAIL_CAPABILITIES },
} as const;

/** The document of any instance. */
export function instanceSpec(input: SpecInput): OciDocument {
  const { instance } = input;
  return instance.kind === 'site' ? siteSpec({ ...input, instance }) : serviceSpec({ ...input, instance });
}

export interface EntryProcess {
  readonly argv: readonly string[];
  /** Added to the site's environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly terminal?: { readonly columns: number; readonly rows: number };
  readonly filesMax: number;
}

/**
 * What is handed to `crun exec --process`: nothing is taken from the container's own settings there, so every one stands
 * here again.
 */
export function entryProcess(input: EntryProcess): OciProcess {
  const { terminal } = input;
  const size = terminal === undefined ? {} : { consoleSize: { width: terminal.columns, height: terminal.rows } };
  const term = terminal === undefined ? {} : { TERM: 'xterm-256color' };
  return {
    ...base(FILES.site, input.filesMax),
    terminal: terminal !== undefined,
    ...size,
    user: user(SITE_USER.uid, SITE_USER.gid),
    args: input.argv,
    env: environmentList({ ...SITE_ENVIRONMENT, ...term, ...input.env }),
    cwd: SITE_USER.home,
    capabilities: capabilities([]),
    oomScoreAdj: OOM_SCORE.entry,
  };
}

export interface ServiceCommand {
  readonly argv: readonly string[];
  /** User and group inside. */
  readonly uid: number;
  readonly filesMax: number;
}

/** A program of the platform in the mail container, as one of its users and with no capability. */
export function mailCommandProcess(input: ServiceCommand): OciProcess {
  return {
    ...base(FILES.service, input.filesMax),
    user: user(input.uid, input.uid),
    args: input.argv,
    env: environmentList(SERVICE_ENVIRONMENT),
    cwd: '/',
    capabilities: capabilities([]),
    oomScoreAdj: OOM_SCORE.service,
  };
}

function document(input: SpecInput, mounts: readonly OciMount[], process: OciProcess): OciDocument {
  const { instance, seccomp, timeNamespace } = input;
  return {
    ociVersion: '1.0.2',
    process,
    root: { path: instance.rootfs, readonly: true },
    hostname: instance.hostname,
    mounts,
    annotations: { 'run.oci.seccomp_bpf_data': Buffer.from(seccomp).toString('base64') },
    linux: {
      namespaces: [
        { type: 'pid' },
        { type: 'mount' },
        { type: 'ipc' },
        { type: 'uts' },
        { type: 'cgroup' },
        { type: 'user', path: instance.userNamespace },
        { type: 'network', path: instance.networkNamespace },
        { type: 'time', path: timeNamespace },
      ],
      cgroupsPath: instance.cgroup,
      rootfsPropagation: 'private',
      // `/proc` shows processes only (`subset=pid`) and there is no `/sys`: nothing is left to mask.
      maskedPaths: [],
      readonlyPaths: [],
    },
  };
}

function base(files: { readonly soft: number; readonly hard: number }, filesMax: number) {
  const hard = Math.min(files.hard, filesMax);
  return {
    terminal: false,
    noNewPrivileges: true,
    rlimits: [
      { type: 'RLIMIT_NOFILE', soft: Math.min(files.soft, hard), hard },
      { type: 'RLIMIT_CORE', soft: 0, hard: 0 },
      { type: 'RLIMIT_MEMLOCK', soft: 65_536, hard: 65_536 },
      // The defaults of these follow from the machine's memory and would tell it. The groups limit processes.
      { type: 'RLIMIT_NPROC', soft: 4096, hard: 4096 },
      { type: 'RLIMIT_SIGPENDING', soft: 1024, hard: 1024 },
    ],
  } as const;
}

function user(uid: number, gid: number): OciProcess['user'] {
  return { uid, gid, umask: 0o022, additionalGids: [] };
}

function capabilities(held: readonly Capability[]): OciProcess['capabilities'] {
  return { bounding: held, effective: held, inheritable: [], permitted: held, ambient: [] };
}

function environmentList(variables: Readonly<Record<string, string>>): string[] {
  return Object.entries(variables).map(([name, value]) => `${name}=${value}`);
}
