import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { MailboxCaller, Membership, PersonCaller, TokenVia } from '#model/right/subject.ts';
import type { Db } from '../database/connect.ts';

/** Its prefix lets a browser take the cookie only over TLS, from this very host, for all paths. */
export const SESSION_COOKIE = '__Host-hofje';
const SECRET = /^[A-Za-z0-9_-]{43}$/;
/** `last_seen_at` and `last_used_at` are not written more often than this. */
const SEEN_MS = 60_000;
/** A session that nobody used for this long is over. */
const IDLE_MS = 3 * 86_400_000;

/** What the database keeps of a secret that is random enough to need no salt. */
export function secretHash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** The secret of the session cookie; undefined when there is none, or more than one, or it has another form. */
export function sessionSecret(cookies: string | undefined): string | undefined {
  const values = (cookies ?? '')
    .split(';')
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie.startsWith(`${SESSION_COOKIE}=`))
    .map((cookie) => cookie.slice(SESSION_COOKIE.length + 1));
  const [value] = values;
  return values.length === 1 && value !== undefined && SECRET.test(value) ? value : undefined;
}

/** Whose session this is; undefined when it is unknown, over or ended, the person disabled, or the mailbox's domain deleted. One query. */
export async function callerOfSession(
  db: Db,
  secret: string,
  now: Date,
): Promise<PersonCaller | MailboxCaller | undefined> {
  const row = await db
    .selectFrom('session')
    .leftJoin('person', 'person.id', 'session.person_id')
    .leftJoin('support_access as support', (join) =>
      join
        .onRef('support.id', '=', 'session.support_access_id')
        .onRef('support.person_id', '=', 'session.person_id')
        .on('support.ended_at', 'is', null)
        .on('support.expires_at', '>', now),
    )
    .select(['session.id', 'session.person_id', 'session.mailbox_id', 'session.proven_at', 'session.last_seen_at'])
    .select(['person.operator_role', 'support.id as support_id', 'support.account_id', 'support.writes'])
    .select(membershipsOf('session.person_id').as('memberships'))
    .where('session.token_hash', '=', secretHash(secret))
    .where('session.ended_at', 'is', null)
    .where('session.expires_at', '>', now)
    .where('session.last_seen_at', '>', new Date(now.getTime() - IDLE_MS))
    .where('person.disabled_at', 'is', null)
    // A mailbox whose domain is gone lets nobody in, nor lets anybody stay.
    .where(({ or, eb, exists, selectFrom }) =>
      or([
        eb('session.mailbox_id', 'is', null),
        exists(
          selectFrom('mailbox')
            .innerJoin('domain', 'domain.id', 'mailbox.domain_id')
            .select('mailbox.id')
            .whereRef('mailbox.id', '=', 'session.mailbox_id')
            .where('domain.deleted_at', 'is', null),
        ),
      ]),
    )
    .executeTakeFirst();
  if (row === undefined) return undefined;
  if (now.getTime() - row.last_seen_at.getTime() > SEEN_MS) {
    await db.updateTable('session').set({ last_seen_at: now }).where('id', '=', row.id).execute();
  }
  if (row.mailbox_id !== null)
    return { kind: 'mailbox', mailbox: row.mailbox_id, session: row.id, provenAt: row.proven_at };
  if (row.person_id === null) return undefined;
  const support =
    row.support_id === null || row.account_id === null
      ? null
      : { id: row.support_id, account: row.account_id, writes: row.writes ?? false };
  return {
    kind: 'person',
    person: row.person_id,
    operatorRole: row.operator_role,
    memberships: row.memberships,
    via: { kind: 'session', session: row.id, provenAt: row.proven_at, support },
  };
}

/** Whose personal token this is; undefined when it is unknown, expired or revoked, or the person disabled. One query. */
export async function callerOfToken(db: Db, token: string, now: Date): Promise<PersonCaller | undefined> {
  const row = await db
    .selectFrom('token')
    .innerJoin('person', 'person.id', 'token.person_id')
    .select(['token.id', 'token.person_id', 'token.scopes', 'token.account_id', 'token.last_used_at'])
    .select('person.operator_role')
    .select(membershipsOf('token.person_id').as('memberships'))
    .where('token.hash', '=', secretHash(token))
    .where('token.revoked_at', 'is', null)
    .where(({ eb, or }) => or([eb('token.expires_at', 'is', null), eb('token.expires_at', '>', now)]))
    .where('person.disabled_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  if (now.getTime() - (row.last_used_at?.getTime() ?? 0) > SEEN_MS) {
    await db.updateTable('token').set({ last_used_at: now }).where('id', '=', row.id).execute();
  }
  const via: TokenVia = { kind: 'token', token: row.id, scopes: row.scopes, account: row.account_id };
  return {
    kind: 'person',
    person: row.person_id,
    operatorRole: row.operator_role,
    memberships: row.memberships,
    via,
  };
}

function membershipsOf(person: 'session.person_id' | 'token.person_id') {
  return sql<Membership[]>`(
    select coalesce(json_agg(json_build_object('account', m.account_id, 'role', m.role, 'sites', (
      select coalesce(json_agg(s.site_id), '[]') from membership_site s
      where s.person_id = m.person_id and s.account_id = m.account_id
    ))), '[]') from membership m where m.person_id = ${sql.ref(person)})`;
}
