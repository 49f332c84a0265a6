import { open, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { run } from '#host/run.ts';
import { HofjeError } from '#model/error.ts';

const MIB = 1024 * 1024;
/** The smallest disk that btrfs still works well on. */
export const DISK_BYTES_MIN = 256 * MIB;
/** What stays free on the machine's own file system, so that neither it nor the disk's file starves. */
export const HOST_RESERVE_BYTES = 512 * MIB;

/**
 * Makes the file that holds the node's btrfs, every block of it allocated: on a sparse file in a full file system btrfs
 * aborts and stays read-only. The file gets its name only when the file system in it is complete. A smaller file is
 * extended; it never shrinks. Returns its size in bytes.
 *
 * Errors: `storage.disk-too-small`, `storage.no-space`.
 */
export async function ensureImageFile(image: string, sizeBytes: number): Promise<number> {
  const wanted = Math.floor(sizeBytes / MIB) * MIB;
  if (wanted < DISK_BYTES_MIN)
    throw new HofjeError('storage.disk-too-small', `A node's disk of ${inMiB(sizeBytes)} is too small.`, {
      field: 'diskBytes',
      hint: `Give it at least ${inMiB(DISK_BYTES_MIN)}.`,
    });
  const present = await sizeOf(image);
  if (present === undefined) await makeImageFile(image, wanted);
  else if (present.size < wanted || present.allocated < present.size)
    await allocate(image, Math.max(wanted, present.size));
  return Math.max(wanted, present?.size ?? 0);
}

async function makeImageFile(image: string, sizeBytes: number): Promise<void> {
  // What an interrupted attempt left under this name was never used.
  const unfinished = `${image}.unfinished`;
  await rm(unfinished, { force: true });
  await allocate(unfinished, sizeBytes);
  // -K: mkfs would otherwise discard the blocks, which punches the whole allocation out of the file again.
  await run(['mkfs.btrfs', '-q', '-K', '--', unfinished], { timeoutMs: 300_000 });
  await flush(unfinished);
  await rename(unfinished, image);
  await flush(dirname(image));
}

async function allocate(file: string, sizeBytes: number): Promise<void> {
  const allocated = (await sizeOf(file))?.allocated ?? 0;
  await refuseWithoutSpace(dirname(file), sizeBytes - allocated);
  await run(['fallocate', '-l', String(sizeBytes), '--', file], { timeoutMs: 300_000 });
}

async function refuseWithoutSpace(folder: string, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  const missing = neededBytes + HOST_RESERVE_BYTES - freeBytes;
  if (missing <= 0) return;
  throw new HofjeError(
    'storage.no-space',
    `The node's disk needs ${inMiB(neededBytes)} more in ${folder}, where ${inMiB(freeBytes)} are free.`,
    {
      field: 'diskBytes',
      hint: `Free ${inMiB(missing)} there (${inMiB(HOST_RESERVE_BYTES)} stay in reserve), or choose a smaller disk.`,
    },
  );
}

async function sizeOf(file: string): Promise<{ readonly size: number; readonly allocated: number } | undefined> {
  try {
    const found = await stat(file);
    return { size: found.size, allocated: found.blocks * 512 };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function inMiB(bytes: number): string {
  return `${Math.ceil(bytes / MIB)} MiB`;
}
