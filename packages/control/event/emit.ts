import { sql } from 'kysely';
import type { NodeId, SiteId } from '#model/id.ts';
import type { Db } from '../database/connect.ts';

/** Hints about what no entry of the audit tells: that sites, or a node, are not as they were. They go out at the commit. */
export async function emitHints(db: Db, sites: readonly SiteId[], node: NodeId | undefined): Promise<void> {
  if (sites.length === 0 && node === undefined) return;
  await sql`
    insert into event_draft (kind, object, account_id, site_id)
    select 'site', id, account_id, id from site where id = any(${sites})
    union all select 'node', ${node ?? null}::text, null, null where ${node ?? null}::text is not null`.execute(db);
}

/** Sites, and the decoy of a node, were looked from by probes: one hint for each. As `emitHints`. */
export async function emitProbed(db: Db, sites: readonly SiteId[], decoyOf: NodeId | undefined): Promise<void> {
  if (sites.length === 0 && decoyOf === undefined) return;
  await sql`
    insert into event_draft (kind, object, account_id, site_id)
    select 'probe', id, account_id, id from site where id = any(${sites})
    union all select 'probe', ${decoyOf ?? null}::text, null, null where ${decoyOf ?? null}::text is not null`.execute(
    db,
  );
}
