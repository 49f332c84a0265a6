import { access, mkdir, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { run } from '#host/run.ts';
import { HofjeError } from '#model/error.ts';
import type { NodeFolders } from '../node/folders.ts';
import { ensureImageFile } from './image-file.ts';
import { ensureLoop, findLoops, releaseLoop } from './loop.ts';
import { type Mount, readMounts } from './mount-table.ts';
import { createSubvolume, isOnBtrfs, subvolumeAt } from './subvolume.ts';

/**
 * nodiscard: the default (discard=async since Linux 6.2) would give freed blocks of the image file back to the machine's
 * file system, where others could take them for good. No program in an image needs setuid.
 */
const MOUNT_OPTIONS = 'noatime,nosuid,nodev,nodiscard,space_cache=v2';
const BIND_OPTIONS = 'remount,bind,noatime,nosuid,nodev';

/**
 * Mounts the node's disk at `folders.disk`, in this mount namespace: a btrfs in a file of its own, or, where the state
 * folder lies on btrfs already, a subvolume of that.
 */
export async function openDisk(folders: NodeFolders, sizeBytes: number): Promise<void> {
  await mkdir(folders.root, { recursive: true });
  const paths = await realPaths(folders);
  if ((await isOnBtrfs(paths.root)) && !(await exists(paths.image))) await openDirectDisk(paths.disk);
  else await openImageDisk(paths.image, paths.disk, sizeBytes);
}

/**
 * Unmounts the disk and detaches its loop device. Mounts of it in other namespaces (containers, an older agent) keep the
 * device until they end; then it goes by itself. Error: `storage.busy`.
 */
export async function closeStorage(folders: NodeFolders): Promise<void> {
  if (!(await exists(folders.root))) return;
  const { image, disk } = await realPaths(folders);
  for (const _ of await mountsAt(disk)) await unmount(disk);
  const { present, deleted } = await findLoops(image);
  for (const device of [...present, ...deleted]) await releaseLoop(device);
}

async function openDirectDisk(disk: string): Promise<void> {
  if ((await mountsAt(disk)).length === 0) {
    if ((await subvolumeAt(disk)) === undefined) await createSubvolume(disk);
    await run(['mount', '--bind', '--', disk, disk]);
  }
  await run(['mount', '-o', BIND_OPTIONS, '--', disk]);
}

async function openImageDisk(image: string, disk: string, sizeBytes: number): Promise<void> {
  await ensureImageFile(image, sizeBytes);
  await mkdir(disk, { recursive: true, mode: 0o711 });
  const isMounted = await leaveOneMount(image, disk);
  const device = await ensureLoop(image);
  if (!isMounted) await run(['mount', '-t', 'btrfs', '-o', MOUNT_OPTIONS, '--', device, disk]);
  // From now on the mount holds the device, and no crash can leave it behind.
  await releaseLoop(device);
  await run(['btrfs', '-q', 'filesystem', 'resize', 'max', disk]);
}

/** Leaves at most one usable mount of the image at `disk`, and says whether there is one. */
async function leaveOneMount(image: string, disk: string): Promise<boolean> {
  const mounts = await mountsAt(disk);
  const { present } = await findLoops(image);
  for (const mount of mounts.toReversed()) {
    const isOnly = mount === mounts[0];
    if (isOnly && present.includes(mount.source) && isUsable(mount)) return true;
    if (mount.type !== 'btrfs')
      throw new HofjeError('storage.foreign-mount', `Something else is mounted at ${disk}: ${mount.source}.`, {
        hint: 'Unmount it; the platform does not touch what it did not mount.',
      });
    await unmount(disk);
  }
  return false;
}

/** btrfs turns itself read-only after an error and stays so until it is mounted anew. */
function isUsable(mount: Mount): boolean {
  return mount.superOptions.includes('rw') && mount.options.includes('rw');
}

async function unmount(disk: string): Promise<void> {
  const { code, stderr } = await run(['umount', '--', disk], { accept: [0, 32] });
  if (code === 0) return;
  throw new HofjeError('storage.busy', `${disk} could not be unmounted: ${stderr.trim()}`, {
    hint: 'End the processes that have files open there.',
  });
}

async function mountsAt(point: string): Promise<readonly Mount[]> {
  return (await readMounts()).filter((mount) => mount.point === point);
}

/** As the kernel names them: mount points and backing files are compared with these. */
async function realPaths(folders: NodeFolders): Promise<{ root: string; image: string; disk: string }> {
  const root = await realpath(folders.root);
  return { root, image: join(root, basename(folders.diskImage)), disk: join(root, basename(folders.disk)) };
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
