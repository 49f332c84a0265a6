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

/** Sites were looked at by probes: one hint for each. */
export async function emitProbed(db: Db, sites: readonly string[]): Promise<void> {
  if (sites.length === 0) return;
  await sql`
    select event_emit('probe', id, account_id, id, null, null, null) from site where id = any(${sites})`.execute(db);
}
