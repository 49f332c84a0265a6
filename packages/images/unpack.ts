import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, lstat, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { HOST_ENVIRONMENT, run } from '#host/run.ts';
import { HofjeError } from '#model/error.ts';
import type { ImageDigest } from '#model/node/desired.ts';
import { type Descriptor, ImageLayout } from './layout.ts';
import { LAYER_TYPE } from './pack.ts';
import { OwnerShift } from './tar-shift.ts';
import { isNotFound } from './tree.ts';

export interface UnpackOptions {
  /** Folder of an OCI image layout. */
  readonly layout: string;
  readonly digest: ImageDigest;
  /** The subvolume to be; its parent folder exists, is on btrfs and belongs to root alone. */
  readonly destination: string;
  /** Owner of what belongs to root inside; ids 0..999 become `uidBase`..`uidBase + 999`. */
  readonly uidBase: number;
}

/**
 * Unpacks an image into a read-only btrfs subvolume. Nothing is there under the final name until everything is on the disk;
 * what a crash left is cleared away by the next call; a subvolume that is there already is left alone. One caller at a time
 * per destination. Throws `image.missing`, `image.corrupt`, `image.refused-entry`.
 */
export async function unpackImage(options: UnpackOptions): Promise<{ readonly created: boolean }> {
  const { destination } = options;
  await removePartial(destination);
  if (await isSubvolume(destination)) {
    await makeReadOnly(destination);
    return { created: false };
  }
  const layout = new ImageLayout(options.layout);
  const manifest = await layout.readManifest(options.digest);
  const partial = `${destination}${PARTIAL}${randomBytes(4).toString('hex')}`;
  await run(['btrfs', 'subvolume', 'create', '--', partial]);
  try {
    await chmod(partial, 0o755);
    await chown(partial, options.uidBase, options.uidBase);
    for (const layer of manifest.layers) await unpackLayer(layout, layer, partial, options.uidBase);
    // The rename must not reach the disk before the content.
    await run(['btrfs', 'filesystem', 'sync', partial]);
    await rename(partial, destination);
    await makeReadOnly(destination);
  } catch (error) {
    await deleteSubvolume(partial);
    throw error;
  }
  return { created: true };
}

/** Deletes what `unpackImage` made. */
export async function removeUnpackedImage(destination: string): Promise<void> {
  await removePartial(destination);
  if (await isSubvolume(destination)) await deleteSubvolume(destination);
}

const PARTIAL = '.partial-';
const CHUNK = 1 << 20;

async function unpackLayer(layout: ImageLayout, layer: Descriptor, root: string, idBase: number): Promise<void> {
  if (layer.mediaType !== LAYER_TYPE) {
    throw new HofjeError('image.refused-entry', `layers of type ${layer.mediaType} are not unpacked here`);
  }
  const whiteouts: string[] = [];
  const shift = new OwnerShift(idBase, (path) => whiteouts.push(path));
  // All of it is checked first: no byte reaches tar, or our own reader of tar's headers, that was not.
  await using blob = await layout.openVerified(layer);
  const tar = startTar(root);
  try {
    for await (const chunk of blob.createReadStream({ start: 0, highWaterMark: CHUNK, autoClose: false })) {
      for (const part of shift.push(chunk as Buffer)) await tar.write(part);
    }
    shift.end();
  } catch (error) {
    await tar.abort();
    throw error;
  }
  await tar.finish();
  // Their folders are in the layer, so no symbolic link leads elsewhere.
  for (const path of whiteouts) await rm(join(root, path), { recursive: true, force: true });
}

function startTar(root: string) {
  const tar = spawn(
    'tar',
    [
      '--extract',
      '--file=-',
      `--directory=${root}`,
      '--numeric-owner',
      '--same-owner',
      '--same-permissions',
      '--no-acls',
      '--no-selinux',
      '--no-xattrs',
      '--delay-directory-restore',
    ],
    { env: HOST_ENVIRONMENT, stdio: ['pipe', 'ignore', 'pipe'] },
  );
  const complaints: Buffer[] = [];
  tar.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
  tar.stdin.on('error', () => undefined);
  const closed = once(tar, 'close');
  const failed = closed.then(([code]) => {
    if (code === 0) return;
    throw new Error(`tar ended with ${String(code)}: ${Buffer.concat(complaints).toString('utf8').trim()}`);
  });
  // Looked at in `write` and `finish`.
  failed.catch(() => undefined);
  return {
    async write(part: Buffer): Promise<void> {
      if (!tar.stdin.write(part)) await Promise.race([once(tar.stdin, 'drain'), failed]);
    },
    async finish(): Promise<void> {
      tar.stdin.end();
      await failed;
    },
    async abort(): Promise<void> {
      tar.kill('SIGKILL');
      await closed;
    },
  };
}

async function removePartial(destination: string): Promise<void> {
  const parent = dirname(destination);
  const prefix = `${basename(destination)}${PARTIAL}`;
  for (const name of await readdir(parent)) {
    if (name.startsWith(prefix)) await deleteSubvolume(join(parent, name));
  }
}

async function makeReadOnly(subvolume: string): Promise<void> {
  await run(['btrfs', 'property', 'set', '-t', 'subvol', '--', subvolume, 'ro', 'true']);
}

async function deleteSubvolume(subvolume: string): Promise<void> {
  await run(['btrfs', 'subvolume', 'delete', '--', subvolume]);
}

/** The root folder of every btrfs subvolume has this inode number. */
const SUBVOLUME_INODE = 256;

async function isSubvolume(path: string): Promise<boolean> {
  try {
    const stats = await lstat(path);
    if (stats.isDirectory() && stats.ino === SUBVOLUME_INODE) return true;
    throw new HofjeError('image.destination-taken', `${path} exists and is no subvolume`, { field: 'destination' });
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}
