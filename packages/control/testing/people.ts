import { type AccountId, type MailboxId, makeId, type PersonId, type SessionId, type SiteId } from '#model/id.ts';
import type { AccountRole, Scope } from '#model/right/role.ts';
import { SESSION_COOKIE, secretHash } from '../auth/credential.ts';
import { makeToken } from '../token/format.ts';
import type { Headers, TestControl } from './harness.ts';

/** People who have come in already, written to the database: for tests of what they may do then. */

export async function makeMember(
  { control }: TestControl,
  person: PersonId,
  account: AccountId,
  role: AccountRole,
  sites: readonly SiteId[] = [],
): Promise<void> {
  const { db } = control.context;
  await db.insertInto('membership').values({ person_id: person, account_id: account, role }).execute();
  for (const site of sites) {
    await db.insertInto('membership_site').values({ person_id: person, account_id: account, site_id: site }).execute();
  }
}

export interface TestSession {
  readonly id: SessionId;
  /** What the panel sends with its requests. */
  readonly headers: Headers;
}

/** A session of a person, or of a mailbox's own user. */
export async function makeSession(
  { control }: TestControl,
  who: PersonId | MailboxId,
  times: { readonly provenAt?: Date; readonly expiresAt?: Date; readonly endedAt?: Date } = {},
): Promise<TestSession> {
  const { db, random, now } = control.context;
  const secret = random(32).toString('base64url');
  const id = makeId('session', random(20));
  await db
    .insertInto('session')
    .values({
      id,
      token_hash: secretHash(secret),
      person_id: who.startsWith('per_') ? (who as PersonId) : null,
      mailbox_id: who.startsWith('mbx_') ? (who as MailboxId) : null,
      proven_at: times.provenAt ?? now(),
      expires_at: times.expiresAt ?? new Date(now().getTime() + 3600_000),
      ended_at: times.endedAt ?? null,
      support_access_id: null,
    })
    .execute();
  return { id, headers: { cookie: `${SESSION_COOKIE}=${secret}`, 'sec-fetch-site': 'same-origin' } };
}

/** A personal token of a person, as its header. */
export async function makeTestToken(
  { control }: TestControl,
  person: PersonId,
  scopes: readonly Scope[],
  more: { readonly account?: AccountId; readonly expiresAt?: Date; readonly revokedAt?: Date } = {},
): Promise<Headers> {
  const { db, random } = control.context;
  const token = makeToken(random);
  await db
    .insertInto('token')
    .values({
      id: makeId('token', random(20)),
      person_id: person,
      name: 'test',
      hash: secretHash(token),
      scopes: [...scopes],
      account_id: more.account ?? null,
      expires_at: more.expiresAt ?? null,
      last_used_at: null,
      revoked_at: more.revokedAt ?? null,
    })
    .execute();
  return { authorization: `Bearer ${token}` };
}
