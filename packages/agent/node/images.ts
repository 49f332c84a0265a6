import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { unpackImage } from '#images/unpack.ts';
import type { ImageDigest } from '#model/node/desired.ts';
import { imageFolder, imageUidBase, type NodeIdentity } from './instance-plans.ts';
import type { ServiceKind } from './ledger.ts';

/** The images that lie unpacked on the node's disk, each once for the kind of container that uses it. */
export class Images {
  readonly #node: NodeIdentity;
  readonly #layout: string;
  readonly #unpacked = new Set<ImageDigest>();
  readonly #unpacking = new Map<string, Promise<void>>();

  constructor(node: NodeIdentity, layout: string) {
    this.#node = node;
    this.#layout = layout;
  }

  /** Those that were checked or unpacked since the agent began. */
  get unpacked(): ReadonlySet<ImageDigest> {
    return this.#unpacked;
  }

  /**
   * Quick where the image lies there already; several who ask share one unpacking. Throws `image.missing`,
   * `image.corrupt`, `image.refused-entry`.
   */
  async unpack(digest: ImageDigest, kind: 'site' | ServiceKind): Promise<void> {
    if (this.#unpacked.has(digest)) return;
    const known = this.#unpacking.get(digest);
    if (known !== undefined) return await known;
    const work = this.#unpack(digest, kind).finally(() => this.#unpacking.delete(digest));
    this.#unpacking.set(digest, work);
    await work;
  }

  async #unpack(digest: ImageDigest, kind: 'site' | ServiceKind): Promise<void> {
    const destination = imageFolder(this.#node.folders, digest, kind);
    await mkdir(dirname(destination), { recursive: true, mode: 0o755 });
    await unpackImage({ layout: this.#layout, digest, destination, uidBase: imageUidBase(this.#node.slot, kind) });
    this.#unpacked.add(digest);
  }
}
