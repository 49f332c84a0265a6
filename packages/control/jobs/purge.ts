import { auditSystem } from '../audit.ts';
import type { Context } from '../context.ts';

/**
 * How long a tombstone stays in the desired state after its grace period: every node, also one that was switched off for a
 * while, is to see it and delete the data. What a node finds without a tombstone later, it leaves alone with an alarm.
 */
const TOMBSTONE_DAYS = 30;
const DAY_MS = 86_400_000;

/** Forgets what was deleted long ago: sites, then domains that nothing refers to, then accounts that hold nothing. */
export async function purge(context: Context): Promise<{ sites: number; domains: number; accounts: number }> {
  const before = new Date(context.now().getTime() - TOMBSTONE_DAYS * DAY_MS);
  return await context.db.transaction().execute(async (tx) => {
    const sites = await tx
      .deleteFrom('site')
      .where('purge_after', '<', before)
      .returning(['id', 'name', 'account_id'])
      .execute();
    const domains = await tx
      .deleteFrom('domain')
      .where('purge_after', '<', before)
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom('site_host').select('name').whereRef('site_host.domain_id', '=', 'domain.id'))),
      )
      .returning(['id', 'name', 'account_id'])
      .execute();
    const accounts = await tx
      .deleteFrom('account')
      .where('purge_after', '<', before)
      .where(({ and, not, exists, selectFrom }) =>
        and([
          not(exists(selectFrom('site').select('id').whereRef('site.account_id', '=', 'account.id'))),
          not(exists(selectFrom('domain').select('id').whereRef('domain.account_id', '=', 'account.id'))),
        ]),
      )
      .returning(['id', 'name', 'id as account_id'])
      .execute();
    for (const { id, name, account_id } of [...sites, ...domains, ...accounts]) {
      await auditSystem(context, tx, 'purged', id, { account: account_id, before: { name } });
    }
    return { sites: sites.length, domains: domains.length, accounts: accounts.length };
  });
}
