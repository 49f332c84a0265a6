import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import {
  addAlias,
  changeSite,
  createSite,
  deleteSite,
  getSite,
  listSites,
  putTls,
  removeAlias,
  removeTls,
  restoreSite,
  resumeSite,
  SiteLogsAnswer,
  siteLogs,
  sleepSite,
  suspendSite,
  wakeSite,
} from '#contract/api/site.ts';
import { parseHostName } from '#model/domain/name.ts';
import { HofjeError } from '#model/error.ts';
import { findAccount, liveAccount } from '../account/queries.ts';
import { audit } from '../audit.ts';
import { callerName } from '../auth/caller.ts';
import type { Context } from '../context.ts';
import { lockClaims } from '../domain/claim.ts';
import { graceOf } from '../grace.ts';
import { createOnce } from '../http/once.ts';
import { makePage, PAGE_DEFAULT, readCursor } from '../http/page.ts';
import { serve } from '../http/serve.ts';
import { findImage } from '../image/queries.ts';
import { askNode } from '../link/question.ts';
import { findNode } from '../node/queries.ts';
import { isCovered } from '../pki/cover.ts';
import { readTlsPair } from '../pki/tls-pair.ts';
import { findPlan } from '../plan/routes.ts';
import { bumpRevision } from '../state/revision.ts';
import { awaitSiteState } from '../state/settle.ts';
import { changeSiteRow, showSettled } from './change.ts';
import { makeSite } from './create.ts';
import { addHost, reviveHosts } from './host.ts';
import { checkLive, findSite, liveSite, lockSite, showOne, showSites, sitePage } from './queries.ts';

const LOG_LINES_DEFAULT = 200;
const WAKE_TIMEOUT_MS = 60_000;

export function siteRoutes(app: FastifyInstance, context: Context): void {
  const { db } = context;

  serve(app, createSite, async ({ body, query }, request) => {
    const made = await createOnce(context, request, async (tx) => {
      const id = await makeSite(context, tx, request, body);
      const { node_id, revision } = await lockSite(tx, id);
      return { id, node: node_id, revision };
    });
    return await showSettled(context, made.id, query?.wait ?? false, made.revision, made.node);
  });

  serve(app, listSites, async ({ query }) => {
    const limit = query?.limit ?? PAGE_DEFAULT;
    const account = query?.account === undefined ? {} : { account: (await findAccount(db, query.account)).id };
    const node = query?.node === undefined ? {} : { node: (await findNode(db, query.node)).id };
    const filter = { deleted: query?.deleted ?? false, after: readCursor(query?.cursor), limit, ...account, ...node };
    const rows = await sitePage(db, filter).execute();
    const shown = new Map((await showSites(db, rows)).map((site) => [site.id, site]));
    const { items, next } = makePage(
      rows,
      limit,
      (row) => ({ key: row.name, id: row.id }),
      (row) => shown.get(row.id),
    );
    return { items: items.filter((site) => site !== undefined), next };
  });

  serve(app, getSite, async ({ params }) => await showOne(db, (await findSite(db, params.site)).id));

  serve(app, changeSite, async ({ params, query, body }, request) => {
    const { id } = await liveSite(db, params.site);
    const { plan, image, redirectToHttps } = body;
    const about = { request, wait: query?.wait ?? false, detail: { plan, image, redirectToHttps } };
    return await changeSiteRow(context, id, about, async (tx) => ({
      ...(plan === undefined ? {} : { plan: (await findPlan(tx, plan)).name }),
      ...(image === undefined ? {} : { image: (await findImage(tx, image, 'site-')).digest }),
      ...(redirectToHttps === undefined ? {} : { redirect_to_https: redirectToHttps }),
    }));
  });

  for (const [endpoint, suspended] of [
    [suspendSite, true],
    [resumeSite, false],
  ] as const) {
    serve(app, endpoint, async ({ params, query }, request) => {
      const { id } = await liveSite(db, params.site);
      return await changeSiteRow(context, id, { request, wait: query?.wait ?? false }, async () => ({ suspended }));
    });
  }

  serve(app, deleteSite, async ({ params, query }, request) => {
    const { id } = await liveSite(db, params.site);
    return await changeSiteRow(context, id, { request, wait: query?.wait ?? false }, async (tx) => {
      const { deletedAt, purgeAfter } = graceOf(context, query?.grace);
      await tx.updateTable('site_host').set({ live: false }).where('site_id', '=', id).execute();
      return { deleted_at: deletedAt, purge_after: purgeAfter };
    });
  });

  serve(app, restoreSite, async ({ params, query }, request) => {
    const { id } = await findSite(db, params.site);
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

  for (const [endpoint, ask, states] of [
    [sleepSite, 'site-stop', ['asleep']],
    [wakeSite, 'site-wake', ['running', 'failed']],
  ] as const) {
    serve(app, endpoint, async ({ params }, request) => {
      const { id, node_id, revision } = await liveSite(db, params.site);
      await askNode(context, request, node_id, { ask, site: id }, Type.Unknown(), WAKE_TIMEOUT_MS);
      // The node's answer may be ahead of its report.
      await awaitSiteState(context, { node: node_id, site: id, revision }, states);
      return await showOne(db, id);
    });
  }

  serve(app, siteLogs, async ({ params, query }, request) => {
    const site = await liveSite(db, params.site);
    const question = { ask: 'site-logs', site: site.id, lines: query?.lines ?? LOG_LINES_DEFAULT } as const;
    const { text } = await askNode(context, request, site.node_id, question, SiteLogsAnswer);
    return { lines: text === '' ? [] : text.replace(/\n$/, '').split('\n') };
  });

  serve(app, addAlias, async ({ params, query, body }, request) => {
    const name = parseHostName(body.name, 'name');
    const { id } = await liveSite(db, params.site);
    const override =
      body.overrideReason === undefined ? undefined : { reason: body.overrideReason, by: callerName(request.caller) };
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
      await audit(tx, request, id, { name, overrideReason: body.overrideReason });
      return { node: site.node_id, revision };
    });
    return await showSettled(context, id, query?.wait ?? false, made.revision, made.node);
  });

  serve(app, removeAlias, async ({ params, query }, request) => {
    const name = parseHostName(params.name, 'name');
    const { id } = await liveSite(db, params.site);
    return await changeSiteRow(
      context,
      id,
      { request, wait: query?.wait ?? false, detail: { name } },
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

  serve(app, putTls, async ({ params, query, body }, request) => {
    const { id } = await liveSite(db, params.site);
    const pair = readTlsPair(body.chain, body.key, context.now());
    const about = { request, wait: query?.wait ?? false, detail: { names: pair.names, notAfter: pair.notAfter } };
    return await changeSiteRow(context, id, about, async (_tx, site) => {
      if (!isCovered(site.name, pair.names)) {
        throw new HofjeError('tls.name-not-covered', `The certificate is not for ${site.name}.`, { field: 'chain' });
      }
      return {
        tls_chain: pair.chain,
        tls_key: context.seal.seal(pair.key),
        tls_names: [...pair.names],
        tls_not_after: pair.notAfter,
      };
    });
  });

  serve(app, removeTls, async ({ params, query }, request) => {
    const { id } = await liveSite(db, params.site);
    return await changeSiteRow(context, id, { request, wait: query?.wait ?? false }, async () => ({
      tls_chain: null,
      tls_key: null,
      tls_names: null,
      tls_not_after: null,
    }));
  });
}
