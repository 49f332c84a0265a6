import type { PersonId } from '#model/id.ts';
import { secretHash } from '../auth/credential.ts';
import type { Context } from '../context.ts';
import type { Db } from '../database/connect.ts';

/** What a half-done proof is for; one that was begun for something else is worth nothing. */
export type ChallengePurpose = 'log-in' | 'passkey-alone' | 'passkey-second' | 'passkey-new' | 'passkey-proof';

const GOOD_FOR_MS = 5 * 60_000;
/** Challenges of one person that are open at once; older ones go. */
const OPEN_MAX = 10;
const SECRET_BYTES = 32;

export interface OpenChallenge {
  /** What the client holds; here only its hash is kept. */
  readonly secret: string;
  readonly expiresAt: Date;
}

export async function openChallenge(
  context: Context,
  purpose: ChallengePurpose,
  person: PersonId | null,
  value = '',
): Promise<OpenChallenge> {
  const { db } = context;
  const secret = context.random(SECRET_BYTES).toString('base64url');
  const now = context.now();
  const expiresAt = new Date(now.getTime() + GOOD_FOR_MS);
  await db.deleteFrom('challenge').where('expires_at', '<', now).execute();
  if (person !== null) await forgetOldest(db, person);
  await db
    .insertInto('challenge')
    .values({ hash: secretHash(secret), person_id: person, purpose, value: Buffer.from(value), expires_at: expiresAt })
    .execute();
  return { secret, expiresAt };
}

export interface Challenge {
  readonly person: PersonId | null;
  readonly value: string;
}

/** Looks at a challenge without using it up. */
export async function findChallenge(
  context: Context,
  db: Db,
  purpose: ChallengePurpose,
  secret: string,
): Promise<Challenge | undefined> {
  const row = await db
    .selectFrom('challenge')
    .select(['person_id', 'value'])
    .where('hash', '=', secretHash(secret))
    .where('purpose', '=', purpose)
    .where('expires_at', '>', context.now())
    .executeTakeFirst();
  return row === undefined ? undefined : { person: row.person_id, value: row.value.toString() };
}

/** Uses a challenge up: of two at the same time one gets it, the other nothing. */
export async function takeChallenge(
  context: Context,
  db: Db,
  purpose: ChallengePurpose,
  secret: string,
): Promise<Challenge | undefined> {
  const row = await db
    .deleteFrom('challenge')
    .where('hash', '=', secretHash(secret))
    .where('purpose', '=', purpose)
    .returning(['person_id', 'value', 'expires_at'])
    .executeTakeFirst();
  if (row === undefined || row.expires_at <= context.now()) return undefined;
  return { person: row.person_id, value: row.value.toString() };
}

async function forgetOldest(db: Db, person: PersonId): Promise<void> {
  const kept = db
    .selectFrom('challenge')
    .select('hash')
    .where('person_id', '=', person)
    .orderBy('expires_at', 'desc')
    .limit(OPEN_MAX - 1);
  await db.deleteFrom('challenge').where('person_id', '=', person).where('hash', 'not in', kept).execute();
}
