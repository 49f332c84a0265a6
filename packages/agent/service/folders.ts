import { join } from 'node:path';
import type { NodeFolders } from '../node/folders.ts';
import type { ServiceKind } from '../node/ledger.ts';

/** What each service keeps on the node's disk, as its recipe's README asks for it. Pure. */
export function serviceFolders(folders: NodeFolders) {
  return {
    edge: {
      wake: join(folders.gate, 'edge'),
      spool: join(folders.spool, 'edge'),
      log: join(folders.log, 'edge'),
    },
    mail: {
      lmtp: join(folders.gate, 'mail'),
      lookup: join(folders.lookup, 'mail'),
      spool: join(folders.spool, 'exim'),
      mail: folders.mail,
      log: join(folders.log, 'mail'),
    },
  } as const;
}

/** Ids inside, as the recipes have them: all of the edge runs as the first; Exim, which hands mail to the gate, as the second. */
export const EDGE_USER = 33;
export const EXIM_USER = 200;

const GiB = 1024 ** 3;
const MiB = 1024 ** 2;

export interface ServiceFolder {
  readonly path: string;
  /** Owner and group, as inside the container. */
  readonly owner: number;
  readonly mode: number;
  /** Each is a subvolume with this limit. */
  readonly limitBytes: number;
}

/**
 * Owner and limit of each, for the node to make. The folder that holds the domains' folders stays root's: whoever owned it
 * could exchange what root makes in it.
 */
export function serviceFolderWishes(folders: NodeFolders): Readonly<Record<ServiceKind, readonly ServiceFolder[]>> {
  const { edge, mail } = serviceFolders(folders);
  return {
    edge: [
      { path: edge.spool, owner: EDGE_USER, mode: 0o700, limitBytes: 4 * GiB },
      { path: edge.log, owner: EDGE_USER, mode: 0o700, limitBytes: 64 * MiB },
    ],
    mail: [
      { path: mail.spool, owner: EXIM_USER, mode: 0o750, limitBytes: 4 * GiB },
      { path: mail.log, owner: 0, mode: 0o755, limitBytes: 128 * MiB },
    ],
  };
}
