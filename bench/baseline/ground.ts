import { chown, cp, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeFolders } from '#agent/node/folders.ts';
import { mountPoints } from '#agent/node/namespaces.ts';
import { openDisk } from '#agent/storage/disk.ts';
import { run } from '#host/run.ts';
import { unpackImage } from '#images/unpack.ts';
import type { ImageDigest } from '#model/node/desired.ts';
import { Street } from './street.ts';

/*
 * What the software without containers stands on. All of it happens in mount, network and pid namespaces of its own,
 * which end with their first process and take everything along.
 */

export interface GroundOrder {
  /** An empty folder; `ready` leaves nothing in it but mount points. */
  readonly folder: string;
  /** The OCI layout that the platform's images come from. */
  readonly layout: string;
}

export type ImageKind = 'edge' | 'site' | 'mail';

const GiB = 1024 ** 3;
const DISK_BYTES = 3 * GiB;

/** The platform's addresses, so that its own configuration files can be used as they are. */
export const ADDRESSES = { service: '10.63.0.1', site: '10.64.0.1' } as const;

/** The user of a site inside its image. */
export const SITE_UID = 1000;

export class Ground {
  readonly folder: string;
  readonly street: Street;
  readonly #layout: string;

  private constructor({ folder, layout }: GroundOrder, street: Street) {
    this.folder = folder;
    this.street = street;
    this.#layout = layout;
  }

  /** Addresses on the loopback device, and a disk of the same make as a node's: a btrfs in an allocated file. */
  static async lay(order: GroundOrder): Promise<Ground> {
    await dropPins();
    await run(['ip', 'link', 'set', 'lo', 'up']);
    for (const address of Object.values(ADDRESSES)) await run(['ip', 'address', 'add', `${address}/32`, 'dev', 'lo']);
    const folders = nodeFolders(order.folder);
    await openDisk(folders, DISK_BYTES);
    // The mount keeps it; whatever happens, no file of this size is left behind.
    await rm(folders.diskImage);
    return new Ground(order, await Street.pave());
  }

  /** A folder on the disk. */
  async folderOnDisk(name: string, uid: number): Promise<string> {
    const path = join(nodeFolders(this.folder).disk, name);
    await mkdir(path, { recursive: true });
    await run(['chown', '--', `${uid}:${uid}`, path]);
    return path;
  }

  /** An unpacked image with what its programs need around them: `/proc`, `/dev`, and `/tmp` and `/run` in memory. */
  async root(kind: ImageKind, digest: ImageDigest, uid: number): Promise<string> {
    const root = join(nodeFolders(this.folder).disk, kind);
    await unpackImage({ layout: this.#layout, digest, destination: root, uidBase: 0 });
    await run(['mount', '-t', 'proc', '--', 'proc', join(root, 'proc')]);
    await run(['mount', '--rbind', '--', '/dev', join(root, 'dev')]);
    await mountMemory(join(root, 'tmp'), 'mode=1777');
    await mountMemory(join(root, 'run'), `mode=755,uid=${uid},gid=${uid}`);
    return root;
  }
}

/** The folder of a site's user with the website in it. */
export async function copyWebsite(ground: Ground, files: string): Promise<string> {
  const home = await ground.folderOnDisk('home', SITE_UID);
  const folder = join(home, 'public');
  await cp(files, folder, { recursive: true });
  await chown(folder, SITE_UID, SITE_UID);
  return home;
}

export async function mountMemory(at: string, options: string): Promise<void> {
  await run(['mount', '-t', 'tmpfs', '-o', `size=64m,${options}`, '--', 'tmpfs', at]);
}

/** A file or folder seen at another place. */
export async function bind(from: string, at: string): Promise<void> {
  await run(['mount', '--bind', '--', from, at]);
}

/** A new mount namespace begins as a copy: pins of others in it would keep their namespaces alive. */
async function dropPins(): Promise<void> {
  const mounts = mountPoints(await readFile('/proc/self/mountinfo', 'utf8'));
  for (const { type, point } of mounts.toReversed()) if (type === 'nsfs') await run(['umount', '--', point]);
}
