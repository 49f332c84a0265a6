import type { FastifyRequest } from 'fastify';
import { sql } from 'kysely';
import type { Site } from '#contract/api/site.ts';
import type { JsonObject } from '#model/audit/canonical.ts';
import type { SiteId } from '#model/id.ts';
import { audit } from '../audit.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../database/connect.ts';
import { lockClaims } from '../domain/claim.ts';
import { checkVersion } from '../http/version.ts';
import { bumpRevision } from '../state/revision.ts';
import { settle } from '../state/settle.ts';
import { checkLive, checkRestorable, lockSite, type SiteRow, showOne, siteRecord } from './queries.ts';

/** What a change sets in the site's own row; whatever else it does, it does itself. */
export type SiteChange = Partial<
  Pick<
    SiteRow,
    | 'plan'
    | 'image'
    | 'suspended'
    | 'suspended_by'
    | 'redirect_to_https'
    | 'tls_chain'
    | 'tls_key'
    | 'tls_names'
    | 'tls_not_after'
    | 'deleted_at'
    | 'deleted_with'
    | 'purge_after'
  >
>;

export interface SiteChangeRequest {
  readonly request: FastifyRequest;
  readonly wait: boolean;
  /** The change needs `lockClaims`. */
  readonly claims?: true;
  /** The site is deleted, and is to come back. */
  readonly restores?: true;
  /** For the audit: what goes that is not in the site's own row. */
  readonly removes?: JsonObject;
}

/**
 * The frame of every change of a site: lock, compare versions, change, raise version and revision, audit, commit; then wait
 * if asked to. `work` sees the locked row and throws to refuse.
 */
export async function changeSiteRow(
  context: Context,
  id: SiteId,
  { request, wait, claims, restores, removes }: SiteChangeRequest,
  work: (tx: Tx, site: SiteRow) => Promise<SiteChange>,
): Promise<Site> {
  const { revision, node } = await context.db.transaction().execute(async (tx) => {
    if (claims) await lockClaims(tx);
    const site = await lockSite(tx, id);
    // It may have gone, or come back, since it was looked up.
    if (restores) checkRestorable(site, context.now());
    else checkLive(site);
    checkVersion(request, site.version);
    const set = await work(tx, site);
    const raised = await bumpRevision(tx, site.node_id);
    const changed = await tx
      .updateTable('site')
      .set({ ...set, revision: raised, version: sql<number>`version + 1` })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
    const before = { ...siteRecord(site), ...removes };
    await audit(tx, request, id, { account: site.account_id, site: id, before, after: siteRecord(changed) });
    return { revision: raised, node: site.node_id };
  });
  return await showSettled(context, id, wait, revision, node);
}

/** The site as it is now; with `settled` when the caller waits. */
export async function showSettled(
  context: Context,
  id: SiteId,
  wait: boolean,
  revision: number,
  node: SiteRow['node_id'],
): Promise<Site> {
  if (!wait) return await showOne(context.db, id);
  const present = await showOne(context.db, id);
  // A deleted site is no longer reported: then the node's word for the whole has to do.
  const settled = await settle(context, present.deletedAt === null ? { node, revision, site: id } : { node, revision });
  return { ...(await showOne(context.db, id)), settled };
}
