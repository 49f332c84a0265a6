import { chmodSync, mkdirSync } from 'node:fs';
import { readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '#host/run.ts';
import { HofjeError } from '#model/error.ts';

/** The device nodes of every container: name and numbers (the kernel's devices.txt). */
export const DEVICES = {
  null: [1, 3],
  zero: [1, 5],
  full: [1, 7],
  random: [1, 8],
  urandom: [1, 9],
  tty: [5, 0],
} as const satisfies Record<string, readonly [number, number]>;

/** Marks our file system in the mount table. */
const SIZE = 'size=64k';

/**
 * crun binds the device nodes of a container from `/dev` as the agent sees it. The machine's own `/dev` tells half of its
 * memory there (`size=` in the mount table of whoever has a node of it), so the agent's mount namespace gets nodes on a
 * small file system made for the purpose. Does nothing when they are there. Throws `container.mount-namespace` in the
 * machine's own namespace, whose mounts nobody may change.
 */
export async function ensureOwnDevices(folder: string): Promise<void> {
  if (hasOwnDevices(await readFile('/proc/self/mountinfo', 'utf8'))) return;
  const [own, machine] = await Promise.all([readlink('/proc/self/ns/mnt'), machineNamespace()]);
  if (own === machine) {
    throw new HofjeError('container.mount-namespace', 'Containers are started from a mount namespace of its own only.');
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await run(['mount', '-t', 'tmpfs', '-o', `${SIZE},nr_inodes=16,mode=755,nosuid,noexec`, '--', 'tmpfs', folder]);
  for (const [name, [major, minor]] of Object.entries(DEVICES)) {
    const node = join(folder, name);
    await run(['mknod', '--', node, 'c', `${major}`, `${minor}`]);
    chmodSync(node, 0o666);
    await run(['mount', '--bind', '--', node, join('/dev', name)]);
  }
  // The nodes hold the file system; the folder is free again.
  await run(['umount', '--', folder]);
}

/** The mount namespace of the first process; undefined where a security module hides it, as some virtual machines do. */
async function machineNamespace(): Promise<string | undefined> {
  return await readlink('/proc/1/ns/mnt').catch(() => undefined);
}

/** Whether the topmost mount of every node is ours, from the text of `/proc/self/mountinfo`. */
export function hasOwnDevices(mountinfo: string): boolean {
  const lines = mountinfo.split('\n').reverse();
  return Object.keys(DEVICES).every((name) => {
    const line = lines.find((one) => one.split(' ')[4] === `/dev/${name}`);
    return line?.includes(SIZE) ?? false;
  });
}
