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
    /** Root's. In it the gate's own: `edge` is bound into the edge, `mail` into the mail container, `state` is for itself. */
    gate: join(root, 'run', 'gate'),
    /** Root's. A folder per site with the socket by which its programs send mail, made by the gate. */
    submission: join(root, 'run', 'site'),
    /** `address:port` of the mail service, for the gate. */
    mailAddress: join(root, 'run', 'mail-address'),
    /** The number of the running agent. */
    lock: join(root, 'run', 'agent.lock'),
    /** Bundles of containers. */
    work: join(root, 'run', 'work'),
    /** What crun is told of each entry that runs; in memory. */
    entries: join(root, 'run', 'work', 'entries'),
    /** Wishes of sites that vanished from the desired state without a tombstone. */
    carried: join(root, 'carried.json'),
    /** What the look-up files of mail were made of the last time. */
    mailGood: join(root, 'mail-good.json'),
    /** An operator writes a revision here to have it applied although it removes many at once. */
    confirmedRevision: join(root, 'confirmed-revision'),
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
