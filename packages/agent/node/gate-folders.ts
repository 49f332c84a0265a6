import { constants, lstat, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EDGE_USER, EXIM_USER } from '../service/folders.ts';
import type { NodeFolders } from './folders.ts';
import { imageUidBase } from './instance-plans.ts';

export interface SocketFolder {
  readonly path: string;
  /** Makes the socket. */
  readonly gateUid: number;
  /** The only other one that may connect: uid and gid on the machine. */
  readonly peer: number;
}

/** Owner, group and mode of a folder, as on the machine. */
interface Ownership {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/**
 * The folders in which the gate makes its sockets and keeps its counts. The folder around them is root's: these are bound
 * into containers by name, and who could exchange them could have anything of the machine bound there.
 */
export async function ensureGateFolders(
  folders: NodeFolders,
  { slot, gateUid }: { readonly slot: number; readonly gateUid: number },
): Promise<void> {
  // First: from now on nobody but root changes a name in it.
  await ensureFolder(folders.gate, { uid: 0, gid: 0, mode: 0o711 });
  const edge = imageUidBase(slot, 'edge') + EDGE_USER;
  const exim = imageUidBase(slot, 'mail') + EXIM_USER;
  await ensureSocketFolder({ path: join(folders.gate, 'edge'), gateUid, peer: edge });
  await ensureSocketFolder({ path: join(folders.gate, 'mail'), gateUid, peer: exim });
  await ensureFolder(join(folders.gate, 'state'), { uid: gateUid, gid: gateUid, mode: 0o700 });
}

/**
 * A folder of the gate's whose files get the group of the one who is to connect (setgid), so that a socket of mode 0660 is
 * closed to every other uid of the machine. Readable for all: crun opens what it binds as the container's root.
 */
export async function ensureSocketFolder({ path, gateUid, peer }: SocketFolder): Promise<void> {
  await ensureFolder(path, { uid: gateUid, gid: peer, mode: 0o2755 });
}

/** Its parent has to be root's. Whatever lies there instead of a folder, also a link to one, goes. */
async function ensureFolder(path: string, { uid, gid, mode }: Ownership): Promise<void> {
  const present = await lstat(path).catch(() => undefined);
  if (present !== undefined && !present.isDirectory()) await rm(path);
  await mkdir(path, { recursive: true });
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    await folder.chown(uid, gid);
    await folder.chmod(mode);
  } finally {
    await folder.close();
  }
}
