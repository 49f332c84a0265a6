/** What a resident does with a node's disk. Called by name, so every argument is JSON. */
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeFolders } from '#agent/node/folders.ts';
import { closeStorage, openStorage, type Storage, type SubvolumeWish, type Usage } from '#agent/storage/storage.ts';
import { run } from '#host/run.ts';

const opened = new Map<string, Storage>();

function storage(root: string): Storage {
  const found = opened.get(root);
  if (found === undefined) throw new Error(`${root} is not open`);
  return found;
}

function pathOf(root: string, name: string): string {
  return join(nodeFolders(root).disk, name);
}

export async function openDisk(root: string, sizeBytes: number): Promise<void> {
  opened.set(root, await openStorage(nodeFolders(root), { sizeBytes }));
}

export async function closeDisk(root: string): Promise<void> {
  await closeStorage(nodeFolders(root));
}

export async function ensure(root: string, name: string, wish: SubvolumeWish): Promise<void> {
  await storage(root).ensureSubvolume(pathOf(root, name), wish);
}

export async function remove(root: string, name: string): Promise<void> {
  await storage(root).deleteSubvolume(pathOf(root, name));
}

/** The numbers are those of the last commit, so there is one first. */
export async function usage(root: string, name: string): Promise<Usage> {
  await run(['btrfs', 'filesystem', 'sync', nodeFolders(root).disk]);
  return await storage(root).usage(pathOf(root, name));
}

export async function usageOfAll(root: string): Promise<readonly (readonly [string, Usage])[]> {
  return [...(await storage(root).usageOfAll())];
}

export async function totals(root: string): Promise<{ readonly sizeBytes: number; readonly freeBytes: number }> {
  return await storage(root).totals();
}

export async function ownerOf(
  path: string,
): Promise<{ readonly uid: number; readonly gid: number; readonly mode: number }> {
  const { uid, gid, mode } = await lstat(path);
  return { uid, gid, mode: mode & 0o7777 };
}

/** Exit code and last words of a program; for what is expected to fail. */
export async function attempt(
  ...argv: [string, ...string[]]
): Promise<{ readonly code: number; readonly stderr: string }> {
  const accept = Array.from({ length: 256 }, (_, code) => code);
  const { code, stderr } = await run(argv, { accept });
  return { code, stderr: stderr.trim() };
}
