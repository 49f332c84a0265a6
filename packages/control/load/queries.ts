import { type Selectable, sql } from 'kysely';
import type { Load } from '#contract/api/load.ts';
import type { NodeId } from '#model/id.ts';
import type { SiteState } from '#model/site/state.ts';
import type { Db } from '../database/connect.ts';
import type { NodeTable } from '../database/tables.ts';

type NodeRow = Pick<Selectable<NodeTable>, 'id' | 'name' | 'facts'>;

/** A site that reported its last minute longer ago than this uses nothing now. */
const FRESH_MS = 3 * 60_000;

/** Sites of these nodes by plan and state. */
export function heldByNodes(db: Db, nodes: readonly NodeId[]) {
  return db
    .selectFrom('site')
    .leftJoin('site_report', 'site_report.site_id', 'site.id')
    .select(['site.node_id', 'site.plan'])
    .select(sql<SiteState | 'unknown'>`coalesce(site_report.state, 'unknown')`.as('state'))
    .select(sql<number>`count(*)::integer`.as('count'))
    .where(sql<boolean>`site.node_id = any(${nodes})`)
    .where('site.deleted_at', 'is', null)
    .groupBy(['site.node_id', 'site.plan', 'state']);
}

/** Room for mail that the domains of these nodes were promised. */
export function mailOfNodes(db: Db, nodes: readonly NodeId[]) {
  return db
    .selectFrom('domain')
    .select('node_id')
    .select(sql<number>`sum(mail_limit_bytes)::float8`.as('bytes'))
    .where(sql<boolean>`node_id = any(${nodes})`)
    .where('deleted_at', 'is', null)
    .where('mail', '=', true)
    .groupBy('node_id');
}

/** The last minute of each site of these nodes that is awake, summed up. */
export function usedByNodes(db: Db, nodes: readonly NodeId[], now: Date) {
  const last = db
    .selectFrom('signal')
    .selectAll()
    .distinctOn('site_id')
    .where('started_at', '>', new Date(now.getTime() - FRESH_MS))
    .orderBy('site_id')
    .orderBy('started_at', 'desc')
    .as('last');
  return db
    .selectFrom(last)
    .innerJoin('site', 'site.id', 'last.site_id')
    .select('site.node_id')
    .select(sql<number>`sum(last.memory_bytes_peak)::float8`.as('memory'))
    .select(sql<number>`sum(last.cpu_milliseconds / 10.0 / greatest(last.seconds, 1))::float8`.as('cpu'))
    .select(sql<number>`sum(last.requests * 60.0 / greatest(last.seconds, 1))::float8`.as('requests'))
    .where(sql<boolean>`site.node_id = any(${nodes})`)
    .where('site.deleted_at', 'is', null)
    .groupBy('site.node_id');
}

/** What each of these nodes has, has promised and uses. */
export async function showLoads(db: Db, nodes: readonly NodeRow[], now: Date): Promise<Load[]> {
  const ids = nodes.map(({ id }) => id);
  const [held, mail, used, plans] = await Promise.all([
    heldByNodes(db, ids).execute(),
    mailOfNodes(db, ids).execute(),
    usedByNodes(db, ids, now).execute(),
    db.selectFrom('plan').select(['name', 'limits']).execute(),
  ]);
  const limitsOf = new Map(plans.map(({ name, limits }) => [name, limits]));
  return nodes.map((node) => {
    const sites = held.filter(({ node_id }) => node_id === node.id);
    const sum = (of: 'memoryBytes' | 'cpuPercent' | 'diskBytes') =>
      sites.reduce((total, { plan, count }) => total + (limitsOf.get(plan)?.[of] ?? 0) * count, 0);
    const use = used.find(({ node_id }) => node_id === node.id);
    return {
      node: node.id,
      name: node.name,
      sites: countStates(sites),
      capacity: capacityOf(node),
      sold: {
        sites: sites.reduce((total, { count }) => total + count, 0),
        memoryBytes: sum('memoryBytes'),
        cpuPercent: sum('cpuPercent'),
        diskBytes: sum('diskBytes'),
        mailBytes: mail.find(({ node_id }) => node_id === node.id)?.bytes ?? 0,
      },
      used: {
        memoryBytes: use?.memory ?? 0,
        cpuPercent: Math.round(use?.cpu ?? 0),
        requests: Math.round(use?.requests ?? 0),
        diskBytes: node.facts?.disk === undefined ? null : node.facts.disk.sizeBytes - node.facts.disk.freeBytes,
      },
    };
  });
}

function countStates(rows: readonly { state: SiteState | 'unknown'; count: number }[]): Load['sites'] {
  const counts = new Map<SiteState | 'unknown', number>();
  for (const { state, count } of rows) counts.set(state, (counts.get(state) ?? 0) + count);
  return [...counts].map(([state, count]) => ({ state, count }));
}

function capacityOf({ facts }: NodeRow): Load['capacity'] {
  if (facts === null) return null;
  const { memoryBytes, processors, disk } = facts;
  return { memoryBytes, cpuPercent: processors * 100, diskBytes: disk?.sizeBytes ?? null };
}
