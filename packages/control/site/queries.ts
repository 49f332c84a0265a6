import { type Selectable, sql } from 'kysely';
import type { Site } from '#contract/api/site.ts';
import type { JsonObject } from '#model/audit/canonical.ts';
import { parseHostName } from '#model/domain/name.ts';
import { HofjeError } from '#model/error.ts';
import { type AccountId, isId, type NodeId, type SiteId } from '#model/id.ts';
import type { Visibility } from '#model/right/visibility.ts';
import { seenSite } from '../auth/visible.ts';
import type { Db, Tx } from '../database/connect.ts';
import { keysetPage, type Page } from '../database/keyset.ts';
import type { SiteReportTable, SiteTable } from '../database/tables.ts';
import { isCovered } from '../pki/cover.ts';

export type SiteRow = Selectable<SiteTable>;
type ReportRow = Selectable<SiteReportTable>;

export interface HostRow {
  readonly site_id: SiteId;
  readonly name: string;
  readonly role: 'primary' | 'alias';
  readonly own_not_after: Date;
  readonly established: boolean;
}

/** A site that is seen, by id, or by one of its host names. Throws `site.not-found`. */
export async function findSite(db: Db, visibility: Visibility, reference: string, field = 'site'): Promise<SiteRow> {
  const row = isId('site', reference)
    ? await siteById(db, visibility, reference)
    : await siteByName(db, visibility, reference, field);
  if (row === undefined) throw new HofjeError('site.not-found', `There is no site ${reference}.`, { field });
  return row;
}

async function siteById(db: Db, visibility: Visibility, id: SiteId): Promise<SiteRow | undefined> {
  return await db.selectFrom('site').selectAll().where('id', '=', id).where(seenSite(visibility)).executeTakeFirst();
}

/** Live before deleted, established before claimed, then the newest. */
async function siteByName(db: Db, visibility: Visibility, text: string, field: string): Promise<SiteRow | undefined> {
  const name = parseHostName(text, field);
  return await db
    .selectFrom('site_host')
    .innerJoin('site', 'site.id', 'site_host.site_id')
    .innerJoin('domain', 'domain.id', 'site_host.domain_id')
    .selectAll('site')
    .where('site_host.name', '=', name)
    .where(seenSite(visibility))
    .orderBy('site_host.live', 'desc')
    .orderBy(sql`domain.established_at is null`)
    .orderBy('site.created_at', 'desc')
    .executeTakeFirst();
}

/** As `findSite`, and it must not be deleted. Throws `site.deleted`. */
export async function liveSite(db: Db, visibility: Visibility, reference: string, field = 'site'): Promise<SiteRow> {
  const row = await findSite(db, visibility, reference, field);
  checkLive(row, field);
  return row;
}

/** Throws `site.deleted`. */
export function checkLive(site: Pick<SiteRow, 'name' | 'deleted_at'>, field = 'site'): void {
  if (site.deleted_at === null) return;
  throw new HofjeError('site.deleted', `The site ${site.name} is deleted.`, { field, hint: 'Restore it first.' });
}

/** Throws `site.not-deleted`, `site.purged`. */
export function checkRestorable(site: Pick<SiteRow, 'purge_after'>, now: Date): void {
  if (site.purge_after === null) {
    throw new HofjeError('site.not-deleted', 'The site is not deleted.', { field: 'site' });
  }
  if (site.purge_after <= now) {
    throw new HofjeError('site.purged', 'Its grace period is over.', { field: 'site' });
  }
}

/** Held until the end of the transaction. Rows that refer to the site can be made meanwhile. */
export async function lockSite(tx: Tx, id: SiteId): Promise<SiteRow> {
  return await tx.selectFrom('site').selectAll().where('id', '=', id).forNoKeyUpdate().executeTakeFirstOrThrow();
}

export interface SiteFilter extends Page {
  readonly deleted: boolean;
  readonly account?: AccountId;
  readonly node?: NodeId;
}

export function sitePage(db: Db, visibility: Visibility, filter: SiteFilter) {
  let query = db
    .selectFrom('site')
    .selectAll()
    .where(seenSite(visibility))
    .where('deleted_at', filter.deleted ? 'is not' : 'is', null);
  if (filter.account !== undefined) query = query.where('account_id', '=', filter.account);
  if (filter.node !== undefined) query = query.where('node_id', '=', filter.node);
  return keysetPage(query, 'name', 'id', filter);
}

/** The sites as the API shows them, with hosts and the node's last word. */
export async function showSites(db: Db, rows: readonly SiteRow[]): Promise<Site[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const hosts = await db
    .selectFrom('site_host')
    .innerJoin('domain', 'domain.id', 'site_host.domain_id')
    .select(['site_host.site_id', 'site_host.name', 'site_host.role', 'site_host.own_not_after'])
    .select(sql<boolean>`domain.established_at is not null and domain.deleted_at is null`.as('established'))
    .where('site_host.site_id', 'in', ids)
    .orderBy('site_host.role', 'desc')
    .orderBy('site_host.name')
    .execute();
  const reports = await db.selectFrom('site_report').selectAll().where('site_id', 'in', ids).execute();
  const hostsOf = Map.groupBy(hosts, (host) => host.site_id);
  const reportOf = new Map(reports.map((report) => [report.site_id, report]));
  return rows.map((row) => showSite(row, hostsOf.get(row.id) ?? [], reportOf.get(row.id)));
}

/** The site's own row as the audit keeps it. Pure. */
export function siteRecord(row: SiteRow): JsonObject {
  return {
    name: row.name,
    node: row.node_id,
    plan: row.plan,
    image: row.image,
    redirectToHttps: row.redirect_to_https,
    suspended: row.suspended,
    suspendedBy: row.suspended_by,
    certificateNames: row.tls_names,
    certificateUntil: row.tls_not_after?.toISOString() ?? null,
    version: row.version,
    deletedAt: row.deleted_at?.toISOString() ?? null,
    purgeAfter: row.purge_after?.toISOString() ?? null,
  };
}

export async function showOne(db: Db, id: SiteId): Promise<Site> {
  const row = await db.selectFrom('site').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const [site] = await showSites(db, [row]);
  if (site === undefined) throw new Error(`site ${id} cannot be shown`);
  return site;
}

/** Pure. */
export function showSite(row: SiteRow, hosts: readonly HostRow[], report: ReportRow | undefined): Site {
  const deleted = row.deleted_at !== null;
  return {
    id: row.id,
    name: row.name,
    account: row.account_id,
    node: row.node_id,
    plan: row.plan,
    image: row.image,
    redirectToHttps: row.redirect_to_https,
    suspended: row.suspended,
    suspendedBy: row.suspended_by,
    state: deleted ? 'deleted' : (report?.state ?? 'unknown'),
    reason: deleted ? null : (report?.reason ?? null),
    instance: deleted ? null : (report?.instance ?? null),
    hosts: hosts.map((host) => {
      const covered = row.tls_not_after !== null && isCovered(host.name, row.tls_names ?? []);
      return {
        name: host.name,
        role: host.role,
        served: host.established && !deleted,
        certificate: covered ? 'customer' : 'own-authority',
        certificateUntil: (covered && row.tls_not_after !== null
          ? row.tls_not_after
          : host.own_not_after
        ).toISOString(),
      };
    }),
    version: row.version,
    createdAt: row.created_at.toISOString(),
    deletedAt: row.deleted_at?.toISOString() ?? null,
    purgeAfter: row.purge_after?.toISOString() ?? null,
  };
}
