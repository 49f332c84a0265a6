import { sql } from 'kysely';
import { HofjeError } from '#model/error.ts';
import type { NodeId, SiteId } from '#model/id.ts';
import type { Context } from '../context.ts';
import { probeNode, type Selection } from '../probe/ask.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** A run that comes a little early counts for its hour. */
const DECOYS_EVERY_MS = 55 * MINUTE_MS;
const SITES_EVERY_MS = 22 * HOUR_MS;
/** The job runs six times an hour: a day of it goes twice over all that are awake. */
const RUNS_A_DAY = 144;
const SITES_LEAST = 2;
const SITES_MOST = 40;
/** Small parts: whoever asks for his own site comes in between. */
const PART = 4;
/** For one part, with all that wait before it. */
const PART_TIMEOUT_MS = 4 * MINUTE_MS;
/** What is not done by then is due the next time. */
const WORK_MS = 8 * MINUTE_MS;

/**
 * Looks by itself: from the decoys of each node every hour, and from each site that is awake about once a day, a few at a
 * time. What sleeps is left asleep.
 */
export async function probe(context: Context): Promise<{ decoys: number; sites: number; troubles: number }> {
  const nodes = await context.db.selectFrom('node').select('id').where('linked_to', 'is not', null).execute();
  const done = await Promise.all(nodes.map(async ({ id }) => await probeDue(context, id)));
  const sum = (part: 'decoys' | 'sites' | 'troubles') => done.reduce((total, each) => total + each[part], 0);
  return { decoys: sum('decoys'), sites: sum('sites'), troubles: sum('troubles') };
}

async function probeDue(context: Context, node: NodeId) {
  const until = context.now().getTime() + WORK_MS;
  let [decoys, sites] = [0, 0];
  try {
    for (const part of await dueParts(context, node)) {
      if (context.now().getTime() > until) break;
      const report = await probeNode(context, node, part, 'job', PART_TIMEOUT_MS);
      decoys += report.rows.some(({ decoy }) => decoy) ? 1 : 0;
      sites += new Set(report.rows.filter(({ decoy }) => !decoy).map(({ site }) => site)).size;
    }
    return { decoys, sites, troubles: 0 };
  } catch (error) {
    // A node that does not answer has other alarms; all of it is due again in a few minutes.
    if (!(error instanceof HofjeError)) throw error;
    context.log.warn({ event: 'probe.not-done', node, code: error.code, reason: error.message });
    return { decoys, sites, troubles: 1 };
  }
}

async function dueParts(context: Context, node: NodeId): Promise<Selection[]> {
  const sites = await dueSites(context, node);
  const parts: Selection[] = (await areDecoysDue(context, node)) ? [{ among: { decoys: true, sites: [] } }] : [];
  for (let from = 0; from < sites.length; from += PART) {
    parts.push({ among: { decoys: false, sites: sites.slice(from, from + PART) } });
  }
  return parts;
}

async function areDecoysDue({ db, now }: Context, node: NodeId): Promise<boolean> {
  const row = await db
    .selectFrom('probe_look')
    .select(sql<Date | null>`min(tried_at)`.as('tried'))
    .where('place', '=', node)
    .executeTakeFirst();
  return (row?.tried?.getTime() ?? 0) <= now().getTime() - DECOYS_EVERY_MS;
}

/** Those that wait longest first; of many only as many as make about a day for all. */
async function dueSites({ db, now }: Context, node: NodeId): Promise<SiteId[]> {
  const { rows } = await sql<{ id: SiteId; awake: number }>`
    with awake as (
      select site.id, (select min(tried_at) from probe_look where place = site.id) as tried
      from site join site_report on site_report.site_id = site.id
      where site.node_id = ${node} and site.deleted_at is null and not site.suspended and site_report.state = 'running'
    )
    select id, (select count(*) from awake) as awake from awake
    where tried is null or tried <= ${new Date(now().getTime() - SITES_EVERY_MS)}
    order by tried nulls first, id limit ${SITES_MOST}`.execute(db);
  const share = Math.ceil(((rows[0]?.awake ?? 0) / RUNS_A_DAY) * 2);
  return rows.slice(0, Math.max(SITES_LEAST, share)).map(({ id }) => id);
}
