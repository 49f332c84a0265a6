import type { Readable, Writable } from 'node:stream';
import type { StartedProgram } from '#host/start.ts';
import type { Command } from '#model/door/command.ts';
import type { Door } from '#model/door/door.ts';
import type { Outcome } from '#model/door/outcome.ts';
import type { InstanceId, SiteId } from '#model/id.ts';
import type { ImageDigest } from '#model/node/desired.ts';

/** A site of the platform's own, made to be looked for. */
export interface Decoy {
  readonly id: SiteId;
  /** Address of its instance on the node. */
  readonly address: string;
  /** Its home folder on the node. */
  readonly home: string;
}

/** What a run of probes needs of the node, so that it can be run against a node of any make. */
export interface ProbeWorld {
  /** Two decoys on the same image: one lays baits, one looks through the web door. */
  readonly decoys: readonly [Decoy, Decoy];
  /** Customers' sites that may be looked from: awake or asleep, not suspended. Nothing is written in them. */
  readonly sites: readonly SiteId[];
  readonly enter: (
    site: SiteId,
    door: Door,
    command: Command,
    streams: ProbeStreams,
    signal: AbortSignal,
  ) => Promise<Outcome>;
  /** What stands of a site now; undefined when it is not here. */
  readonly standing: (site: SiteId) => Standing | undefined;
  /** Wakes a site and answers when it serves. */
  readonly wake: (site: SiteId) => Promise<void>;
  /** Runs a program of ours on the node itself, in its namespaces, until its input ends. */
  readonly startOnNode: (argv: readonly [string, ...string[]]) => StartedProgram;
  /** Runs a program of ours in a container without walls (host mounts, processes and the node's network), as root. */
  readonly runCareless: (argv: readonly string[]) => Promise<string>;
  /** Addresses and paths of the platform that no site may reach. */
  readonly platform: PlatformBaits;
}

export interface Standing {
  readonly awake: boolean;
  readonly instance: InstanceId;
  readonly image: ImageDigest;
}

export interface ProbeStreams {
  readonly stdin: Readable | null;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

export interface PlatformBaits {
  readonly stateFolder: string;
  readonly agentSocket: string;
  readonly mailSpool: string;
  readonly hostName: string;
  /** `address:port` of what really listens: the edge's administration, Exim for sites, the control plane. */
  readonly edgeAdmin: string | undefined;
  readonly mailSubmission: string | undefined;
  readonly controlPlane: string;
  /** An address outside that answers on port 25 from the node. */
  readonly outside: string;
  /** Folder on the node's btrfs where a subvolume can be made, for the positive control. */
  readonly btrfsFolder: string;
  /** Folder of the node for bait files; root's own. */
  readonly baitFolder: string;
}
