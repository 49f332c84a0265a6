import { sql } from 'kysely';
import type { Alarm } from '#contract/agent/messages.ts';
import type { NodeProbeReport, ProbeRow } from '#contract/api/probe.ts';
import type { NodeId, SiteId } from '#model/id.ts';
import { PROBES, type ProbeId } from '#model/probe/catalogue.ts';
import type { ProbeResult, Sighting } from '#model/probe/judge.ts';
import { sharpness } from '#model/probe/judge.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../database/connect.ts';
import { emitHints, emitProbed } from '../event/emit.ts';
import { alarmsOf } from './alarms.ts';

const FACT_MAX = 300;
const FAILURE_MAX = 500;
const NAME_MAX = 100;

/**
 * Keeps what a node found out: of its own sites and its decoy, and nothing that it says of others. Alarms of the node that
 * follow from it are raised or ended.
 */
export async function storeProbes(context: Context, node: NodeId, report: NodeProbeReport): Promise<void> {
  const now = context.now();
  const news = await context.db.transaction().execute(async (tx) => {
    // One run of a node after the other, also those that several replicas asked for.
    const { probe_alarms: before } = await tx
      .selectFrom('node')
      .select('probe_alarms')
      .where('id', '=', node)
      .forNoKeyUpdate()
      .executeTakeFirstOrThrow();
    const own = await ownSites(tx, node, report.rows);
    const looks = report.rows.filter(({ decoy, site }) => decoy || own.has(site as SiteId));
    for (const look of looks) await storeLook(tx, node, look, now);
    await storeControl(tx, node, report, now);
    const after = await nodeAlarms(tx, node, before, now);
    const isNews = JSON.stringify(before) !== JSON.stringify(after);
    if (isNews) {
      await tx
        .updateTable('node')
        .set({ probe_alarms: JSON.stringify(after) })
        .where('id', '=', node)
        .execute();
    }
    await emitProbed(tx, [...own], looks.some(({ decoy }) => decoy) ? node : undefined);
    if (isNews) await emitHints(tx, [], node);
    return { before, after };
  });
  logNews(context, node, news.before, news.after);
}

async function ownSites(tx: Tx, node: NodeId, rows: readonly ProbeRow[]): Promise<Set<SiteId>> {
  const named = [...new Set(rows.filter(({ decoy }) => !decoy).map(({ site }) => site))];
  if (named.length === 0) return new Set();
  const found = await tx
    .selectFrom('site')
    .select('id')
    .where('node_id', '=', node)
    .where(sql<boolean>`id = any(${named})`)
    .execute();
  return new Set(found.map(({ id }) => id));
}

async function storeLook(tx: Tx, node: NodeId, row: ProbeRow, now: Date): Promise<void> {
  const failed = row.failure !== undefined;
  const results = failed ? [] : knownResults(row.results);
  const found = {
    at: failed ? null : now,
    instance: failed || row.instance === undefined ? null : tidy(row.instance, NAME_MAX),
    image: failed || row.image === undefined ? null : tidy(row.image, NAME_MAX),
    results: JSON.stringify(results),
    holes: results.filter(({ verdict }) => verdict === 'open').map(({ probe }) => probe),
  };
  const tried = { tried_at: now, failure: failed ? tidy(row.failure ?? '', FAILURE_MAX) : null };
  await tx
    .insertInto('probe_look')
    .values({ node_id: node, site_id: row.decoy ? null : (row.site as SiteId), door: row.door, ...tried, ...found })
    // What was found before stands when a look fails. A site may have come from another node.
    .onConflict((conflict) =>
      conflict
        .columns(['place', 'door'])
        .doUpdateSet(failed ? { ...tried, node_id: node } : { ...tried, ...found, node_id: node }),
    )
    .execute();
}

function knownResults(results: ProbeRow['results']): ProbeResult[] {
  return results.flatMap(({ probe, verdict, fact }) =>
    isProbe(probe) ? [{ probe, verdict, fact: tidy(fact, FACT_MAX) }] : [],
  );
}

function isProbe(text: string): text is ProbeId {
  return Object.hasOwn(PROBES, text);
}

/** Facts and reasons may be a customer's words: printable, short, and nothing that a database refuses. Pure. */
export function tidy(text: string, max: number): string {
  return text.slice(0, max).replace(/[^\x20-\x7e]/g, '?');
}

async function storeControl(tx: Tx, node: NodeId, report: NodeProbeReport, now: Date): Promise<void> {
  const sightings: Sighting[] = (report.careless.sightings ?? []).flatMap(({ probe, saw, fact }) =>
    isProbe(probe) ? [{ probe, saw, fact: tidy(fact, FACT_MAX) }] : [],
  );
  if (sightings.length === 0) return;
  const image = report.rows.find(({ decoy }) => decoy)?.image;
  const kept = { at: now, sightings: JSON.stringify(sightings) };
  await tx
    .insertInto('probe_control')
    .values({ node_id: node, image: image === undefined ? null : tidy(image, NAME_MAX), ...kept })
    .onConflict((conflict) =>
      conflict.column('node_id').doUpdateSet({
        ...kept,
        ...(image === undefined ? {} : { image: tidy(image, NAME_MAX) }),
      }),
    )
    .execute();
}

async function nodeAlarms(tx: Tx, node: NodeId, before: readonly Alarm[], now: Date): Promise<Alarm[]> {
  const looks = await tx
    .selectFrom('probe_look')
    .leftJoin('site', 'site.id', 'probe_look.site_id')
    .select(['probe_look.site_id as site', 'door', 'holes', 'failure'])
    .where('probe_look.node_id', '=', node)
    .where('site.deleted_at', 'is', null)
    .where(sql<boolean>`(holes <> '{}' or (site_id is null and failure is not null))`)
    .orderBy('place')
    .orderBy('door')
    .limit(100)
    .execute();
  const control = await tx
    .selectFrom('probe_control')
    .select('sightings')
    .where('node_id', '=', node)
    .executeTakeFirst();
  return alarmsOf(looks, control === undefined ? undefined : sharpness(control.sightings), before, now.getTime());
}

function logNews({ log }: Context, node: NodeId, before: readonly Alarm[], after: readonly Alarm[]): void {
  const isIn = (alarms: readonly Alarm[], { message }: Alarm) => alarms.some((alarm) => alarm.message === message);
  for (const { code, message } of after.filter((alarm) => !isIn(before, alarm))) {
    log.error({ event: 'alarm.raised', node, code, message });
  }
  for (const { code, message } of before.filter((alarm) => !isIn(after, alarm))) {
    log.info({ event: 'alarm.ended', node, code, message });
  }
}
