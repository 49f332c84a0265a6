import { chmod, lchown, mkdir, statfs } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { HofjeError } from '#model/error.ts';
import type { NodeFolders } from '../node/folders.ts';
import { openDisk } from './disk.ts';
import { openQuota, type Quota, type Usage } from './quota.ts';
import { createSubvolume, deleteSubvolumeTree, subvolumeAt, subvolumeId } from './subvolume.ts';

export { closeStorage } from './disk.ts';
export type { Usage } from './quota.ts';

export interface SubvolumeWish {
  readonly uid: number;
  readonly gid: number;
  /** Permission bits; given to a new subvolume, and not taken back from an owner who changed them later. */
  readonly mode: number;
  /** Bytes that the subvolume may reference, data and metadata; absent: no limit. */
  readonly limitBytes?: number;
}

/** The node's disk. Paths are absolute and below `folders.disk`; every folder above a subvolume belongs to root. */
export interface Storage {
  /** Makes the subvolume as wished, or adjusts owner and limit. Folders above it are made too (root, 0711). */
  ensureSubvolume(path: string, wish: SubvolumeWish): Promise<void>;
  /** Deletes a subvolume, nested ones included; nothing happens when it is absent. One at a time, at a bounded rate. */
  deleteSubvolume(path: string): Promise<void>;
  usage(path: string): Promise<Usage>;
  /** Of every subvolume that was ensured since the storage was opened. Starts no program. */
  usageOfAll(): Promise<ReadonlyMap<string, Usage>>;
  /** The whole disk. */
  totals(): Promise<{ readonly sizeBytes: number; readonly freeBytes: number }>;
}

export interface StorageOptions {
  /** Size of the disk where it is a file of its own (the state folder is not on btrfs). It grows, but never shrinks. */
  readonly sizeBytes: number;
}

/**
 * Opens the node's disk at `folders.disk` in the mount namespace of the caller, making or repairing whatever is missing:
 * it may have been interrupted anywhere. Errors: `storage.no-space`, `storage.disk-too-small`, `storage.foreign-mount`.
 */
export async function openStorage(folders: NodeFolders, options: StorageOptions): Promise<Storage> {
  await openDisk(folders, options.sizeBytes);
  return new BtrfsStorage(folders.disk, await openQuota(folders.disk));
}

/** Each deletion keeps btrfs's cleaner busy for a while; this is how soon the next may follow. */
const DELETE_INTERVAL_MS = 50;

class BtrfsStorage implements Storage {
  readonly #disk: string;
  readonly #quota: Quota;
  /** Subvolume numbers by path. */
  readonly #ids = new Map<string, number>();
  #deletions: Promise<void> = Promise.resolve();

  constructor(disk: string, quota: Quota) {
    this.#disk = disk;
    this.#quota = quota;
  }

  async ensureSubvolume(path: string, wish: SubvolumeWish): Promise<void> {
    this.#mustBeInside(path);
    if ((await subvolumeAt(path)) === undefined) {
      await mkdir(dirname(path), { recursive: true, mode: 0o711 });
      await createSubvolume(path);
    }
    // The limit comes before the owner, who could start to write.
    await this.#adjustLimit(path, wish.limitBytes);
    const found = await subvolumeAt(path);
    if (found?.uid === wish.uid && found.gid === wish.gid && (wish.uid !== 0 || found.mode === wish.mode)) return;
    await chmod(path, wish.mode);
    await lchown(path, wish.uid, wish.gid);
  }

  async deleteSubvolume(path: string): Promise<void> {
    this.#mustBeInside(path);
    const deletion = this.#deletions.then(async () => {
      if ((await subvolumeAt(path)) === undefined) return;
      await deleteSubvolumeTree(this.#disk, path);
      this.#ids.delete(path);
    });
    this.#deletions = deletion.then(
      () => pause(DELETE_INTERVAL_MS),
      () => undefined,
    );
    await deletion;
  }

  async usage(path: string): Promise<Usage> {
    const usage = await this.#quota.usage(await this.#id(path));
    if (usage === undefined) throw new HofjeError('storage.no-quota-group', `${path} has no quota group.`);
    return usage;
  }

  async usageOfAll(): Promise<ReadonlyMap<string, Usage>> {
    const all = await Promise.all(
      [...this.#ids].map(async ([path, id]) => [path, await this.#quota.usage(id)] as const),
    );
    return new Map(all.flatMap(([path, usage]) => (usage === undefined ? [] : [[path, usage] as const])));
  }

  async totals(): Promise<{ readonly sizeBytes: number; readonly freeBytes: number }> {
    const { blocks, bavail, bsize } = await statfs(this.#disk);
    return { sizeBytes: blocks * bsize, freeBytes: bavail * bsize };
  }

  async #adjustLimit(path: string, limitBytes: number | undefined): Promise<void> {
    const id = await this.#id(path);
    const present = await this.#quota.usage(id);
    if (present === undefined || present.limitBytes !== limitBytes) await this.#quota.limit(id, limitBytes);
  }

  async #id(path: string): Promise<number> {
    const known = this.#ids.get(path);
    if (known !== undefined) return known;
    this.#mustBeInside(path);
    if ((await subvolumeAt(path)) === undefined)
      throw new HofjeError('storage.no-such-subvolume', `There is no subvolume ${path}.`);
    const id = await subvolumeId(path);
    this.#ids.set(path, id);
    return id;
  }

  #mustBeInside(path: string): void {
    const below = relative(this.#disk, path);
    if (path !== join(this.#disk, below) || below === '' || below.split(sep)[0] === '..')
      throw new HofjeError('storage.outside', `${path} is not below ${this.#disk}.`);
  }
}
