import type { Selectable } from 'kysely';
import type { Account } from '#contract/api/account.ts';
import { HofjeError } from '#model/error.ts';
import { type AccountId, isId } from '#model/id.ts';
import { EVERYTHING, type Visibility } from '#model/right/visibility.ts';
import { seenAccount } from '../auth/visible.ts';
import type { Db } from '../database/connect.ts';
import { keysetPage, type Page } from '../database/keyset.ts';
import type { AccountTable } from '../database/tables.ts';

export type AccountRow = Selectable<AccountTable>;

export function showAccount(row: AccountRow): Account {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    deletedAt: row.deleted_at?.toISOString() ?? null,
    purgeAfter: row.purge_after?.toISOString() ?? null,
  };
}

/**
 * An account that is seen: by id, deleted or not; by name, a live one, else the one deleted last. Throws
 * `account.not-found`.
 */
export async function findAccount(
  db: Db,
  visibility: Visibility,
  reference: string,
  field = 'account',
): Promise<AccountRow> {
  const row = await db
    .selectFrom('account')
    .selectAll()
    .where(isId('account', reference) ? 'id' : 'name', '=', reference)
    .where(seenAccount(visibility))
    .orderBy('deleted_at', (order) => order.desc().nullsFirst())
    .executeTakeFirst();
  if (row === undefined) throw new HofjeError('account.not-found', `There is no account ${reference}.`, { field });
  return row;
}

/** By id, and it must not be deleted. Throws `account.deleted`. */
export async function liveAccount(db: Db, id: AccountId, field = 'account'): Promise<AccountRow> {
  const row = await findAccount(db, EVERYTHING, id, field);
  if (row.deleted_at !== null) {
    throw new HofjeError('account.deleted', `The account ${row.name} is deleted.`, {
      field,
      hint: 'Restore it first.',
    });
  }
  return row;
}

/** One row more than the limit tells that there is a next page. */
export function accountPage(db: Db, visibility: Visibility, filter: Page & { readonly deleted: boolean }) {
  const query = db
    .selectFrom('account')
    .selectAll()
    .where(seenAccount(visibility))
    .where('deleted_at', filter.deleted ? 'is not' : 'is', null);
  return keysetPage(query, 'name', 'id', filter);
}
