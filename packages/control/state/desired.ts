import { HofjeError } from '#model/error.ts';
import type { NodeId, SiteId } from '#model/id.ts';
import type {
  DesiredState,
  ForwarderWish,
  HostWish,
  MailboxWish,
  MailDomainWish,
  SiteWish,
  Tombstone,
} from '#model/node/desired.ts';
import type { Context } from '../context.ts';
import type { Db, Tx } from '../database/connect.ts';
import { isCovered } from '../pki/cover.ts';
import type { Seal } from '../secret/seal.ts';
import { decoyWishes } from './decoys.ts';

/**
 * Everything that a node should be, from one consistent view of the database. Throws `node.no-images` while the node has
 * no images for its services.
 */
export async function buildDesired(context: Context, node: NodeId): Promise<DesiredState> {
  return await context.db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      const row = await tx.selectFrom('node').selectAll().where('id', '=', node).executeTakeFirstOrThrow();
      if (row.edge_image === null || row.mail_image === null) {
        throw new HofjeError('node.no-images', 'No images for edge and mail are registered yet.');
      }
      return {
        installation: context.installation as DesiredState['installation'],
        node,
        revision: row.revision,
        services: { edge: { image: row.edge_image }, mail: { image: row.mail_image } },
        sites: [...(await siteWishes(tx, context.seal, node, context.now())), ...(await decoyWishes(tx, node))],
        mail: {
          domains: await mailDomains(tx, node),
          mailboxes: await mailboxes(tx, node),
          forwarders: await forwarders(tx, node),
        },
        tombstones: await tombstones(tx, node),
      };
    });
}

async function siteWishes(tx: Tx, seal: Seal, node: NodeId, now: Date): Promise<SiteWish[]> {
  const sites = await tx
    .selectFrom('site')
    .innerJoin('plan', 'plan.name', 'site.plan')
    .selectAll('site')
    .select('plan.limits')
    .where('site.node_id', '=', node)
    .where('site.deleted_at', 'is', null)
    .orderBy('site.id')
    .execute();
  const hosts = await hostsBySite(tx, node);
  return sites.map((site) => {
    const own = site.tls_chain !== null && site.tls_key !== null && (site.tls_not_after ?? now) > now;
    const custom = own ? { chain: site.tls_chain ?? '', key: seal.open(site.tls_key ?? Buffer.alloc(0)) } : undefined;
    const wishes = (hosts.get(site.id) ?? []).map((host): HostWish => {
      const covered = custom !== undefined && isCovered(host.name, site.tls_names ?? []);
      return {
        name: host.name,
        redirectToHttps: site.redirect_to_https,
        certificate: covered ? custom : { chain: host.own_chain, key: seal.open(host.own_key) },
      };
    });
    return {
      id: site.id,
      image: site.image,
      limits: site.limits,
      suspended: site.suspended,
      primaryName: site.name,
      hosts: wishes,
    };
  });
}

/** Only names whose domain is proven or overridden are served. */
async function hostsBySite(tx: Tx, node: NodeId) {
  const rows = await tx
    .selectFrom('site_host')
    .innerJoin('site', 'site.id', 'site_host.site_id')
    .innerJoin('domain', 'domain.id', 'site_host.domain_id')
    .select(['site_host.site_id', 'site_host.name', 'site_host.own_chain', 'site_host.own_key'])
    .where('site.node_id', '=', node)
    .where('site_host.live', '=', true)
    .where('domain.established_at', 'is not', null)
    .where('domain.deleted_at', 'is', null)
    .orderBy('site_host.name')
    .execute();
  return Map.groupBy(rows, (row): SiteId => row.site_id);
}

/** The domains whose mail this node takes. */
function localDomains(db: Db, node: NodeId) {
  return db
    .selectFrom('domain')
    .where('domain.node_id', '=', node)
    .where('domain.mail', '=', true)
    .where('domain.established_at', 'is not', null)
    .where('domain.deleted_at', 'is', null);
}

async function mailDomains(tx: Tx, node: NodeId): Promise<MailDomainWish[]> {
  const rows = await localDomains(tx, node).select(['id', 'name', 'mail_limit_bytes']).orderBy('id').execute();
  return rows.map((row) => ({ id: row.id, name: row.name, limitBytes: row.mail_limit_bytes }));
}

async function mailboxes(tx: Tx, node: NodeId): Promise<MailboxWish[]> {
  const rows = await localDomains(tx, node)
    .innerJoin('mailbox', 'mailbox.domain_id', 'domain.id')
    .selectAll('mailbox')
    .orderBy('mailbox.id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    domain: row.domain_id,
    localPart: row.local_part,
    passwordHash: row.password_hash,
    quotaBytes: row.quota_bytes,
  }));
}

async function forwarders(tx: Tx, node: NodeId): Promise<ForwarderWish[]> {
  const rows = await localDomains(tx, node)
    .innerJoin('forwarder', 'forwarder.domain_id', 'domain.id')
    .selectAll('forwarder')
    .orderBy('forwarder.id')
    .execute();
  return rows.map((row): ForwarderWish => {
    const common = { id: row.id, domain: row.domain_id, localPart: row.local_part };
    if (row.kind === 'addresses') return { ...common, kind: 'addresses', to: row.targets ?? [] };
    // The table's check holds these three together.
    if (row.site_id === null || row.command === null || row.argv === null)
      throw new Error(`forwarder ${row.id} is no pipe`);
    return { ...common, kind: 'pipe', site: row.site_id, command: row.command, argv: row.argv };
  });
}

async function tombstones(tx: Tx, node: NodeId): Promise<Tombstone[]> {
  const columns = ['id', 'deleted_at', 'purge_after'] as const;
  const sites = await tx
    .selectFrom('site')
    .select(columns)
    .where('node_id', '=', node)
    .where('deleted_at', 'is not', null)
    .execute();
  const domains = await tx
    .selectFrom('domain')
    .select(columns)
    .where('node_id', '=', node)
    .where('deleted_at', 'is not', null)
    .execute();
  const stone = (kind: Tombstone['kind']) => (row: (typeof sites)[number] | (typeof domains)[number]) => ({
    kind,
    id: row.id,
    deletedAt: row.deleted_at?.getTime() ?? 0,
    purgeAfter: row.purge_after?.getTime() ?? Number.MAX_SAFE_INTEGER,
  });
  return [...sites.map(stone('site')), ...domains.map(stone('domain'))];
}
