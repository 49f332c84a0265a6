import { sql } from 'kysely';
import type { AccountId, DomainId, NodeId, SiteId } from '#model/id.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../database/connect.ts';
import { checkEstablishable } from '../domain/claim.ts';

/** A site or domain that went, or came back, with its account. */
export interface Holding {
  readonly id: SiteId | DomainId;
  readonly node_id: NodeId;
  readonly version: number;
}

/** Deletes the sites and domains of an account with it. Needs `lockClaims`. */
export async function deleteHoldings(
  tx: Tx,
  account: AccountId,
  deletedAt: Date,
  purgeAfter: Date,
): Promise<Holding[]> {
  const stone = {
    deleted_at: deletedAt,
    deleted_with: 'account',
    purge_after: purgeAfter,
    version: sql<number>`version + 1`,
  } as const;
  const sites = await tx
    .updateTable('site')
    .set(stone)
    .where('account_id', '=', account)
    .where('deleted_at', 'is', null)
    .returning(['id', 'node_id', 'version'])
    .execute();
  if (sites.length > 0) {
    await tx
      .updateTable('site_host')
      .set({ live: false })
      .where(
        'site_id',
        'in',
        sites.map((site) => site.id),
      )
      .execute();
  }
  const domains = await tx
    .updateTable('domain')
    .set(stone)
    .where('account_id', '=', account)
    .where('deleted_at', 'is', null)
    .returning(['id', 'node_id', 'version'])
    .execute();
  return [...sites, ...domains];
}

/**
 * Brings back what was deleted with an account, no more. A domain that somebody else established in the meantime fails it
 * with `domain.taken`. Needs `lockClaims`.
 */
export async function restoreHoldings(context: Context, tx: Tx, account: AccountId): Promise<Holding[]> {
  const back = { deleted_at: null, deleted_with: null, purge_after: null, version: sql<number>`version + 1` } as const;
  const domains = await tx
    .updateTable('domain')
    .set(back)
    .where('account_id', '=', account)
    .where('deleted_with', '=', 'account')
    .where('purge_after', '>', context.now())
    .returning(['id', 'node_id', 'version', 'name', 'established_at'])
    .execute();
  for (const domain of domains) {
    if (domain.established_at !== null) await checkEstablishable(tx, account, domain.name);
  }
  const sites = await tx
    .updateTable('site')
    .set(back)
    .where('account_id', '=', account)
    .where('deleted_with', '=', 'account')
    .where('purge_after', '>', context.now())
    .returning(['id', 'node_id', 'version'])
    .execute();
  if (sites.length > 0) {
    await tx
      .updateTable('site_host')
      .set({ live: true })
      .where(
        'site_id',
        'in',
        sites.map((site) => site.id),
      )
      .execute();
  }
  return [...sites, ...domains];
}
