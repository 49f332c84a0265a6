import type { Factor, Me } from '#contract/api/session.ts';
import { HofjeError } from '#model/error.ts';
import type { SessionId } from '#model/id.ts';
import { PROOF_MS } from '#model/right/decide.ts';
import type { MailboxCaller, PersonCaller } from '#model/right/subject.ts';
import type { Caller } from '../auth/caller.ts';
import type { Db } from '../database/connect.ts';

/** Who is logged in, for himself. Throws `auth.required` where nobody is. */
export async function describeMe(db: Db, caller: Caller, now: Date): Promise<Me> {
  switch (caller.kind) {
    case 'mailbox':
      return await describeMailbox(db, caller, now);
    case 'person':
      return await describePerson(db, caller, now);
    default:
      throw new HofjeError('auth.required', 'Nobody is logged in.');
  }
}

async function describeMailbox(db: Db, caller: MailboxCaller, now: Date): Promise<Me> {
  const mailbox = await db
    .selectFrom('mailbox')
    .select(['id', 'address'])
    .where('id', '=', caller.mailbox)
    .executeTakeFirstOrThrow();
  const session = await describeSession(db, caller.session, now);
  return { kind: 'mailbox', person: null, mailbox, memberships: [], support: null, session };
}

async function describePerson(db: Db, caller: PersonCaller, now: Date): Promise<Me> {
  const { via } = caller;
  const row = await db
    .selectFrom('person')
    .select(['id', 'email', 'name', 'language', 'operator_role', 'password_hash'])
    .where('id', '=', caller.person)
    .executeTakeFirstOrThrow();
  const accounts = await db
    .selectFrom('membership')
    .innerJoin('account', 'account.id', 'membership.account_id')
    .select(['account.id', 'account.name'])
    .where('membership.person_id', '=', caller.person)
    .where('account.deleted_at', 'is', null)
    .orderBy('account.name')
    .execute();
  const memberships = accounts.flatMap(({ id, name }) => {
    const membership = caller.memberships.find(({ account }) => account === id);
    if (membership === undefined || (via.kind === 'token' && via.account !== null && via.account !== id)) return [];
    return [{ account: id, accountName: name, role: membership.role, sites: [...membership.sites] }];
  });
  return {
    kind: 'person',
    person: {
      id: row.id,
      email: row.email,
      name: row.name,
      language: row.language,
      operatorRole: row.operator_role,
      hasPassword: row.password_hash !== null,
    },
    mailbox: null,
    memberships,
    support: via.kind === 'session' ? await describeSupport(db, via) : null,
    session: via.kind === 'session' ? await describeSession(db, via.session, now) : null,
  };
}

async function describeSupport(db: Db, via: Extract<PersonCaller['via'], { kind: 'session' }>): Promise<Me['support']> {
  if (via.support === null) return null;
  const row = await db
    .selectFrom('support_access')
    .innerJoin('account', 'account.id', 'support_access.account_id')
    .select(['account.name', 'support_access.reason', 'support_access.expires_at'])
    .where('support_access.id', '=', via.support.id)
    .executeTakeFirstOrThrow();
  return { ...via.support, accountName: row.name, reason: row.reason, expiresAt: row.expires_at.toISOString() };
}

async function describeSession(db: Db, id: SessionId, now: Date): Promise<Me['session']> {
  const row = await db
    .selectFrom('session')
    .select(['id', 'factors', 'created_at', 'expires_at', 'proven_at'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const provenUntil = new Date(row.proven_at.getTime() + PROOF_MS);
  return {
    id: row.id,
    factors: row.factors as Factor[],
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    provenUntil: provenUntil > now ? provenUntil.toISOString() : null,
  };
}
