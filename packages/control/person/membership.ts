import { sql } from 'kysely';
import type { Member } from '#contract/api/membership.ts';
import { HofjeError } from '#model/error.ts';
import type { AccountId, PersonId, SiteId } from '#model/id.ts';
import type { AccountRole } from '#model/right/role.ts';
import type { Db, Tx } from '../database/connect.ts';
import { keysetPage, type Page } from '../database/keyset.ts';

/** What somebody is in an account, with the sites that it is about. */
export interface Standing {
  readonly role: AccountRole;
  readonly sites: readonly SiteId[];
}

/** The members of an account, with what is shown of them. */
export function members(db: Db, account: AccountId) {
  return db
    .selectFrom('membership')
    .innerJoin('person', 'person.id', 'membership.person_id')
    .select(['person.id', 'person.email', 'person.name', 'membership.role', 'membership.created_at'])
    .select(
      sql<SiteId[]>`array(
        select site_id from membership_site as its
        where its.person_id = membership.person_id and its.account_id = membership.account_id order by site_id
      )`.as('sites'),
    )
    .where('membership.account_id', '=', account);
}

export function memberPage(db: Db, account: AccountId, page: Page) {
  return keysetPage(members(db, account), 'person.email', 'person.id', page);
}

export type MemberRow = Awaited<ReturnType<ReturnType<typeof members>['executeTakeFirstOrThrow']>>;

export function showMember(row: MemberRow): Member {
  return {
    person: row.id,
    name: row.name,
    email: row.email,
    role: row.role,
    sites: row.sites,
    createdAt: row.created_at.toISOString(),
  };
}

/** Throws `person.not-found` for whoever is no member. */
export async function findMember(db: Db, account: AccountId, person: PersonId, field = 'person'): Promise<MemberRow> {
  const row = await members(db, account).where('person.id', '=', person).executeTakeFirst();
  if (row === undefined) throw new HofjeError('person.not-found', `There is no member ${person}.`, { field });
  return row;
}

/**
 * Lets one change of an account's people happen after the other, until the end of the transaction: else the last two owners
 * could leave at the same moment.
 */
export async function lockMembers(tx: Tx, account: AccountId): Promise<void> {
  await tx.selectFrom('account').select('id').where('id', '=', account).forNoKeyUpdate().executeTakeFirstOrThrow();
}

/**
 * Checks a role together with the sites that it is about: those of a collaborator, who has one at least, in the account. Throws
 * `request.invalid`, `site.not-found`.
 */
export async function standingOf(
  tx: Tx,
  account: AccountId,
  role: AccountRole,
  sites: readonly SiteId[],
): Promise<Standing> {
  if (role !== 'collaborator') {
    if (sites.length === 0) return { role, sites };
    throw new HofjeError('request.invalid', 'Only a collaborator is there for certain sites.', { field: 'sites' });
  }
  if (sites.length === 0) {
    throw new HofjeError('request.invalid', 'Say which sites a collaborator works on.', { field: 'sites' });
  }
  const known = await tx
    .selectFrom('site')
    .select('id')
    .where('account_id', '=', account)
    .where('id', 'in', sites)
    .execute();
  const unknown = sites.find((site) => !known.some(({ id }) => id === site));
  if (unknown !== undefined) {
    throw new HofjeError('site.not-found', `There is no site ${unknown}.`, { field: 'sites' });
  }
  return { role, sites };
}

/** Makes somebody a member. Throws `membership.exists`. Needs `lockMembers`. */
export async function join(
  tx: Tx,
  account: AccountId,
  person: PersonId,
  { role, sites }: Standing,
): Promise<MemberRow> {
  const made = await tx
    .insertInto('membership')
    .values({ person_id: person, account_id: account, role })
    .onConflict((conflict) => conflict.doNothing())
    .returning('role')
    .executeTakeFirst();
  if (made === undefined) {
    throw new HofjeError('membership.exists', 'This person belongs to the account already.', {
      field: 'person',
      hint: 'An owner can change the role.',
    });
  }
  await writeSites(tx, account, person, sites);
  return await findMember(tx, account, person);
}

/** Makes a member something else. Throws `membership.last-owner`. Needs `lockMembers`. */
export async function setStanding(
  tx: Tx,
  account: AccountId,
  before: MemberRow,
  standing: Standing,
): Promise<MemberRow> {
  const { id: person } = before;
  await tx
    .updateTable('membership')
    .set({ role: standing.role })
    .where('account_id', '=', account)
    .where('person_id', '=', person)
    .execute();
  if (before.role === 'owner' && standing.role !== 'owner') await keepOwner(tx, account);
  await tx.deleteFrom('membership_site').where('account_id', '=', account).where('person_id', '=', person).execute();
  await writeSites(tx, account, person, standing.sites);
  return await findMember(tx, account, person);
}

/** Throws `membership.last-owner`. Needs `lockMembers`. */
export async function dismiss(tx: Tx, account: AccountId, member: MemberRow): Promise<void> {
  await tx.deleteFrom('membership').where('account_id', '=', account).where('person_id', '=', member.id).execute();
  if (member.role === 'owner') await keepOwner(tx, account);
}

/** An account that has had an owner keeps one who can come in. */
async function keepOwner(tx: Tx, account: AccountId): Promise<void> {
  const owner = await tx
    .selectFrom('membership')
    .innerJoin('person', 'person.id', 'membership.person_id')
    .select('person.id')
    .where('membership.account_id', '=', account)
    .where('membership.role', '=', 'owner')
    .where('person.disabled_at', 'is', null)
    .executeTakeFirst();
  if (owner !== undefined) return;
  throw new HofjeError('membership.last-owner', 'The last owner of an account stays.', {
    field: 'person',
    hint: 'Make somebody else an owner first.',
  });
}

async function writeSites(tx: Tx, account: AccountId, person: PersonId, sites: readonly SiteId[]): Promise<void> {
  if (sites.length === 0) return;
  const rows = sites.map((site) => ({ person_id: person, account_id: account, site_id: site }));
  await tx.insertInto('membership_site').values(rows).execute();
}
