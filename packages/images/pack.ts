import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { lutimes, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HOST_ENVIRONMENT } from '#host/run.ts';
import type { BlobWriter, Descriptor } from './layout.ts';
import { isOverlayWhiteout, walk } from './tree.ts';

/** OCI's mark for a path of a lower layer that is gone: an empty file `.wh.NAME` beside it (image-spec, layer.md). */
export const WHITEOUT = '.wh.';

/**
 * Uncompressed: the digest of an image then depends on nothing but its content (no version of a compressor), and packing
 * and unpacking go at the speed of the disk. Measured on a site image of 490 MB: tar alone 0.9 s, with zstd -1 2.1 s and
 * 173 MB, with gzip -1 6.4 s and 178 MB.
 */
export const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar';

export interface PackOptions {
  readonly tree: string;
  /** Paths that are removed from the layers below. */
  readonly removed: readonly string[];
  readonly newest: Date;
  /** An empty folder for lists. */
  readonly work: string;
  readonly openBlob: () => Promise<BlobWriter>;
}

/** Packs a tree as one OCI layer. Equal trees give equal bytes: names sorted, numeric owners, no extended attributes. */
export async function packLayer(options: PackOptions): Promise<Descriptor> {
  const { tree, work } = options;
  const paths: string[] = [];
  for await (const { path, stats } of walk(tree)) {
    if (!isOverlayWhiteout(stats) && !stats.isSocket()) paths.push(path);
  }
  const whiteouts = await makeWhiteouts(options);
  const list = join(work, 'paths');
  const whiteoutList = join(work, 'whiteout-paths');
  await writeFile(list, paths.map((path) => `${path}\0`).join(''));
  await writeFile(whiteoutList, whiteouts.paths.map((path) => `${path}\0`).join(''));

  const blob = await options.openBlob();
  const hash = createHash('sha256');
  // Read from the moment it starts: what a program that has ended left unread, Node throws away.
  const tar = spawn(
    'tar',
    [
      '--create',
      '--file=-',
      '--format=gnu',
      '--numeric-owner',
      '--no-acls',
      '--no-selinux',
      '--no-xattrs',
      '--no-recursion',
      '--null',
      '--verbatim-files-from',
      `--directory=${tree}`,
      `--files-from=${list}`,
      // After the folders that they lie in.
      `--directory=${whiteouts.root}`,
      `--files-from=${whiteoutList}`,
    ],
    { env: HOST_ENVIRONMENT, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const closed = once(tar, 'close');
  for await (const chunk of tar.stdout) {
    hash.update(chunk as Buffer);
    await blob.write(chunk as Buffer);
  }
  const [code] = await closed;
  if (code !== 0) throw new Error(`tar ended with ${String(code)}`);
  const { digest, size } = await blob.close(`sha256:${hash.digest('hex')}`);
  return { mediaType: LAYER_TYPE, digest, size };
}

async function makeWhiteouts(options: PackOptions): Promise<{ root: string; paths: string[] }> {
  const root = join(options.work, 'whiteouts');
  await mkdir(root, { recursive: true });
  const paths: string[] = [];
  for (const removed of [...options.removed].sort()) {
    const slash = removed.lastIndexOf('/') + 1;
    const path = `${removed.slice(0, slash)}${WHITEOUT}${removed.slice(slash)}`;
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), '', { mode: 0o644 });
    await lutimes(join(root, path), options.newest, options.newest);
    paths.push(path);
  }
  return { root, paths };
}
