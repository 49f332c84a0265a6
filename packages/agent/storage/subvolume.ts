import { lstat, statfs } from 'node:fs/promises';
import { run } from '#host/run.ts';
import { HofjeError } from '#model/error.ts';
import { isMissing } from './image-file.ts';

const BTRFS_MAGIC = 0x9123683e;
/** The inode of every subvolume's root directory (BTRFS_FIRST_FREE_OBJECTID). */
const SUBVOLUME_INODE = 256;

export async function isOnBtrfs(path: string): Promise<boolean> {
  return (await statfs(path)).type === BTRFS_MAGIC;
}

export interface SubvolumeRoot {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** Owner and mode of a subvolume; undefined when nothing is there, an error when it is something else. */
export async function subvolumeAt(path: string): Promise<SubvolumeRoot | undefined> {
  try {
    const found = await lstat(path);
    if (!found.isDirectory() || found.ino !== SUBVOLUME_INODE)
      throw new HofjeError('storage.not-a-subvolume', `${path} exists and is no subvolume.`);
    return { uid: found.uid, gid: found.gid, mode: found.mode & 0o7777 };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

export async function createSubvolume(path: string): Promise<void> {
  await run(['btrfs', 'subvolume', 'create', '--', path]);
}

export async function subvolumeId(path: string): Promise<number> {
  const { stdout } = await run(['btrfs', 'inspect-internal', 'rootid', '--', path]);
  return Number(stdout.trim());
}

/**
 * Deletes a subvolume with everything in it. A customer's nested subvolumes are found by number and deleted by number,
 * never by their path; `top` is the mounted file system.
 */
export async function deleteSubvolumeTree(top: string, path: string): Promise<void> {
  if (await deleteOne(path)) return;
  const id = await subvolumeId(path);
  // Deepest first; a parent that still has children is simply tried again in the next round.
  for (let round = 0; round < NESTING_MAX; round++) {
    for (const nested of await nestedSubvolumes(top, id)) await deleteById(top, nested);
    if (await deleteOne(path)) return;
  }
  throw new HofjeError('storage.delete-failed', `${path} still holds subvolumes after ${NESTING_MAX} rounds.`);
}

const NESTING_MAX = 64;

/** False: not empty, that is, it holds subvolumes. */
async function deleteOne(path: string): Promise<boolean> {
  const { code, stderr } = await run(['btrfs', '-q', 'subvolume', 'delete', '--', path], { accept: [0, 1] });
  if (code === 0) return true;
  if (stderr.includes('Directory not empty')) return false;
  throw new HofjeError('storage.delete-failed', `${path} could not be deleted: ${stderr.trim()}`);
}

async function deleteById(top: string, id: number): Promise<void> {
  await run(['btrfs', '-q', 'subvolume', 'delete', '-i', String(id), '--', top], { accept: [0, 1] });
}

/**
 * The numbers of the subvolumes below another, deepest first. The list only proposes: a name with a newline in it can
 * add lines, so that what the kernel says about each number decides.
 */
async function nestedSubvolumes(top: string, id: number): Promise<readonly number[]> {
  const { stdout } = await run(['btrfs', 'subvolume', 'list', '--', top]);
  const parent = await resolve(top, id);
  const found: { id: number; depth: number }[] = [];
  for (const proposed of proposedDescendants(stdout, id)) {
    const path = await resolve(top, proposed).catch(() => undefined);
    if (path?.startsWith(`${parent}/`)) found.push({ id: proposed, depth: path.split('/').length });
  }
  return found.sort((one, other) => other.depth - one.depth).map((each) => each.id);
}

/** Every number that `btrfs subvolume list` puts below `ancestor` by its column "top level". */
export function proposedDescendants(list: string, ancestor: number): readonly number[] {
  const lines = list.split('\n').flatMap((line) => {
    const [, id, parent] = /^ID (\d+) gen \d+ top level (\d+) path /.exec(line) ?? [];
    return id === undefined ? [] : [{ id: Number(id), parent: Number(parent) }];
  });
  const found = new Set([ancestor]);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const { id, parent } of lines) if (found.has(parent)) found.add(id);
  }
  found.delete(ancestor);
  return [...found];
}

/** The path of a subvolume from the top of the file system. */
async function resolve(top: string, id: number): Promise<string> {
  const { stdout } = await run(['btrfs', 'inspect-internal', 'subvolid-resolve', String(id), top]);
  return stdout.replace(/\n$/, '');
}
