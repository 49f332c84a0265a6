import type { Selectable } from 'kysely';
import type { Mailbox } from '#contract/api/mailbox.ts';
import { HofjeError } from '#model/error.ts';
import { type DomainId, isId, type MailboxId } from '#model/id.ts';
import { formatAddress, parseLocalAddress } from '#model/mail/address.ts';
import type { Db } from '../database/connect.ts';
import type { MailboxTable } from '../database/tables.ts';
import { findDomain } from '../domain/queries.ts';
import type { After } from '../http/page.ts';

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

/** By id or address. Throws `mailbox.not-found`. */
export async function findMailbox(db: Db, reference: string): Promise<MailboxRow> {
  let query = db.selectFrom('mailbox').select(MAILBOX_COLUMNS);
  if (isId('mailbox', reference)) query = query.where('id', '=', reference);
  else {
    const address = parseLocalAddress(reference, 'mailbox');
    const domain = await findDomain(db, address.domain, 'mailbox');
    query = query.where('domain_id', '=', domain.id).where('address', '=', formatAddress(address));
  }
  const row = await query.executeTakeFirst();
  if (row === undefined) {
    throw new HofjeError('mailbox.not-found', `There is no mailbox ${reference}.`, { field: 'mailbox' });
  }
  return row;
}

/** Mailboxes of live domains; those of a deleted one come back with it. */
export function mailboxPage(db: Db, filter: { domain?: DomainId; after: After | undefined; limit: number }) {
  let query = db
    .selectFrom('mailbox')
    .innerJoin('domain', 'domain.id', 'mailbox.domain_id')
    .select(MAILBOX_COLUMNS)
    .where('domain.deleted_at', 'is', null);
  if (filter.domain !== undefined) query = query.where('mailbox.domain_id', '=', filter.domain);
  const after = filter.after;
  if (after !== undefined) {
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('mailbox.address', 'mailbox.id'), '>', tuple(after.key, after.id as MailboxId)),
    );
  }
  return query
    .orderBy('mailbox.address')
    .orderBy('mailbox.id')
    .limit(filter.limit + 1);
}
