import { mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '#host/run.ts';

/** Everything that a container without walls is given here; CAP_SYS_RESOURCE is left out, not every machine has it to give. */
const CAPABILITIES = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_KILL',
  'CAP_MKNOD',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SYSLOG',
  'CAP_SYS_ADMIN',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_TIME',
] as const;

export interface CarelessPlace {
  /** crun's --root. */
  readonly crunRoot: string;
  /** Folder of root's own for the bundle; made and removed. */
  readonly bundle: string;
  readonly cgroup: string;
}

/** The OCI document of a deliberately careless container: root, the machine's own files, processes and network, no filter. Pure. */
export function carelessSpec(argv: readonly string[], rootfs: string, cgroup: string) {
  const all = [...CAPABILITIES];
  return {
    ociVersion: '1.0.0',
    process: {
      terminal: false,
      user: { uid: 0, gid: 0 },
      args: argv,
      env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'HOFJE_CARELESS=a variable of the machine'],
      cwd: '/',
      capabilities: { bounding: all, effective: all, permitted: all, inheritable: all, ambient: all },
      noNewPrivileges: false,
    },
    root: { path: rootfs, readonly: false },
    mounts: [],
    linux: { namespaces: [{ type: 'mount' }], cgroupsPath: cgroup },
  };
}

/**
 * Runs a program of ours in a container without walls and gives back what it printed: the positive control of all probes.
 * It sees the node as the agent does, so it must be nothing but our own program.
 */
export async function runCareless(argv: readonly string[], place: CarelessPlace, id: string): Promise<string> {
  const rootfs = join(place.bundle, 'rootfs');
  const crun = ['crun', '--root', place.crunRoot, '--cgroup-manager=cgroupfs'] as const;
  // What an agent that was killed in the middle left behind.
  await run([...crun, 'delete', '--force', id], { accept: [0, 1] });
  await unmountAll(rootfs);
  await mkdir(rootfs, { recursive: true, mode: 0o700 });
  await run(['mount', '--rbind', '--', '/', rootfs]);
  try {
    await writeFile(join(place.bundle, 'config.json'), JSON.stringify(carelessSpec(argv, rootfs, place.cgroup)));
    const { stdout } = await run([...crun, 'run', '--bundle', place.bundle, id]);
    return stdout;
  } finally {
    await unmountAll(rootfs);
    await removeBundle(place.bundle);
  }
}

/** Mounts may lie on top of each other there, one for each run that was broken off. */
async function unmountAll(rootfs: string): Promise<void> {
  while ((await run(['umount', '--recursive', '--lazy', '--', rootfs], { accept: [0, 1, 32] })).code === 0);
}

/**
 * Removes a bundle whose `rootfs` is an empty folder again. Never what is below it: should the machine's own files still be
 * mounted there, they would be deleted.
 */
export async function removeBundle(bundle: string): Promise<void> {
  await rmdir(join(bundle, 'rootfs'));
  await rm(join(bundle, 'config.json'), { force: true });
  await rmdir(bundle);
}
