import { sql } from 'kysely';
import type { NodeId, SiteId } from '#model/id.ts';
import type { Db } from '../database/connect.ts';

/**
 * Hints about what no entry of the audit tells. Must be the last statement of a transaction, since hints are numbered in
 * the order of commits.
 */
export async function emitHints(db: Db, sites: readonly SiteId[], node: NodeId | undefined): Promise<void> {
  if (sites.length === 0 && node === undefined) return;
  await sql`
    select event_emit(kind, object, account, site, null, null, null) from (
      select 'site' as kind, id as object, account_id as account, id as site from site where id = any(${sites})
      union all select 'node', ${node ?? null}::text, null, null where ${node ?? null}::text is not null
    ) as hint`.execute(db);
}

/** Sites, and the decoy of a node, were looked from by probes: one hint for each. As `emitHints`. */
export async function emitProbed(db: Db, sites: readonly SiteId[], decoyOf: NodeId | undefined): Promise<void> {
  if (sites.length === 0 && decoyOf === undefined) return;
  await sql`
    select event_emit('probe', object, account, site, null, null, null) from (
      select id as object, account_id as account, id as site from site where id = any(${sites})
      union all select ${decoyOf ?? null}::text, null, null where ${decoyOf ?? null}::text is not null
    ) as hint`.execute(db);
}
