import type { FastifyRequest } from 'fastify';
import { type Selectable, sql } from 'kysely';
import type { Alarm } from '#contract/agent/messages.ts';
import type { NODE_HEALTH, Node } from '#contract/api/node.ts';
import type { JsonObject } from '#model/audit/canonical.ts';
import { HofjeError } from '#model/error.ts';
import { isId } from '#model/id.ts';
import { isOperator } from '../auth/admitted.ts';
import type { Db } from '../database/connect.ts';
import type { NodeTable } from '../database/tables.ts';
import type { After } from '../http/page.ts';

export type NodeRow = Selectable<NodeTable>;

/** Agents report every ten seconds or so; this long without one is silence. */
export const SILENT_AFTER_MS = 60_000;

/** Pure: what the last report says, at this moment. */
export function healthOf(row: NodeRow, now: Date): (typeof NODE_HEALTH)[number] {
  if (row.enrolled_at === null || row.last_seen_at === null) return 'waiting';
  if (now.getTime() - row.last_seen_at.getTime() > SILENT_AFTER_MS) return 'silent';
  return alarmsOf(row).length > 0 || row.services.some((service) => service.state === 'failed') ? 'alarmed' : 'ok';
}

/** Its own, and what probes on it found. */
function alarmsOf(row: NodeRow): readonly Alarm[] {
  return [...row.alarms, ...row.probe_alarms];
}

export function showNode(row: NodeRow, now: Date): Node {
  const health = healthOf(row, now);
  return {
    id: row.id,
    name: row.name,
    health,
    linked: row.linked_to !== null && health !== 'silent',
    lastSeenAt: row.last_seen_at?.toISOString() ?? null,
    enrolledAt: row.enrolled_at?.toISOString() ?? null,
    revision: row.revision,
    appliedRevision: row.applied_revision,
    edgeImage: row.edge_image,
    mailImage: row.mail_image,
    facts: row.facts,
    alarms: alarmsOf(row).map(({ code, message, since }) => ({ code, message, since: new Date(since).toISOString() })),
    services: row.services.map((service) => ({ ...service, reason: service.reason ?? null })),
    version: row.version,
    createdAt: row.created_at.toISOString(),
  };
}

/** What of a node people decide, as the audit keeps it. Pure. */
export function nodeRecord(row: NodeRow): JsonObject {
  return { name: row.name, edgeImage: row.edge_image, mailImage: row.mail_image, version: row.version };
}

/** By id or name. Throws `node.not-found`. */
export async function findNode(db: Db, reference: string, field = 'node'): Promise<NodeRow> {
  const row = await db
    .selectFrom('node')
    .selectAll()
    .where(isId('node', reference) ? 'id' : 'name', '=', reference)
    .executeTakeFirst();
  if (row === undefined) throw new HofjeError('node.not-found', `There is no node ${reference}.`, { field });
  return row;
}

/** As `findNode`; for whoever does not run the installation there is none. */
export async function findSeenNode(db: Db, request: FastifyRequest, reference: string): Promise<NodeRow> {
  if (isOperator(request)) return await findNode(db, reference);
  throw new HofjeError('node.not-found', `There is no node ${reference}.`, { field: 'node' });
}

/** Where a new site goes: the enrolled node with the fewest live sites. Throws `node.none-ready`. */
export async function chooseNode(db: Db): Promise<NodeRow> {
  const sites = sql<number>`(select count(*) from site where site.node_id = node.id and site.deleted_at is null)`;
  const row = await db
    .selectFrom('node')
    .selectAll()
    .where('enrolled_at', 'is not', null)
    .orderBy(sites)
    .orderBy('id')
    .executeTakeFirst();
  if (row === undefined) {
    throw new HofjeError('node.none-ready', 'No node has enrolled yet.', {
      field: 'node',
      hint: 'Start an agent first.',
    });
  }
  return row;
}

export function nodePage(db: Db, filter: { after: After | undefined; limit: number }) {
  let query = db.selectFrom('node').selectAll();
  if (filter.after !== undefined) query = query.where('name', '>', filter.after.key);
  return query.orderBy('name').limit(filter.limit + 1);
}
