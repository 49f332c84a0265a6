import { sql } from 'kysely';
import { DOOR_NAMES } from '#model/door/door.ts';
import { HofjeError } from '#model/error.ts';
import type { NodeId, SiteId } from '#model/id.ts';
import type { Context } from '../context.ts';
import { emitProbed } from '../event/emit.ts';
import type { SiteRow } from '../site/queries.ts';
import { probeNode, type Selection } from './ask.ts';

/** Between the beginnings of two runs that were asked for from one site. */
export const RUN_EVERY_MS = 60_000;
/** One look takes seconds; before it, others may be waiting for their turn on the node. */
const STEP_TIMEOUT_MS = 90_000;
/** What a decoy found within this time needs not be looked at again for one who asks. */
const DECOY_FRESH_MS = 5 * 60_000;

/**
 * Looks from a site through every door, and from the decoy beside it where that was not done lately; notes how far it is.
 * Wakes the site. Throws `site.suspended`, `probe.too-soon`, and what `Links.ask` throws.
 */
export async function runProofOf(context: Context, site: SiteRow, cause: string): Promise<void> {
  if (site.suspended)
    throw new HofjeError('site.suspended', 'A suspended site cannot be looked from.', { field: 'site' });
  const steps: Selection[] = [
    ...((await isDecoyFresh(context, site.node_id)) ? [] : [{ among: { decoys: true, sites: [] } }]),
    ...DOOR_NAMES.map((door) => ({ site: site.id, door })),
  ];
  await claimRun(context, site.id, steps.length);
  try {
    for (const [index, step] of steps.entries()) {
      await probeNode(context, site.node_id, step, cause, STEP_TIMEOUT_MS);
      await note(context, site.id, { done: index + 1 });
    }
    await note(context, site.id, { ended_at: context.now() });
  } catch (error) {
    const trouble = error instanceof HofjeError ? error.message : 'Something went wrong inside the platform.';
    await note(context, site.id, { ended_at: context.now(), trouble });
    throw error;
  }
}

/** Takes the turn of this minute. Throws `probe.too-soon`. */
export async function claimRun(context: Context, site: SiteId, steps: number): Promise<void> {
  const now = context.now();
  const begun = { started_at: now, ended_at: null, steps, done: 0, trouble: null };
  const claimed = await context.db
    .insertInto('probe_run')
    .values({ site_id: site, ...begun })
    .onConflict((conflict) =>
      conflict
        .column('site_id')
        .doUpdateSet(begun)
        .where('probe_run.started_at', '<=', new Date(now.getTime() - RUN_EVERY_MS)),
    )
    .returning('site_id')
    .executeTakeFirst();
  if (claimed !== undefined) return;
  throw new HofjeError('probe.too-soon', 'It was looked from this site less than a minute ago.', {
    field: 'site',
    hint: 'Wait a minute; what was found then is in its proof.',
  });
}

interface Progress {
  readonly done?: number;
  readonly ended_at?: Date;
  readonly trouble?: string;
}

async function note({ db }: Context, site: SiteId, progress: Progress): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx.updateTable('probe_run').set(progress).where('site_id', '=', site).execute();
    await emitProbed(tx, [site], undefined);
  });
}

async function isDecoyFresh({ db, now }: Context, node: NodeId): Promise<boolean> {
  const row = await db
    .selectFrom('probe_look')
    .select(sql<boolean>`bool_and(failure is null and at > ${new Date(now().getTime() - DECOY_FRESH_MS)})`.as('fresh'))
    .where('place', '=', node)
    .executeTakeFirst();
  return row?.fresh ?? false;
}
