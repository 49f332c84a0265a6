import type { FastifyRequest } from 'fastify';
import { sql } from 'kysely';
import type { Domain } from '#contract/api/domain.ts';
import type { DomainId } from '#model/id.ts';
import { audit } from '../audit.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../database/connect.ts';
import { checkVersion } from '../http/version.ts';
import { bumpRevisions, revisionOf } from '../state/revision.ts';
import { withSettled } from '../state/settle.ts';
import { type DomainRow, type Establishment, lockClaims } from './claim.ts';
import { checkLive, checkRestorable, lockDomain, showDomain } from './queries.ts';

export type DomainChange = Partial<
  Pick<DomainRow, 'mail' | 'mail_limit_bytes' | 'deleted_at' | 'deleted_with' | 'purge_after'>
> &
  Establishment;

export interface DomainChangeRequest {
  readonly request: FastifyRequest;
  readonly wait: boolean | undefined;
  /** The domain is deleted, and is to come back. */
  readonly restores?: true;
}

/**
 * The frame of every change of a domain: lock, compare versions, change, raise version and revisions, audit, commit; then
 * wait if asked to.
 */
export async function changeDomainRow(
  context: Context,
  id: DomainId,
  { request, wait, restores }: DomainChangeRequest,
  work: (tx: Tx, domain: DomainRow) => Promise<DomainChange>,
): Promise<Domain> {
  const changed = await context.db.transaction().execute(async (tx) => {
    await lockClaims(tx);
    const domain = await lockDomain(tx, id);
    // It may have gone, or come back, since it was looked up.
    if (restores) checkRestorable(domain, context.now());
    else checkLive(domain);
    checkVersion(request, domain.version);
    const set = await work(tx, domain);
    const row = await writeDomain(tx, id, set);
    await audit(tx, request, id, {
      account: row.account_id,
      domain: id,
      before: showDomain(domain),
      after: showDomain(row),
    });
    return { domain: showDomain(row), node: domain.node_id, revision: await revisionOf(tx, domain.node_id) };
  });
  return await withSettled(context, changed.domain, wait, changed);
}

/** Writes the row and tells every node that it concerns: the one with its mail, and those that serve its names. */
export async function writeDomain(tx: Tx, id: DomainId, set: DomainChange): Promise<DomainRow> {
  const row = await tx
    .updateTable('domain')
    .set({ ...set, version: sql<number>`version + 1` })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
  const serving = await tx
    .selectFrom('site_host')
    .innerJoin('site', 'site.id', 'site_host.site_id')
    .select('site.node_id')
    .where('site_host.domain_id', '=', id)
    .execute();
  await bumpRevisions(tx, [row.node_id, ...serving.map((site) => site.node_id)]);
  return row;
}
