import { pruneAudit } from '../audit/prune.ts';
import type { Context } from '../context.ts';
import { pruneEntrance } from '../entrance/prune.ts';

const HOUR_MS = 3600_000;
const DAY_MS = 24 * HOUR_MS;
/** A client that repeats a creation after this long gets a new object. */
const IDEMPOTENCY_DAYS = 2;
/** A page that was away for longer reads everything anew. */
const EVENT_HOURS = 1;

/** Deletes what is only kept for a time. */
export async function prune(context: Context): Promise<{ signals: number }> {
  const { db, config } = context;
  const ago = (milliseconds: number) => new Date(context.now().getTime() - milliseconds);
  const signals = await db
    .deleteFrom('signal')
    .where('started_at', '<', ago(config.signalDays * DAY_MS))
    .executeTakeFirst();
  await db
    .deleteFrom('idempotency')
    .where('created_at', '<', ago(IDEMPOTENCY_DAYS * DAY_MS))
    .execute();
  await db
    .deleteFrom('event')
    .where('at', '<', ago(EVENT_HOURS * HOUR_MS))
    .execute();
  await pruneAudit(context);
  await pruneEntrance(context);
  await db.deleteFrom('relay').where('created_at', '<', ago(HOUR_MS)).execute();
  await db.deleteFrom('node_enrolment').where('expires_at', '<', context.now()).execute();
  await db.deleteFrom('node_certificate').where('not_after', '<', context.now()).execute();
  return { signals: Number(signals.numDeletedRows) };
}
