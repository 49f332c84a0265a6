import type { Selectable } from 'kysely';
import type { DoorName } from '#contract/api/probe.ts';
import type { Proof, ProofWall } from '#contract/api/proof.ts';
import { PROBES } from '#model/probe/catalogue.ts';
import type { Sighting } from '#model/probe/judge.ts';
import { isTellable, type KeptLook, type Wall, wallsOf } from '#model/probe/proof.ts';
import { themeOf } from '#model/probe/theme.ts';
import type { Context } from '../context.ts';
import type { ProbeLookTable, ProbeRunTable } from '../database/tables.ts';
import type { SiteRow } from '../site/queries.ts';
import { RUN_EVERY_MS } from './run.ts';

type LookRow = Selectable<ProbeLookTable>;

/** A run that has not ended after this long has lost whoever led it. */
const RUN_LOST_MS = 10 * 60_000;

/** All that is known of the walls of a site. */
export async function proofOf(context: Context, site: SiteRow): Promise<Proof> {
  const { db } = context;
  const looks = await db.selectFrom('probe_look').selectAll().where('place', 'in', [site.id, site.node_id]).execute();
  const control = await db
    .selectFrom('probe_control')
    .select(['at', 'sightings'])
    .where('node_id', '=', site.node_id)
    .executeTakeFirst();
  const report = await db.selectFrom('site_report').selectAll().where('site_id', '=', site.id).executeTakeFirst();
  const digest = report?.image ?? site.image;
  const image = await db
    .selectFrom('image')
    .select(['kind', 'built_at'])
    .where('digest', '=', digest as SiteRow['image'])
    .executeTakeFirst();
  const plan = await db.selectFrom('plan').select('limits').where('name', '=', site.plan).executeTakeFirstOrThrow();
  const run = await db.selectFrom('probe_run').selectAll().where('site_id', '=', site.id).executeTakeFirst();
  return {
    site: site.id,
    name: site.name,
    state: report?.state ?? 'unknown',
    instance: report?.instance ?? null,
    image: {
      digest,
      kind: image?.kind ?? null,
      builtAt: image?.built_at.toISOString() ?? null,
      since: report?.image_since?.toISOString() ?? null,
    },
    plan: { name: site.plan, limits: plan.limits },
    walls: showWalls(looks, control),
    looks: looks.toSorted(byDoor).map((look) => showLook(look, digest)),
    ...showRun(run, context.now()),
  };
}

interface Control {
  readonly at: Date;
  readonly sightings: readonly Sighting[];
}

/** Pure. */
export function showWalls(looks: readonly LookRow[], control: Control | undefined): ProofWall[] {
  const kept = looks.flatMap((look): KeptLook<DoorName>[] =>
    look.at === null
      ? []
      : [{ source: look.site_id === null ? 'decoy' : 'own', door: look.door, at: look.at, results: look.results }],
  );
  const seen = new Map(control?.sightings.map((sighting) => [sighting.probe, sighting]));
  return wallsOf(kept).map((wall) => showWall(wall, seen.get(wall.probe), control?.at));
}

function showWall(
  { probe, verdict, findings }: Wall<DoorName>,
  sighting: Sighting | undefined,
  controlAt: Date | undefined,
): ProofWall {
  const rule: { readonly promise: string; readonly declared?: string } = PROBES[probe];
  return {
    probe,
    theme: themeOf(probe),
    promise: rule.promise,
    declared: rule.declared ?? null,
    verdict,
    findings: findings.map((finding) => ({
      ...finding,
      doors: [...finding.doors],
      fact: isToldTo(finding) ? finding.fact : null,
      at: finding.at.toISOString(),
    })),
    control:
      sighting === undefined || controlAt === undefined
        ? null
        : {
            saw: sighting.saw,
            fact: isTellable(probe, sighting.saw === 'seen') ? sighting.fact : null,
            at: controlAt.toISOString(),
          },
  };

  /** His own container has told it already; a decoy's belongs to the platform. */
  function isToldTo(finding: Wall<DoorName>['findings'][number]): boolean {
    return finding.source === 'own' || isTellable(probe, finding.verdict === 'open' || finding.verdict === 'declared');
  }
}

function byDoor(one: LookRow, other: LookRow): number {
  return `${one.site_id ?? ''} ${one.door}` < `${other.site_id ?? ''} ${other.door}` ? -1 : 1;
}

function showLook(look: LookRow, digest: string): Proof['looks'][number] {
  const own = look.site_id !== null;
  // Why the platform's own decoy did not open is the operator's business.
  const failure = look.failure === null || own ? look.failure : 'It could not be looked from there.';
  return {
    source: own ? 'own' : 'decoy',
    door: look.door,
    at: look.at?.toISOString() ?? null,
    triedAt: look.tried_at.toISOString(),
    failure,
    image: look.image,
    current: look.image === digest,
  };
}

function showRun(run: Selectable<ProbeRunTable> | undefined, now: Date): Pick<Proof, 'run' | 'nextRunAt'> {
  if (run === undefined) return { run: null, nextRunAt: null };
  const isLost = run.ended_at === null && now.getTime() - run.started_at.getTime() > RUN_LOST_MS;
  const next = new Date(run.started_at.getTime() + RUN_EVERY_MS);
  return {
    run: {
      startedAt: run.started_at.toISOString(),
      endedAt: (isLost ? new Date(run.started_at.getTime() + RUN_LOST_MS) : run.ended_at)?.toISOString() ?? null,
      done: run.done,
      steps: run.steps,
      trouble: isLost ? 'The run was broken off.' : run.trouble,
    },
    nextRunAt: next > now ? next.toISOString() : null,
  };
}
