import type { Context } from '../context.ts';
import { tidyThrottle } from './throttle-table.ts';

const DAY_MS = 86_400_000;
/** How long what is over stays, for whoever looks into what happened. */
const SESSION_DAYS = 30;
const TOKEN_DAYS = 400;

/** Deletes half-done log-ins, links, sessions and tokens that are over, and forgets old failures. */
export async function pruneEntrance({ db, now }: Context): Promise<void> {
  const ago = (days: number) => new Date(now().getTime() - days * DAY_MS);
  await db.deleteFrom('challenge').where('expires_at', '<', now()).execute();
  await db.deleteFrom('login_link').where('expires_at', '<', ago(1)).execute();
  await db
    .deleteFrom('session')
    .where(({ eb, or }) => or([eb('expires_at', '<', ago(SESSION_DAYS)), eb('ended_at', '<', ago(SESSION_DAYS))]))
    .execute();
  await db
    .deleteFrom('token')
    .where(({ eb, or }) => or([eb('expires_at', '<', ago(TOKEN_DAYS)), eb('revoked_at', '<', ago(TOKEN_DAYS))]))
    .execute();
  await tidyThrottle(db, now());
}
