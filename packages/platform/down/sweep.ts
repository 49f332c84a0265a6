import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { run } from '#host/run.ts';
import { HofjeError } from '#model/error.ts';
import { claimsOf, release } from '../state/claims.ts';
import type { StateFolders } from '../state/folders.ts';
import { removeTree } from '../state/remove-tree.ts';
import { installationGroups, killGroup, removeGroup } from '../supervise/group.ts';
import {
  findLeftovers,
  findLoopDevices,
  findMounts,
  findProcesses,
  isMountPoint,
  type Leftover,
  thingsIn,
} from './leftovers.ts';

const PATIENCE_MS = 15_000;

/**
 * Takes away by force whatever of an installation is still on the machine, however it came to be there: processes first,
 * then what they held. Its files stay.
 */
export async function sweep(folders: StateFolders, slot: number | undefined): Promise<void> {
  for (const group of slot === undefined ? [] : await installationGroups(slot)) await killGroup(group);
  await killStrays(folders, slot);
  await unmountAll(folders.root);
  for (const { device } of await findLoopDevices(folders.root)) {
    await run(['losetup', '--detach', device]).catch(() => undefined);
  }
  if (slot === undefined) return;
  for (const leftover of await findLeftovers(folders, slot)) await removeNetwork(leftover);
  for (const group of await installationGroups(slot)) await removeGroup(group);
}

/**
 * Removes the installation's files; says `emptied` where the folder itself stays because it is a mount point: a disk that
 * the operator gave the platform. Throws `platform.still-mounted` while something is mounted below: what lies behind a
 * mount need not be the installation's.
 */
export async function erase(folders: StateFolders): Promise<'removed' | 'emptied'> {
  const mounted = (await findMounts(folders.root)).find(({ ours }) => ours);
  if (mounted !== undefined) {
    throw new HofjeError('platform.still-mounted', `${mounted.point} cannot be unmounted, so nothing is removed`, {
      hint: 'Unmount it, and try again.',
    });
  }
  if (!(await isMountPoint(folders.root))) {
    await removeTree(folders.root);
    return 'removed';
  }
  await removeTree(...(await thingsIn(folders.root)).map((name) => join(folders.root, name)));
  return 'emptied';
}

/** Gives back what the installation has claimed on the machine. */
export async function releaseAll(folders: StateFolders): Promise<void> {
  for (const held of await claimsOf(folders.root)) await release(held, folders.root);
}

async function killStrays(folders: StateFolders, slot: number | undefined): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const processes = await findProcesses(folders, slot);
    if (processes.length === 0 || Date.now() > deadline) return;
    for (const { pid } of processes) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended meanwhile.
      }
    }
    await pause(50);
  }
}

async function unmountAll(root: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const mounts = await findMounts(root);
    if (mounts.length === 0 || Date.now() > deadline) return;
    for (const { point, pid, ours } of mounts) {
      const enter = ours ? [] : ['nsenter', `--mount=/proc/${pid}/ns/mnt`, '--'];
      // Lazily: what still holds a file open in it must not keep the folder from going.
      const argv = [...enter, 'umount', '--lazy', '--no-canonicalize', '--', point] as unknown as [string, ...string[]];
      await run(argv).catch(() => undefined);
    }
    await pause(20);
  }
}

async function removeNetwork(leftover: Leftover): Promise<void> {
  if (leftover.kind === 'interface') await run(['ip', 'link', 'delete', leftover.what]).catch(() => undefined);
  if (leftover.kind === 'nftables table') {
    const [family = '', name = ''] = leftover.what.split(' ');
    await run(['nft', 'delete', 'table', family, name]).catch(() => undefined);
  }
}
