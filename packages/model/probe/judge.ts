import { PROBE_IDS, PROBES, type ProbeId, type ProbeRule } from './catalogue.ts';

/** What a probe program says of one probe. */
export interface Sighting {
  readonly probe: ProbeId;
  readonly saw: 'seen' | 'unseen' | 'untested';
  readonly fact: string;
}

/**
 * - `closed`: it looked, the bait was really there, and it saw nothing.
 * - `open`: it saw what it must not see.
 * - `declared`: it saw what is visible by decision.
 * - `not-tested`: it could not look, or nothing was there to be found; never counted as closed.
 */
export type ProbeVerdict = 'closed' | 'open' | 'declared' | 'not-tested';

export interface ProbeResult {
  readonly probe: ProbeId;
  readonly verdict: ProbeVerdict;
  readonly fact: string;
}

/**
 * The judgement over one look from inside. A probe that said nothing is `not-tested`. `absentBaits` are the probes whose
 * bait was checked and found missing: what they did not see proves nothing.
 */
export function judge(sightings: readonly Sighting[], absentBaits: ReadonlySet<ProbeId> = new Set()): ProbeResult[] {
  const byProbe = new Map(sightings.map((sighting) => [sighting.probe, sighting]));
  return PROBE_IDS.map((probe) => {
    const sighting = byProbe.get(probe);
    if (sighting === undefined) return { probe, verdict: 'not-tested', fact: 'the probe did not report' };
    return { probe, verdict: verdictOf(sighting, PROBES[probe], absentBaits.has(probe)), fact: sighting.fact };
  });
}

function verdictOf(sighting: Sighting, rule: ProbeRule, baitAbsent: boolean): ProbeVerdict {
  if (sighting.saw === 'seen') return rule.declared === undefined ? 'open' : 'declared';
  if (sighting.saw === 'untested' || baitAbsent) return 'not-tested';
  return 'closed';
}

/** Reads the lines of a probe program; whatever is not a line of the form it promised is left out. */
export function parseSightings(output: string): Sighting[] {
  const sightings: Sighting[] = [];
  for (const line of output.split('\n')) {
    const [probe, saw, fact] = line.split('\t');
    if (probe === undefined || !isProbeId(probe) || fact === undefined) continue;
    if (saw === 'seen' || saw === 'unseen' || saw === 'untested') sightings.push({ probe, saw, fact });
  }
  return sightings;
}

function isProbeId(text: string): text is ProbeId {
  return Object.hasOwn(PROBES, text);
}

/** How sharp the probes are: of those that looked at a careless container, the share that found what it sought. */
export function sharpness(careless: readonly Sighting[]): { readonly found: number; readonly looked: number } {
  const looked = careless.filter((sighting) => sighting.saw !== 'untested');
  return { found: looked.filter((sighting) => sighting.saw === 'seen').length, looked: looked.length };
}
