import { missing, type Need, ok, warning } from './need.ts';

/** How control groups are mounted. */
export interface CgroupMounts {
  /** Version 1 hierarchies, each with its controllers (`name=systemd` included). */
  readonly v1: readonly { readonly path: string; readonly controllers: readonly string[] }[];
  readonly v2: readonly string[];
}

const NAME = 'control groups';
const NEEDED_V1 = ['memory', 'cpu', 'cpuacct', 'pids', 'cpuset', 'devices', 'freezer'];
const NEEDED_V2 = ['memory', 'cpu', 'pids', 'cpuset'];
const WANTED_V2 = ['io'];
const MEND_CONTROLLER = 'Boot the kernel without `cgroup_disable=`, and with `cgroup_enable=memory` where it is off.';

/** Reads /proc/self/mounts. Pure. */
export function cgroupMounts(mounts: string): CgroupMounts {
  const rows = mounts.split('\n').map((line) => line.split(' '));
  const v1 = rows
    .filter(([, , type]) => type === 'cgroup')
    .map(([, path = '', , options = '']) => ({
      path,
      controllers: options.split(',').filter((option) => option.startsWith('name=') || KNOWN_V1.has(option)),
    }));
  const v2 = rows.filter(([, , type]) => type === 'cgroup2').map(([, path = '']) => path);
  return { v1, v2 };
}

const KNOWN_V1 = new Set([...NEEDED_V1, 'blkio', 'net_cls', 'net_prio', 'perf_event', 'hugetlb', 'rdma', 'misc']);

/** Whether sites can be limited here. `v2Controllers` is the content of cgroup.controllers of the v2 mount. Pure. */
export function judgeCgroups(mounts: CgroupMounts, v2Controllers: string): Need {
  const onV1 = new Set(mounts.v1.flatMap((hierarchy) => hierarchy.controllers));
  if (NEEDED_V1.some((controller) => onV1.has(controller))) return judgeV1(onV1, mounts.v2.length > 0);
  if (mounts.v2.length > 0) return judgeV2(new Set(v2Controllers.trim().split(/\s+/)));
  return missing(
    NAME,
    'none mounted',
    'Without them no site can be limited: the platform does not start.',
    'Mount them: `mount -t cgroup2 none /sys/fs/cgroup` (systemd does).',
  );
}

function judgeV1(present: ReadonlySet<string>, hybrid: boolean): Need {
  const absent = NEEDED_V1.filter((controller) => !present.has(controller));
  const found = `version 1${hybrid ? ' with an extra version 2 mount' : ''}: ${[...present].sort().join(' ')}`;
  if (absent.length > 0) {
    const costs = `Without ${absent.join(', ')} the limits of a plan cannot be kept.`;
    return missing(NAME, found, costs, MEND_CONTROLLER);
  }
  if (!present.has('blkio')) {
    return warning(NAME, found, 'Without blkio no limit on reads and writes.', MEND_CONTROLLER);
  }
  return ok(NAME, found);
}

function judgeV2(present: ReadonlySet<string>): Need {
  const absent = NEEDED_V2.filter((controller) => !present.has(controller));
  const found = `version 2: ${[...present].sort().join(' ')}`;
  if (absent.length > 0) {
    const costs = `Without ${absent.join(', ')} the limits of a plan cannot be kept.`;
    return missing(NAME, found, costs, MEND_CONTROLLER);
  }
  const wanted = WANTED_V2.filter((controller) => !present.has(controller));
  if (wanted.length > 0) {
    return warning(NAME, found, `Without ${wanted.join(', ')} no limit on reads and writes.`, MEND_CONTROLLER);
  }
  return ok(NAME, found);
}
