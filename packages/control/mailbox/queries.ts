import { type Selectable, sql } from 'kysely';
import type { Mailbox } from '#contract/api/mailbox.ts';
import { HofjeError } from '#model/error.ts';
import { type DomainId, isId } from '#model/id.ts';
import { formatAddress, parseLocalAddress } from '#model/mail/address.ts';
import type { Visibility } from '#model/right/visibility.ts';
import { seenMailbox } from '../auth/visible.ts';
import type { Db } from '../database/connect.ts';
import { keysetPage, type Page } from '../database/keyset.ts';
import type { MailboxTable } from '../database/tables.ts';
import { pickDomain } from '../domain/queries.ts';

/** What of a mailbox may be read; the password's hash is read only to build desired state. */
export const MAILBOX_COLUMNS = [
  'mailbox.id',
  'mailbox.domain_id',
  'mailbox.address',
  'mailbox.quota_bytes',
  'mailbox.version',
  'mailbox.created_at',
] as const;

export type MailboxRow = Pick<
  Selectable<MailboxTable>,
  'id' | 'domain_id' | 'address' | 'quota_bytes' | 'version' | 'created_at'
>;

export function showMailbox(row: MailboxRow): Mailbox {
  return {
    id: row.id,
    address: row.address,
    domain: row.domain_id,
    quotaBytes: row.quota_bytes,
    version: row.version,
    createdAt: row.created_at.toISOString(),
  };
}

/** One that is seen, by id or address, and whose it is. Throws `mailbox.not-found`. */
export async function findMailbox(db: Db, visibility: Visibility, reference: string) {
  const seen = db
    .selectFrom('mailbox')
    .innerJoin('domain', 'domain.id', 'mailbox.domain_id')
    .select(MAILBOX_COLUMNS)
    .select(['mailbox.account_id', 'domain.name', 'domain.deleted_at', 'domain.established_at'])
    .where(seenMailbox(visibility));
  const row = isId('mailbox', reference)
    ? await seen.where('mailbox.id', '=', reference).executeTakeFirst()
    : pickDomain(
        await seen
          .where('mailbox.address', '=', formatAddress(parseLocalAddress(reference, 'mailbox')))
          .orderBy('domain.deleted_at', (order) => order.desc().nullsFirst())
          .orderBy(sql`domain.established_at is null`)
          .limit(2)
          .execute(),
        'mailbox',
      );
  if (row === undefined) {
    throw new HofjeError('mailbox.not-found', `There is no mailbox ${reference}.`, { field: 'mailbox' });
  }
  return row;
}

/** Mailboxes of live domains; those of a deleted one come back with it. */
export function mailboxPage(db: Db, visibility: Visibility, filter: Page & { readonly domain?: DomainId }) {
  let query = db
    .selectFrom('mailbox')
    .innerJoin('domain', 'domain.id', 'mailbox.domain_id')
    .select(MAILBOX_COLUMNS)
    .where('domain.deleted_at', 'is', null)
    .where(seenMailbox(visibility));
  if (filter.domain !== undefined) query = query.where('mailbox.domain_id', '=', filter.domain);
  return keysetPage(query, 'mailbox.address', 'mailbox.id', filter);
}
