import { parseHostName } from '#model/domain/name.ts';
import { HofjeError } from '#model/error.ts';
import type { AccountId, NodeId, SiteId } from '#model/id.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../database/connect.ts';
import { writeDomain } from '../domain/change.ts';
import { claimDomain, coveringDomain, type DomainRow, mayEstablish, type Override } from '../domain/claim.ts';
import type { SiteRow } from './queries.ts';

export interface HostRequest {
  readonly account: AccountId;
  /** Where the mail of a domain goes that is made on the way. */
  readonly node: NodeId;
  readonly site: SiteId;
  readonly name: string;
  readonly role: 'primary' | 'alias';
  readonly mailLimitBytes: number;
  readonly override: Override | undefined;
  readonly field: string;
}

/**
 * Gives a site a host name, with a certificate of the platform's own. A primary name becomes a domain with mail of its
 * own where it is none; an alias is content with a domain above it, and gets one without mail otherwise. Needs
 * `lockClaims`. Throws what claiming throws, and `site.name-taken`.
 */
export async function addHost(context: Context, tx: Tx, request: HostRequest): Promise<void> {
  await refuseTaken(tx, request);
  const domain = await domainFor(context, tx, request);
  const certificate = await context.pki.makeSite(request.name, context.now());
  await tx
    .insertInto('site_host')
    .values({
      site_id: request.site,
      account_id: request.account,
      domain_id: domain.id,
      name: request.name,
      role: request.role,
      own_chain: certificate.chain,
      own_key: context.seal.seal(certificate.key),
      own_not_after: certificate.notAfter,
    })
    .execute();
}

async function refuseTaken(tx: Tx, { account, site, name, field }: HostRequest): Promise<void> {
  const holder = await tx
    .selectFrom('site_host')
    .select('site_id')
    .where('name', '=', name)
    .where(({ and, eb, or }) =>
      or([eb('site_id', '=', site), and([eb('account_id', '=', account), eb('live', '=', true)])]),
    )
    .executeTakeFirst();
  if (holder !== undefined) {
    throw new HofjeError('site.name-taken', `A site of this account answers to ${name} already.`, { field });
  }
}

async function domainFor(context: Context, tx: Tx, request: HostRequest): Promise<DomainRow> {
  const { account, node, name, override, field, mailLimitBytes } = request;
  const covering = await coveringDomain(tx, account, name);
  const fits = covering !== undefined && (covering.name === name || request.role === 'alias');
  if (!fits) {
    const mail = request.role === 'primary';
    return await claimDomain(context, tx, { account, node, name, mail, mailLimitBytes, override, field });
  }
  if (covering.established_at === null && override !== undefined) {
    return await writeDomain(tx, covering.id, await mayEstablish(context, tx, covering, override));
  }
  return covering;
}

/**
 * Gives a restored site its names back. A domain that was removed and claimed anew in the meantime is another object now:
 * its names move over. Throws `site.name-taken`.
 */
export async function reviveHosts(tx: Tx, site: Pick<SiteRow, 'id' | 'account_id'>): Promise<void> {
  const orphans = await tx
    .selectFrom('site_host')
    .innerJoin('domain', 'domain.id', 'site_host.domain_id')
    .select('site_host.name')
    .where('site_host.site_id', '=', site.id)
    .where('domain.deleted_at', 'is not', null)
    .execute();
  for (const { name } of orphans) {
    const domain = await coveringDomain(tx, site.account_id, name);
    if (domain === undefined) continue;
    await tx
      .updateTable('site_host')
      .set({ domain_id: domain.id })
      .where('site_id', '=', site.id)
      .where('name', '=', name)
      .execute();
  }
  await tx.updateTable('site_host').set({ live: true }).where('site_id', '=', site.id).execute();
}

/** Names as stored, each once. */
export function parseAliases(names: readonly string[], primary: string): string[] {
  const parsed = names.map((name, index) => parseHostName(name, `aliases.${index}`));
  return [...new Set(parsed)].filter((name) => name !== primary);
}
