import { chmod, chown, copyFile, lstat, mkdir, readdir, readlink, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecipeFolder } from '../recipe.ts';
import { isNotFound } from '../tree.ts';

/** Copies a recipe's `files/` into the tree: owned by root, 0755 where executable, else 0644; folders that exist stay. */
export async function copyFiles(from: string, root: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(root, entry.name);
    if (entry.isDirectory()) {
      await makeFolder(target, 0o755, 0);
      await copyFiles(source, target);
    } else if (entry.isSymbolicLink()) {
      await rm(target, { force: true });
      await symlink(await readlink(source), target);
    } else {
      await rm(target, { force: true });
      await copyFile(source, target);
      const executable = ((await lstat(source)).mode & 0o100) !== 0;
      await chmod(target, executable ? 0o755 : 0o644);
      await chown(target, 0, 0);
    }
  }
}

export async function makeFolders(folders: readonly RecipeFolder[], root: string): Promise<void> {
  for (const { path, mode, owner } of folders) {
    await mkdir(join(root, path), { recursive: true, mode: 0o755 });
    await chmod(join(root, path), mode ?? 0o755);
    await chown(join(root, path), owner ?? 0, owner ?? 0);
  }
}

async function makeFolder(path: string, mode: number, owner: number): Promise<void> {
  try {
    if ((await lstat(path)).isDirectory()) return;
    await rm(path);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  await mkdir(path);
  await chmod(path, mode);
  await chown(path, owner, owner);
}
