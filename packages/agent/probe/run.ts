import { DOOR_NAMES, type Door } from '#model/door/door.ts';
import type { InstanceId, SiteId } from '#model/id.ts';
import type { ImageDigest } from '#model/node/desired.ts';
import type { ProbeId } from '#model/probe/catalogue.ts';
import { judge, type ProbeResult, parseSightings, type Sighting, sharpness } from '#model/probe/judge.ts';
import { layBaits } from './baits.ts';
import { absentBaits } from './control.ts';
import { lookThrough, lookThroughWeb, type ProbeDoor } from './look.ts';
import { lookProgram } from './programs.ts';
import type { ProbeWorld } from './world.ts';

/** One cell of the matrix door x site: everything one look found. */
export interface ProbeRow {
  readonly site: SiteId;
  readonly door: ProbeDoor;
  /** Whether the site is the platform's own: only then is it a proof, otherwise it is the site's word. */
  readonly decoy: boolean;
  /** What stood there when it was looked from. */
  readonly instance: InstanceId;
  readonly image: ImageDigest;
  readonly results: readonly ProbeResult[];
  /** Why nothing was found out, when the look itself failed. */
  readonly failure?: string;
}

export interface ProbeReport {
  readonly rows: readonly ProbeRow[];
  /** Probes whose bait was not there in this run. */
  readonly absentBaits: readonly ProbeId[];
  /** The same program in a careless container: how many of the probes that looked there found what they seek. */
  readonly careless: {
    readonly found: number;
    readonly looked: number;
    readonly missed: readonly ProbeId[];
    readonly sightings: readonly Sighting[];
  };
}

export interface ProbeSelection {
  readonly site?: SiteId;
  readonly door?: ProbeDoor;
  /** Only from these, and from no site that sleeps: it is not woken, and gets no row. */
  readonly among?: { readonly decoys: boolean; readonly sites: readonly SiteId[] };
}

/**
 * Lays baits, checks that they are there, looks from every selected site through every selected door, and last from a
 * careless container. The baits are taken up again whatever happens.
 */
export async function runProbes(world: ProbeWorld, selection: ProbeSelection = {}): Promise<ProbeReport> {
  const [prey, looker] = world.decoys;
  await world.wake(prey.id);
  const baits = await layBaits(world, prey);
  try {
    const absent = await absentBaits(world, prey, baits);
    const program = lookProgram(baits.settings);
    const rows: ProbeRow[] = [];
    for (const { site, door } of cells(world, selection)) {
      const decoy = site === looker.id;
      const standing = world.standing(site);
      // No time passes between this and the look: whoever is awake here is awake when the door opens.
      if (standing === undefined || (selection.among !== undefined && !decoy && !standing.awake)) continue;
      const row = { site, door, decoy, instance: standing.instance, image: standing.image };
      try {
        const output =
          door === 'web' ? await lookThroughWeb(world, looker, program) : await look(world, site, door, program);
        rows.push({ ...row, results: judge(parseSightings(output), absent) });
      } catch (error) {
        rows.push({ ...row, results: judge([]), failure: error instanceof Error ? error.message : String(error) });
      }
    }
    const careless = parseSightings(await world.runCareless(program));
    const missed = careless.filter((row) => row.saw === 'unseen').map((row) => row.probe);
    return { rows, absentBaits: [...absent], careless: { ...sharpness(careless), missed, sightings: careless } };
  } finally {
    await baits.takeUp();
  }
}

/** Every door from the looking decoy; the doors of `enter` from a customer's site. The prey does not look at itself. */
function cells(world: ProbeWorld, selection: ProbeSelection): { site: SiteId; door: ProbeDoor }[] {
  const [prey, looker] = world.decoys;
  const sites = chosen(world, selection);
  const doors = (site: SiteId): ProbeDoor[] => (site === looker.id ? ['web', ...DOOR_NAMES] : [...DOOR_NAMES]);
  return sites
    .filter((site) => site !== prey.id)
    .flatMap((site) => doors(site).map((door) => ({ site, door })))
    .filter(({ door }) => selection.door === undefined || selection.door === door);
}

function chosen(world: ProbeWorld, { site, among }: ProbeSelection): readonly SiteId[] {
  const [, looker] = world.decoys;
  if (site !== undefined) return [site];
  if (among === undefined) return [looker.id, ...world.sites];
  const known = new Set(world.sites);
  return [...(among.decoys ? [looker.id] : []), ...among.sites.filter((each) => known.has(each))];
}

async function look(world: ProbeWorld, site: SiteId, door: Door, program: readonly string[]): Promise<string> {
  const { output, outcome } = await lookThrough(world, site, door, program);
  if (outcome.kind === 'exited' && outcome.status === 0) return output;
  throw new Error(`the door did not open: ${JSON.stringify(outcome)}`);
}
