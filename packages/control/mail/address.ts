import { HofjeError } from '#model/error.ts';
import type { DomainId } from '#model/id.ts';
import type { LocalAddress } from '#model/mail/address.ts';
import type { Tx } from '../database/connect.ts';
import type { DomainRow } from '../domain/claim.ts';
import { checkLive, lockDomain } from '../domain/queries.ts';

/**
 * Locks the domain of a new address, so that an address becomes a mailbox or a forwarder and never both. Throws
 * `domain.deleted`, `address.taken`.
 */
export async function reserveAddress(tx: Tx, address: LocalAddress, id: DomainId): Promise<DomainRow> {
  const domain = await lockDomain(tx, id);
  checkLive(domain, 'address');
  const taken = await holderOf(tx, domain.id, address.localPart);
  if (taken !== undefined) {
    throw new HofjeError('address.taken', `The address is a ${taken} already.`, { field: 'address' });
  }
  return domain;
}

async function holderOf(tx: Tx, domain: DomainId, localPart: string): Promise<string | undefined> {
  for (const table of ['mailbox', 'forwarder'] as const) {
    const row = await tx
      .selectFrom(table)
      .select('id')
      .where('domain_id', '=', domain)
      .where('local_part', '=', localPart)
      .executeTakeFirst();
    if (row !== undefined) return table;
  }
  return undefined;
}
