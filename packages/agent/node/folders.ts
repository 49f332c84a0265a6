import { join } from 'node:path';

/** Where the things of a node lie. Pure: nothing is created here. */
export function nodeFolders(root: string) {
  const disk = join(root, 'disk');
  return {
    root,
    config: join(root, 'agent.json'),
    /** Certificate and key of the node. */
    identity: join(root, 'identity'),
    desired: join(root, 'desired.json'),
    ledger: join(root, 'ledger.json'),
    /** nsfs files: `mount`, `net`, and a folder per instance with `user`, `net`. */
    pins: join(root, 'pins'),
    run: join(root, 'run'),
    agentSocket: join(root, 'run', 'agent.sock'),
    /** crun's --root. */
    crun: join(root, 'run', 'crun'),
    /** Bound into the edge: `edge/wake.sock` of the gate; into the mail container: `mail/lmtp.sock`; a folder per site. */
    gate: join(root, 'run', 'gate'),
    diskImage: join(root, 'disk.img'),
    disk,
    images: join(disk, 'images'),
    sites: join(disk, 'sites'),
    mail: join(disk, 'mail'),
    spool: join(disk, 'spool'),
    log: join(disk, 'log'),
    /** Look-up files for the services, written by the agent, bound read-only. */
    lookup: join(disk, 'lookup'),
  } as const;
}

export type NodeFolders = ReturnType<typeof nodeFolders>;
