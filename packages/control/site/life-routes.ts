import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { deleteSite, restoreSite, resumeSite, sleepSite, suspendSite, wakeSite } from '#contract/api/site.ts';
import { HofjeError } from '#model/error.ts';
import { EVERYTHING } from '#model/right/visibility.ts';
import { liveAccount } from '../account/queries.ts';
import { audit } from '../audit.ts';
import { hasRole, objectOf } from '../auth/admitted.ts';
import type { Context } from '../context.ts';
import { graceOf } from '../grace.ts';
import { serve } from '../http/serve.ts';
import { askNode } from '../link/question.ts';
import { awaitSiteReport } from '../state/settle.ts';
import { changeSiteRow } from './change.ts';
import { reviveHosts } from './host.ts';
import { liveSite, showOne } from './queries.ts';

/** As of contract/agent; a newer node may say more. */
const CarriedOut = Type.Object({ at: Type.Number() });
const WAKE_TIMEOUT_MS = 60_000;

/** A site is suspended and resumed, deleted and restored, put to sleep and woken. */
export function siteLifeRoutes(app: FastifyInstance, context: Context): void {
  const { db } = context;

  serve(app, suspendSite, async ({ query }, request) => {
    const by = hasRole(request, 'administrator') ? 'operator' : 'account';
    const about = { request, wait: query?.wait ?? false };
    return await changeSiteRow(context, objectOf(request, 'site'), about, async (_tx, site) => ({
      suspended: true,
      // An operator's word is not weakened by a second one.
      suspended_by: site.suspended_by === 'operator' ? 'operator' : by,
    }));
  });

  serve(app, resumeSite, async ({ query }, request) => {
    const about = { request, wait: query?.wait ?? false };
    return await changeSiteRow(context, objectOf(request, 'site'), about, async (_tx, site) => {
      if (site.suspended_by === 'operator' && !hasRole(request, 'administrator')) {
        throw new HofjeError('auth.refused', 'An operator has suspended the site.', {
          field: 'site',
          hint: 'Ask why.',
        });
      }
      return { suspended: false, suspended_by: null };
    });
  });

  serve(app, deleteSite, async ({ query }, request) => {
    const id = objectOf(request, 'site');
    return await changeSiteRow(context, id, { request, wait: query?.wait ?? false }, async (tx) => {
      const { deletedAt, purgeAfter } = graceOf(context, request, query?.grace);
      await tx.updateTable('site_host').set({ live: false }).where('site_id', '=', id).execute();
      return { deleted_at: deletedAt, purge_after: purgeAfter };
    });
  });

  serve(app, restoreSite, async ({ query }, request) => {
    const id = objectOf(request, 'site');
    return await changeSiteRow(
      context,
      id,
      { request, wait: query?.wait ?? false, claims: true, restores: true },
      async (tx, site) => {
        // Its account must live; and its names may have gone to another site of the account meanwhile (`site.name-taken`).
        await liveAccount(tx, site.account_id);
        await reviveHosts(tx, site);
        return { deleted_at: null, deleted_with: null, purge_after: null };
      },
    );
  });

  for (const [endpoint, ask] of [
    [sleepSite, 'site-stop'],
    [wakeSite, 'site-wake'],
  ] as const) {
    serve(app, endpoint, async (_input, request) => {
      const { id, account_id, node_id, revision } = await liveSite(db, EVERYTHING, objectOf(request, 'site'));
      const { at } = await askNode(context, request, node_id, { ask, site: id }, CarriedOut, WAKE_TIMEOUT_MS);
      await audit(db, request, id, { account: account_id, site: id });
      // The node's answer may be ahead of its report.
      await awaitSiteReport(context, { node: node_id, site: id, revision }, at);
      return await showOne(db, id);
    });
  }
}
