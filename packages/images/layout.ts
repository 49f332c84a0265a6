import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HofjeError } from '#model/error.ts';
import type { ImageDigest } from '#model/node/desired.ts';
import { canonicalJson, sha256 } from './digest.ts';
import { withLock } from './machine-lock.ts';
import { isNotFound } from './tree.ts';

/** A reference to a blob (OCI image-spec, descriptor.md). */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: ImageDigest;
  readonly size: number;
  readonly artifactType?: string;
  readonly platform?: { readonly architecture: string; readonly os: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** OCI image-spec, manifest.md; with `subject` it is an artifact about another manifest: a lock, an SBOM, a signature. */
export interface Manifest {
  readonly schemaVersion: 2;
  readonly mediaType: typeof MANIFEST_TYPE;
  readonly artifactType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Index {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
}

export const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
export const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json';
const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';

/** Receives the bytes of one blob; its name is known only at the end. */
export interface BlobWriter {
  write(chunk: Uint8Array): Promise<void>;
  close(digest: ImageDigest): Promise<{ readonly digest: ImageDigest; readonly size: number }>;
}

/** An OCI image layout: a folder of blobs named by digest with an index. Several processes may write to it. */
export class ImageLayout {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  async initialize(): Promise<void> {
    await mkdir(join(this.folder, 'blobs', 'sha256'), { recursive: true });
    await mkdir(join(this.folder, INCOMING), { recursive: true });
    await writeAtomically(join(this.folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  }

  blobPath(digest: ImageDigest): string {
    const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
    if (hex === undefined) throw new HofjeError('image.bad-digest', `"${digest}" is not a digest`, { field: 'digest' });
    return join(this.folder, 'blobs', 'sha256', hex);
  }

  async hasBlob(descriptor: Descriptor): Promise<boolean> {
    try {
      return (await stat(this.blobPath(descriptor.digest))).size === descriptor.size;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  async openBlob(): Promise<BlobWriter> {
    const path = join(this.folder, INCOMING, randomBytes(8).toString('hex'));
    const file = await open(path, 'wx', 0o644);
    let size = 0;
    return {
      write: async (chunk) => {
        await file.writeFile(chunk);
        size += chunk.length;
      },
      close: async (digest) => {
        await file.datasync();
        await file.close();
        await rename(path, this.blobPath(digest));
        return { digest, size };
      },
    };
  }

  async putBlob(mediaType: string, data: string): Promise<Descriptor> {
    const bytes = Buffer.from(data);
    const digest = sha256(bytes);
    const descriptor = { mediaType, digest, size: bytes.length };
    if (!(await this.hasBlob(descriptor))) await writeAtomically(this.blobPath(digest), bytes);
    return descriptor;
  }

  async putManifest(manifest: Manifest): Promise<Descriptor> {
    return await this.putBlob(MANIFEST_TYPE, canonicalJson(manifest));
  }

  /** Reads a small blob and checks it. Throws `image.missing`, `image.corrupt`. */
  async readBlob(digest: ImageDigest): Promise<Buffer> {
    let data: Buffer;
    try {
      data = await readFile(this.blobPath(digest));
    } catch (error) {
      if (!isNotFound(error)) throw error;
      throw new HofjeError('image.missing', `${digest} is not in ${this.folder}`, { field: 'digest', cause: error });
    }
    if (sha256(data) !== digest) throw corrupt(digest);
    return data;
  }

  /**
   * Opens a blob of any size after all of it was checked: whoever reads it from this descriptor reads verified bytes.
   * Throws `image.missing`, `image.corrupt`.
   */
  async openVerified({ digest, size }: Descriptor): Promise<FileHandle> {
    const file = await this.#open(digest);
    try {
      const stats = await file.stat();
      if (!stats.isFile() || stats.size !== size) throw corrupt(digest);
      const hash = createHash('sha256');
      for await (const chunk of file.createReadStream({ start: 0, highWaterMark: CHUNK, autoClose: false })) {
        hash.update(chunk as Buffer);
      }
      if (`sha256:${hash.digest('hex')}` !== digest) throw corrupt(digest);
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async #open(digest: ImageDigest): Promise<FileHandle> {
    try {
      return await open(this.blobPath(digest), constants.O_RDONLY | constants.O_NOFOLLOW);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      throw new HofjeError('image.missing', `${digest} is not in ${this.folder}`, { field: 'digest', cause: error });
    }
  }

  async readManifest(digest: ImageDigest): Promise<Manifest> {
    const manifest = JSON.parse((await this.readBlob(digest)).toString('utf8')) as Manifest;
    if (manifest.mediaType !== MANIFEST_TYPE) {
      throw new HofjeError('image.corrupt', `${digest} is no image manifest`, { field: 'digest' });
    }
    return manifest;
  }

  /** All manifests, images and artifacts, oldest first. */
  async manifests(): Promise<readonly Descriptor[]> {
    try {
      return (JSON.parse(await readFile(join(this.folder, 'index.json'), 'utf8')) as Index).manifests;
    } catch (error) {
      if (isNotFound(error)) return [];
      throw error;
    }
  }

  /** Enters manifests in the index; one that is there already keeps its place and annotations. */
  async register(added: readonly Descriptor[]): Promise<void> {
    await withLock(join(this.folder, '.lock'), async () => {
      const known = await this.manifests();
      const fresh = added.filter(({ digest }) => !known.some((other) => other.digest === digest));
      if (fresh.length === 0) return;
      const index: Index = { schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [...known, ...fresh] };
      await writeAtomically(join(this.folder, 'index.json'), JSON.stringify(index, null, 1));
    });
  }
}

const CHUNK = 1 << 20;
/** Blobs that are being written; outside `blobs`, where every name is a digest. */
const INCOMING = '.incoming';

export function corrupt(digest: ImageDigest): HofjeError {
  return new HofjeError('image.corrupt', `the stored bytes of ${digest} are not those of its name`, {
    field: 'digest',
    hint: 'Delete the cache of images (`hofje cache clear`) and build again.',
  });
}

async function writeAtomically(path: string, data: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(temporary, data, { mode: 0o644, flush: true });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
