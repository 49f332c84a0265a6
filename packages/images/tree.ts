import type { Stats } from 'node:fs';
import { chmod, lstat, lutimes, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { HofjeError } from '#model/error.ts';

export interface TreeEntry {
  /** Relative to the root, without a leading slash. */
  readonly path: string;
  readonly stats: Stats;
}

/** Everything below `root`, parents before children, in the order of names. Symbolic links are not followed. */
export async function* walk(root: string, below = ''): AsyncGenerator<TreeEntry> {
  const names = (await readdir(join(root, below))).sort();
  for (const name of names) {
    const path = below === '' ? name : `${below}/${name}`;
    const stats = await lstat(join(root, path));
    yield { path, stats };
    if (stats.isDirectory()) yield* walk(root, path);
  }
}

/** The time of the newest file that is older than `start`: of all that packages brought, not of what the build wrote. */
export async function newestBefore(root: string, start: Date): Promise<Date> {
  let newest = new Date(0);
  for await (const { stats } of walk(root)) {
    if (stats.isFile() && stats.mtime < start && stats.mtime > newest) newest = stats.mtime;
  }
  return new Date(Math.floor(newest.getTime() / 1000) * 1000);
}

/**
 * The paths that a lower tree has and the tree merged from it and `upper` has not. A folder that takes the place of a file,
 * or a file that of a filled folder, has no faithful form as a layer: `image.layer-unsupported`.
 */
export async function removedPaths(upper: string, lower: string, merged: string): Promise<string[]> {
  const removed: string[] = [];
  const check = async (path: string): Promise<void> => {
    const below = await statsOf(join(lower, path));
    if (below === null) return;
    const above = await lstat(join(upper, path));
    if (below.isDirectory() !== above.isDirectory()) {
      throw new HofjeError('image.layer-unsupported', `/${path} changes between file and folder from layer to layer`);
    }
    if (!above.isDirectory()) return;
    const left = new Set(await readdir(join(merged, path)));
    for (const name of (await readdir(join(lower, path))).sort()) {
      if (!left.has(name)) removed.push(path === '' ? name : `${path}/${name}`);
    }
  };
  await check('');
  for await (const { path, stats } of walk(upper)) if (!isOverlayWhiteout(stats)) await check(path);
  return removed;
}

const SET_ID_BITS = 0o6000;

/**
 * Makes a layer's tree independent of when and where it was built: no set-id bits, no time later than `newest`. Folders get
 * exactly that time, since dpkg leaves them with either its own or the package's.
 */
export async function normalizeTree(root: string, newest: Date): Promise<void> {
  for await (const { path, stats } of walk(root)) {
    const file = join(root, path);
    if (isOverlayWhiteout(stats)) continue;
    if (!stats.isSymbolicLink() && (stats.mode & SET_ID_BITS) !== 0) await chmod(file, stats.mode & 0o1777);
    if (stats.isDirectory() || stats.mtime > newest) await lutimes(file, newest, newest);
  }
}

/** overlayfs marks a removed file by a character device 0:0. */
export function isOverlayWhiteout(stats: Stats): boolean {
  return stats.isCharacterDevice() && stats.rdev === 0;
}

async function statsOf(path: string): Promise<Stats | null> {
  try {
    return await lstat(path);
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
