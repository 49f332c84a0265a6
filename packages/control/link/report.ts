import { sql } from 'kysely';
import type { NodeReport, SignalWindow } from '#contract/agent/messages.ts';
import { HofjeError } from '#model/error.ts';
import type { NodeId, SiteId } from '#model/id.ts';
import type { Context } from '../context.ts';
import { notify } from '../database/bus.ts';
import type { Tx } from '../database/connect.ts';
import { emitHints } from '../event/emit.ts';

/**
 * Stores what a node says of itself and its sites. What it says of a site that is gone is dropped; of a site of another
 * node, the whole report is refused with `auth.foreign-object`. A report that arrives twice counts once.
 */
export async function storeReport(context: Context, node: NodeId, report: NodeReport): Promise<void> {
  if (report.node !== node)
    throw new HofjeError('auth.foreign-object', 'The report is of another node.', { field: 'node' });
  const fresh = await context.db.transaction().execute(async (tx) => {
    const own = await ownSites(tx, node, report);
    const isNews = await storeNode(tx, node, report, context.now());
    const changed = await storeSites(
      tx,
      report.sites.filter((site) => own.has(site.id)),
      new Date(report.at),
    );
    const stored = await storeSignals(
      tx,
      report.signals.filter((window) => own.has(window.site)),
    );
    await notify(tx, 'hofje_report', node);
    await emitHints(tx, changed, isNews ? node : undefined);
    return stored;
  });
  for (const window of fresh) context.metrics.countWindow(window);
}

async function ownSites(tx: Tx, node: NodeId, report: NodeReport): Promise<Set<SiteId>> {
  const named = new Set<SiteId>([
    ...report.sites.map((site) => site.id),
    ...report.signals.map((window) => window.site),
  ]);
  if (named.size === 0) return new Set();
  const rows = await tx
    .selectFrom('site')
    .select(['id', 'node_id'])
    .where(sql<boolean>`id = any(${[...named]})`)
    .execute();
  if (rows.some((row) => row.node_id !== node)) {
    throw new HofjeError('auth.foreign-object', 'The report names a site of another node.', { field: 'sites' });
  }
  return new Set(rows.map((row) => row.id));
}

/** Tells whether its alarms or services are not what they were. */
async function storeNode(tx: Tx, node: NodeId, report: NodeReport, now: Date): Promise<boolean> {
  const row = await tx
    .with('old', (db) => db.selectFrom('node').select(['alarms', 'services']).where('id', '=', node))
    .updateTable('node')
    .from('old')
    .set({
      applied_revision: report.revision,
      facts: JSON.stringify(report.facts),
      alarms: JSON.stringify(report.alarms),
      services: JSON.stringify(report.services),
      last_seen_at: now,
    })
    .where('id', '=', node)
    .returning(
      sql<boolean>`old.alarms is distinct from node.alarms or old.services is distinct from node.services`.as('news'),
    )
    .executeTakeFirst();
  return row?.news ?? false;
}

/** Returns the sites that are not as they were: those whose pages show something else now. */
async function storeSites(tx: Tx, sites: NodeReport['sites'], at: Date): Promise<SiteId[]> {
  if (sites.length === 0) return [];
  // One statement with arrays: a values list would meet the limit of 65535 parameters.
  const { rows } = await sql<{ site_id: SiteId }>`
    with told as (
      select *, ${at}::timestamptz as at from unnest(
        ${sites.map((s) => s.id)}::text[], ${sites.map((s) => s.state)}::text[], ${sites.map((s) => s.reason ?? null)}::text[],
        ${sites.map((s) => s.instance)}::text[], ${sites.map((s) => s.image)}::text[], ${sites.map((s) => s.applied)}::bigint[])
        as told (site_id, state, reason, instance, image, applied)
    ), stored as (
      insert into site_report (site_id, state, reason, instance, image, applied, at, image_since)
      select *, at from told
      on conflict (site_id) do update set state = excluded.state, reason = excluded.reason, instance = excluded.instance,
        image = excluded.image, applied = excluded.applied, at = excluded.at,
        image_since = case when site_report.image = excluded.image then site_report.image_since else excluded.at end
      where site_report.at <= excluded.at
      returning site_id
    )
    select told.site_id from told join stored using (site_id) left join site_report as old using (site_id)
    where (old.state, old.reason, old.image) is distinct from (told.state, told.reason, told.image)`.execute(tx);
  return rows.map((row) => row.site_id);
}

/** Returns the windows that were not known yet. */
async function storeSignals(tx: Tx, windows: readonly SignalWindow[]): Promise<SignalWindow[]> {
  if (windows.length === 0) return [];
  const result = await sql<{ site_id: SiteId; started_at: Date }>`
    insert into signal (site_id, started_at, seconds, requests, status_5xx, latency, memory_bytes_peak, cpu_milliseconds,
      disk_bytes, wakes, entries, faults)
    select site, to_timestamp("from" / 1000.0), seconds, requests, "status5xx",
      array(select jsonb_array_elements_text(latency)::integer), "memoryBytesPeak", "cpuMilliseconds", "diskBytes", wakes,
      entries, faults
    from jsonb_to_recordset(${JSON.stringify(windows)}::jsonb) as w(site text, "from" bigint, seconds integer,
      requests integer, "status5xx" integer, latency jsonb, "memoryBytesPeak" bigint, "cpuMilliseconds" bigint,
      "diskBytes" bigint, wakes integer, entries jsonb, faults jsonb)
    on conflict do nothing
    returning site_id, started_at`.execute(tx);
  const stored = new Set(result.rows.map((row) => `${row.site_id} ${row.started_at.getTime()}`));
  return windows.filter((window) => stored.has(`${window.site} ${window.from}`));
}
