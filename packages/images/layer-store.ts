import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageFolders } from './folders.ts';
import type { ImageLayout } from './layout.ts';
import { withLock } from './machine-lock.ts';
import type { StageResult } from './stage/spec.ts';
import { isNotFound } from './tree.ts';

/** A finished layer: its blob is in the layout, its tree is what later layers are laid over. */
export interface Layer extends StageResult {
  /** Digest of everything that the layer follows from. */
  readonly key: string;
  readonly tree: string;
}

interface LayerRecord extends StageResult {
  readonly key: string;
}

/** The finished layers of a cache, by key. Several builds may use it at the same time: a layer is made once. */
export class LayerStore {
  readonly #folders: ImageFolders;
  readonly #layout: ImageLayout;
  readonly #running = new Map<string, Promise<Layer>>();

  constructor(folders: ImageFolders, layout: ImageLayout) {
    this.#folders = folders;
    this.#layout = layout;
  }

  /** The layer of that key; `make` fills the folder it is given and leaves the tree in `tree` there. */
  async get(key: string, make: (work: string) => Promise<StageResult>, onReuse: () => void): Promise<Layer> {
    const running = this.#running.get(key);
    if (running !== undefined) return await running;
    const layer = withLock(join(this.#folders.locks, key), async () => {
      const known = await this.#known(key);
      if (known === null) return await this.#make(key, make);
      onReuse();
      return known;
    });
    this.#running.set(key, layer);
    return await layer;
  }

  /** Deletes layers that no build has used since `before`; images keep their blobs. */
  async removeUnused(before: Date): Promise<void> {
    for (const name of await readdir(this.#folders.layers)) {
      const key = /^([0-9a-f]{64})\.json$/.exec(name)?.[1];
      if (key === undefined) continue;
      const record = this.#recordPath(key);
      const isOld = async () => ((await stat(record).catch(() => null))?.mtime ?? before) < before;
      if (!(await isOld())) continue;
      await withLock(join(this.#folders.locks, key), async () => {
        if (!(await isOld())) return;
        await rm(record);
        await rm(join(this.#folders.trees, key), { recursive: true, force: true });
      });
    }
  }

  async #make(key: string, make: (work: string) => Promise<StageResult>): Promise<Layer> {
    const work = join(this.#folders.work, key);
    const tree = join(this.#folders.trees, key);
    // Left by a build that died: the lock says that nobody works here.
    await rm(work, { recursive: true, force: true });
    await mkdir(work, { recursive: true });
    try {
      const record: LayerRecord = { key, ...(await make(work)) };
      await rm(tree, { recursive: true, force: true });
      await rename(join(work, 'tree'), tree);
      await writeFile(this.#recordPath(key), JSON.stringify(record));
      return { ...record, tree };
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }

  async #known(key: string): Promise<Layer | null> {
    const tree = join(this.#folders.trees, key);
    try {
      const record = JSON.parse(await readFile(this.#recordPath(key), 'utf8')) as LayerRecord;
      await stat(tree);
      if (!(await this.#layout.hasBlob(record.layer))) return null;
      const now = new Date();
      await utimes(this.#recordPath(key), now, now);
      return { ...record, tree };
    } catch (error) {
      // A record that a crash cut short counts as none.
      if (isNotFound(error) || error instanceof SyntaxError) return null;
      throw error;
    }
  }

  #recordPath(key: string): string {
    return join(this.#folders.layers, `${key}.json`);
  }
}
