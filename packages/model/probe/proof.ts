import { PROBE_IDS, type ProbeId } from './catalogue.ts';
import type { ProbeResult, ProbeVerdict } from './judge.ts';

/**
 * What the last looks say together of one house.
 * - `own`: said by the program inside the site's own container: its word, not a proof
 * - `decoy`: said from a site of the platform next door, on the same node and behind the same walls
 */
export type ProofSource = 'own' | 'decoy';

/** One look that took place: everything that was found through one door. */
export interface KeptLook<Door extends string> {
  readonly source: ProofSource;
  readonly door: Door;
  readonly at: Date;
  readonly results: readonly ProbeResult[];
}

/** What one source says of one probe; the same verdict through several doors is one finding. */
export interface Finding<Door extends string> {
  readonly source: ProofSource;
  readonly verdict: ProbeVerdict;
  /** All that gave this verdict. */
  readonly doors: readonly Door[];
  /** The latest of them, with its fact and its time. */
  readonly door: Door;
  readonly fact: string;
  readonly at: Date;
}

export interface Wall<Door extends string> {
  readonly probe: ProbeId;
  readonly verdict: ProbeVerdict;
  /** The worst first; of the same verdict the decoy's word before the site's own. */
  readonly findings: readonly Finding<Door>[];
}

/** A wall with one hole is open; one that was found closed through any door is not `not-tested`. */
const WORST_FIRST: readonly ProbeVerdict[] = ['open', 'declared', 'closed', 'not-tested'];
const SOURCES: readonly ProofSource[] = ['decoy', 'own'];

/** Every wall, in the order of the catalogue; `not-tested` and without findings where nobody has looked. */
export function wallsOf<Door extends string>(looks: readonly KeptLook<Door>[]): Wall<Door>[] {
  const found = Map.groupBy(
    looks.flatMap((look) => look.results.map((result) => ({ look, result }))),
    ({ result }) => result.probe,
  );
  return PROBE_IDS.map((probe) => {
    const groups = Map.groupBy(
      found.get(probe) ?? [],
      ({ look, result }) => WORST_FIRST.indexOf(result.verdict) * SOURCES.length + SOURCES.indexOf(look.source),
    );
    const findings = [...groups].toSorted(([one], [other]) => one - other).flatMap(([, seen]) => findingOf(seen) ?? []);
    return { probe, verdict: findings[0]?.verdict ?? 'not-tested', findings };
  });
}

interface Seen<Door extends string> {
  readonly look: KeptLook<Door>;
  readonly result: ProbeResult;
}

function findingOf<Door extends string>(seen: readonly Seen<Door>[]): Finding<Door> | undefined {
  const [latest] = seen.toSorted((one, other) => other.look.at.getTime() - one.look.at.getTime());
  if (latest === undefined) return undefined;
  const { look, result } = latest;
  return {
    source: look.source,
    verdict: result.verdict,
    doors: seen.map((each) => each.look.door),
    door: look.door,
    fact: result.fact,
    at: look.at,
  };
}

/**
 * Probes that see something of the machine when they see anything: its name, its paths, its load, its other users. What they
 * saw where walls are missing is told to operators alone; whoever lives there is told that it was seen.
 */
const TELLS_OF_THE_MACHINE: ReadonlySet<ProbeId> = new Set([
  'process.decoy',
  'process.other-users',
  'process.signal',
  'file.decoy-home',
  'file.host',
  'file.host-name',
  'file.runtime-sockets',
  'file.mail-spool',
  'file.descriptors',
  'file.devices',
  'kernel.sys',
  'kernel.cgroup-tree',
  'kernel.cgroup-path',
  'kernel.mount-paths',
  'kernel.mount-names',
  'kernel.uid-map',
  'kernel.log',
  'kernel.sysinfo',
  'kernel.statfs',
  'privilege.setuid-programs',
  'network.decoy-listener',
  'network.decoy-web',
  'network.decoy-loopback',
  'network.node-listener',
  'network.edge-admin',
  'network.mail-submission',
  'network.control-plane',
  'network.mail-exchanger',
  'network.interfaces',
  'network.listeners',
  'network.neighbours',
  'environment.host',
  'place.cgroups',
] satisfies ProbeId[]);

/** Whether a fact may be told to a customer who did not see it himself. */
export function isTellable(probe: ProbeId, sawSomething: boolean): boolean {
  return !sawSomething || !TELLS_OF_THE_MACHINE.has(probe);
}
