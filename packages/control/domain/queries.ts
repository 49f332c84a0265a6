import { sql } from 'kysely';
import type { Domain } from '#contract/api/domain.ts';
import { displayName, parseHostName } from '#model/domain/name.ts';
import { proofRecordName, proofRecordValue } from '#model/domain/proof.ts';
import { HofjeError } from '#model/error.ts';
import { type AccountId, type DomainId, isId, type SiteId } from '#model/id.ts';
import type { Visibility } from '#model/right/visibility.ts';
import { seenDomain } from '../auth/visible.ts';
import type { Db, Tx } from '../database/connect.ts';
import { keysetPage, type Page } from '../database/keyset.ts';
import type { DomainRow } from './claim.ts';

export function showDomain(row: DomainRow): Domain {
  return {
    id: row.id,
    name: row.name,
    displayName: displayName(row.name),
    account: row.account_id,
    node: row.node_id,
    mail: row.mail,
    mailLimitBytes: row.mail_limit_bytes,
    establishedBy: row.established_by,
    establishedAt: row.established_at?.toISOString() ?? null,
    overrideReason: row.override_reason,
    proof: { name: proofRecordName(row.name), value: proofRecordValue(row.proof_token) },
    version: row.version,
    createdAt: row.created_at.toISOString(),
    deletedAt: row.deleted_at?.toISOString() ?? null,
    purgeAfter: row.purge_after?.toISOString() ?? null,
  };
}

/**
 * One that is seen. By id, deleted or not. By name: the established one, else the only claim, else the one deleted last. Throws
 * `domain.not-found`, and `domain.ambiguous` when several accounts claim the name and none has it.
 */
export async function findDomain(
  db: Db,
  visibility: Visibility,
  reference: string,
  field = 'domain',
): Promise<DomainRow> {
  const seen = db.selectFrom('domain').selectAll().where(seenDomain(visibility));
  const row = isId('domain', reference)
    ? await seen.where('id', '=', reference).executeTakeFirst()
    : pickDomain(
        await seen
          .where('name', '=', parseHostName(reference, field))
          .orderBy('deleted_at', (order) => order.desc().nullsFirst())
          .orderBy(sql`established_at is null`)
          .limit(2)
          .execute(),
        field,
      );
  if (row === undefined) throw new HofjeError('domain.not-found', `There is no domain ${reference}.`, { field });
  return row;
}

type NamedAlike = Pick<DomainRow, 'name' | 'deleted_at' | 'established_at'>;

/** The one that is meant, of those of one name that come first. Pure. Throws `domain.ambiguous`. */
export function pickDomain<R extends NamedAlike>([first, second]: readonly R[], field: string): R | undefined {
  if (first === undefined || first.established_at !== null || first.deleted_at !== null) return first;
  if (second !== undefined && second.deleted_at === null) {
    throw new HofjeError('domain.ambiguous', `Several accounts claim ${first.name}, and none has proven it.`, {
      field,
      hint: 'Name it by its id.',
    });
  }
  return first;
}

/** As `findDomain`, and it must not be deleted. Throws `domain.deleted`. */
export async function liveDomain(
  db: Db,
  visibility: Visibility,
  reference: string,
  field = 'domain',
): Promise<DomainRow> {
  const row = await findDomain(db, visibility, reference, field);
  checkLive(row, field);
  return row;
}

/** Throws `domain.deleted`. */
export function checkLive(domain: Pick<DomainRow, 'name' | 'deleted_at'>, field = 'domain'): void {
  if (domain.deleted_at === null) return;
  throw new HofjeError('domain.deleted', `The domain ${domain.name} is deleted.`, { field, hint: 'Restore it first.' });
}

/** Throws `domain.not-deleted`, `domain.purged`. */
export function checkRestorable(domain: Pick<DomainRow, 'purge_after'>, now: Date): void {
  if (domain.purge_after === null) {
    throw new HofjeError('domain.not-deleted', 'The domain is not deleted.', { field: 'domain' });
  }
  if (domain.purge_after <= now) {
    throw new HofjeError('domain.purged', 'Its grace period is over.', { field: 'domain' });
  }
}

/** Held until the end of the transaction. Rows that refer to the domain can be made meanwhile. */
export async function lockDomain(tx: Tx, id: DomainId): Promise<DomainRow> {
  return await tx.selectFrom('domain').selectAll().where('id', '=', id).forNoKeyUpdate().executeTakeFirstOrThrow();
}

export interface DomainFilter extends Page {
  readonly deleted: boolean;
  readonly account?: AccountId;
}

export function domainPage(db: Db, visibility: Visibility, filter: DomainFilter) {
  let query = db
    .selectFrom('domain')
    .selectAll()
    .where(seenDomain(visibility))
    .where('deleted_at', filter.deleted ? 'is not' : 'is', null);
  if (filter.account !== undefined) query = query.where('account_id', '=', filter.account);
  return keysetPage(query, 'name', 'id', filter);
}

/** The sites that answer to names of a domain. */
export async function sitesOfDomain(db: Db, domain: DomainId): Promise<SiteId[]> {
  const hosts = await db
    .selectFrom('site_host')
    .select('site_id')
    .distinct()
    .where('domain_id', '=', domain)
    .where('live', '=', true)
    .execute();
  return hosts.map((host) => host.site_id);
}
