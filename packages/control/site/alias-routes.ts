import type { FastifyInstance } from 'fastify';
import { addAlias, removeAlias } from '#contract/api/site.ts';
import { parseHostName } from '#model/domain/name.ts';
import { HofjeError } from '#model/error.ts';
import { audit } from '../audit.ts';
import { objectOf } from '../auth/admitted.ts';
import type { Context } from '../context.ts';
import { lockClaims } from '../domain/claim.ts';
import { overrideIn } from '../domain/override.ts';
import { createOnce } from '../http/once.ts';
import { serve } from '../http/serve.ts';
import { findPlan } from '../plan/routes.ts';
import { bumpRevision } from '../state/revision.ts';
import { changeSiteRow, showSettled } from './change.ts';
import { addHost } from './host.ts';
import { checkLive, lockSite } from './queries.ts';

/** The names of a site beside its first one. */
export function siteAliasRoutes(app: FastifyInstance, context: Context): void {
  serve(app, addAlias, async ({ query, body }, request) => {
    const name = parseHostName(body.name, 'name');
    const id = objectOf(request, 'site');
    const override = overrideIn(request, body.overrideReason);
    const made = await createOnce(context, request, async (tx) => {
      await lockClaims(tx);
      const site = await lockSite(tx, id);
      checkLive(site);
      const plan = await findPlan(tx, site.plan);
      await addHost(context, tx, {
        account: site.account_id,
        node: site.node_id,
        site: id,
        name,
        role: 'alias',
        mailLimitBytes: plan.limits.mailBytes,
        override,
        field: 'name',
      });
      const revision = await bumpRevision(tx, site.node_id);
      await tx
        .updateTable('site')
        .set({ revision, version: site.version + 1 })
        .where('id', '=', id)
        .execute();
      const after = { alias: name, overrideReason: body.overrideReason, version: site.version + 1 };
      await audit(tx, request, id, { account: site.account_id, site: id, after });
      return { node: site.node_id, revision };
    });
    return await showSettled(context, id, query?.wait ?? false, made.revision, made.node);
  });

  serve(app, removeAlias, async ({ params, query }, request) => {
    const name = parseHostName(params.name, 'name');
    const id = objectOf(request, 'site');
    return await changeSiteRow(
      context,
      id,
      { request, wait: query?.wait ?? false, removes: { alias: name } },
      async (tx, site) => {
        if (site.name === name) {
          throw new HofjeError('site.primary-name', 'A site keeps its first name.', { field: 'name' });
        }
        const removed = await tx
          .deleteFrom('site_host')
          .where('site_id', '=', id)
          .where('name', '=', name)
          .returning('name')
          .executeTakeFirst();
        if (removed === undefined) {
          throw new HofjeError('alias.not-found', `The site has no alias ${name}.`, { field: 'name' });
        }
        return {};
      },
    );
  });
}
