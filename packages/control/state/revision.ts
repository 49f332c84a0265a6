import { sql } from 'kysely';
import type { NodeId } from '#model/id.ts';
import { notify } from '../database/bus.ts';
import type { Db, Tx } from '../database/connect.ts';

/** What NOTIFY carries on `hofje_node`. */
export interface NodeChanged {
  readonly node: NodeId;
  readonly revision: number;
  /** Its certificates were revoked: connections that stand on them end. */
  readonly revoked?: true;
}

/**
 * Says, in the transaction of a change, that a node should be something else now; its agent hears of it when the
 * transaction commits. The row's lock puts changes of one node in an order, so a state with revision n holds exactly the
 * changes up to n. Returns the new revision.
 */
export async function bumpRevision(tx: Tx, node: NodeId): Promise<number> {
  const row = await tx
    .updateTable('node')
    .set({ revision: sql<number>`revision + 1` })
    .where('id', '=', node)
    .returning('revision')
    .executeTakeFirstOrThrow();
  await notify(tx, 'hofje_node', JSON.stringify({ node, revision: row.revision } satisfies NodeChanged));
  return row.revision;
}

/** For changes that concern many nodes: always in the order of their ids, so that two such changes do not block each other. */
export async function bumpRevisions(tx: Tx, nodes: Iterable<NodeId>): Promise<void> {
  for (const node of [...new Set(nodes)].sort()) await bumpRevision(tx, node);
}

export async function revisionOf(db: Db, node: NodeId): Promise<number> {
  const row = await db.selectFrom('node').select('revision').where('id', '=', node).executeTakeFirstOrThrow();
  return row.revision;
}
