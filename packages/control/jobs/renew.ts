import type { Context } from '../context.ts';
import { bumpRevision } from '../state/revision.ts';

const RENEW_BEFORE_MS = 30 * 86_400_000;
/** So many certificates in one transaction and in one new state of the nodes. */
const BATCH = 200;

/** Makes new certificates for host names whose own one ends within a month. */
export async function renewHostCertificates(context: Context): Promise<{ renewed: number }> {
  let renewed = 0;
  for (;;) {
    const count = await renewBatch(context);
    renewed += count;
    if (count < BATCH) return { renewed };
  }
}

async function renewBatch(context: Context): Promise<number> {
  return await context.db.transaction().execute(async (tx) => {
    const hosts = await tx
      .selectFrom('site_host')
      .innerJoin('site', 'site.id', 'site_host.site_id')
      .select(['site_host.site_id', 'site_host.name', 'site.node_id'])
      .where('site_host.own_not_after', '<', new Date(context.now().getTime() + RENEW_BEFORE_MS))
      .where('site_host.live', '=', true)
      .orderBy('site_host.own_not_after')
      .limit(BATCH)
      .forUpdate('site_host')
      .execute();
    for (const host of hosts) {
      const certificate = await context.pki.makeSite(host.name, context.now());
      await tx
        .updateTable('site_host')
        .set({
          own_chain: certificate.chain,
          own_key: context.seal.seal(certificate.key),
          own_not_after: certificate.notAfter,
        })
        .where('site_id', '=', host.site_id)
        .where('name', '=', host.name)
        .execute();
    }
    for (const node of [...new Set(hosts.map((host) => host.node_id))].sort()) await bumpRevision(tx, node);
    return hosts.length;
  });
}
