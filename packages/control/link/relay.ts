import type { AgentMessage, ControlMessage } from '#contract/agent/messages.ts';
import type { NodeId } from '#model/id.ts';
import { notify } from '../database/bus.ts';
import type { Db } from '../database/connect.ts';

/** What replicas pass on for each other: an order to a node that the other holds, or the answer to the one that asked. */
export type Relayed =
  | { readonly kind: 'order'; readonly replica: string; readonly message: ControlMessage }
  | { readonly kind: 'answer'; readonly node: NodeId; readonly answer: AgentMessage };

/** What nobody took by then is void. */
const VALID_MS = 30_000;

/** Where answers for a replica go; orders go to the id of the node. */
export function replicaAddress(replica: string): string {
  return `replica:${replica}`;
}

/** Lays a message down for whoever is responsible for the recipient, and says so. */
export async function sendRelayed(db: Db, recipient: string, body: Relayed): Promise<void> {
  await db
    .insertInto('relay')
    .values({ recipient, body: JSON.stringify(body) })
    .execute();
  await notify(db, 'hofje_relay', recipient);
}

/** Takes what lies there for a recipient, in order; each message is taken once, by whomever. */
export async function takeRelayed(db: Db, recipient: string): Promise<Relayed[]> {
  const rows = await db
    .deleteFrom('relay')
    .where('recipient', '=', recipient)
    .returning(['id', 'body', 'created_at'])
    .execute();
  return rows
    .filter((row) => Date.now() - row.created_at.getTime() < VALID_MS)
    .sort((a, b) => a.id - b.id)
    .map((row) => row.body as Relayed);
}
