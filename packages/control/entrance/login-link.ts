import { HofjeError } from '#model/error.ts';
import type { PersonId } from '#model/id.ts';
import { secretHash } from '../auth/credential.ts';
import type { Context } from '../context.ts';
import type { Db } from '../database/connect.ts';

export type LinkPurpose = 'login' | 'reset';

const GOOD_FOR_MS = { login: 30 * 60_000, reset: 30 * 60_000 } as const satisfies Record<LinkPurpose, number>;
const SECRET_BYTES = 32;
/** Links of one purpose for one person that are open at once. */
const OPEN_MAX = 5;

export interface LoginLink {
  readonly secret: string;
  readonly expiresAt: Date;
}

export async function makeLink(context: Context, db: Db, purpose: LinkPurpose, person: PersonId): Promise<LoginLink> {
  const secret = context.random(SECRET_BYTES).toString('base64url');
  const now = context.now();
  const expiresAt = new Date(now.getTime() + GOOD_FOR_MS[purpose]);
  const mine = db
    .selectFrom('login_link')
    .select('token_hash')
    .where('person_id', '=', person)
    .where('purpose', '=', purpose)
    .orderBy('expires_at', 'desc')
    .limit(OPEN_MAX - 1);
  await db
    .deleteFrom('login_link')
    .where('person_id', '=', person)
    .where('purpose', '=', purpose)
    .where('token_hash', 'not in', mine)
    .execute();
  await db
    .insertInto('login_link')
    .values({ token_hash: secretHash(secret), person_id: person, purpose, expires_at: expiresAt, used_at: null })
    .execute();
  return { secret, expiresAt };
}

/** Uses a link up and tells whose it is. Throws `link.gone`; of two at the same time one gets in. */
export async function spendLink(context: Context, db: Db, purpose: LinkPurpose, secret: string): Promise<PersonId> {
  const now = context.now();
  const row = await db
    .updateTable('login_link')
    .set({ used_at: now })
    .where('token_hash', '=', secretHash(secret))
    .where('purpose', '=', purpose)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('person_id')
    .executeTakeFirst();
  if (row === undefined) throw linkGone();
  return row.person_id;
}

/** Whose link it is, without using it up. Throws `link.gone`. */
export async function findLink(context: Context, db: Db, purpose: LinkPurpose, secret: string): Promise<PersonId> {
  const row = await db
    .selectFrom('login_link')
    .select('person_id')
    .where('token_hash', '=', secretHash(secret))
    .where('purpose', '=', purpose)
    .where('used_at', 'is', null)
    .where('expires_at', '>', context.now())
    .executeTakeFirst();
  if (row === undefined) throw linkGone();
  return row.person_id;
}

/** The address of a page of the panel with a secret behind the #, which browsers send to nobody. */
export function secretUrl(context: Context, page: string, secret: string): string {
  return `${context.config.publicUrls.panel}/${page}#${secret}`;
}

function linkGone(): HofjeError {
  return new HofjeError('link.gone', 'This link was used, or is too old.', { hint: 'Ask for a new one.' });
}
