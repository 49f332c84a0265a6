import type { FastifyInstance } from 'fastify';
import { changeSite, createSite, getSite, listSites, SiteLogsAnswer, siteLogs } from '#contract/api/site.ts';
import { EVERYTHING } from '#model/right/visibility.ts';
import { findAccount } from '../account/queries.ts';
import { demandRole, objectOf, sightOf } from '../auth/admitted.ts';
import { HOLDS } from '../auth/groups.ts';
import type { Context } from '../context.ts';
import { createOnce } from '../http/once.ts';
import { makePage, PAGE_DEFAULT, readCursor } from '../http/page.ts';
import { serve } from '../http/serve.ts';
import { findSeenImage } from '../image/queries.ts';
import { askNode } from '../link/question.ts';
import { findSeenNode } from '../node/queries.ts';
import { choosePlan } from '../plan/routes.ts';
import { changeSiteRow, showSettled } from './change.ts';
import { makeSite } from './create.ts';
import { liveSite, lockSite, showOne, showSites, sitePage } from './queries.ts';

const LOG_LINES_DEFAULT = 200;

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

  serve(app, listSites, async ({ query }, request) => {
    const limit = query?.limit ?? PAGE_DEFAULT;
    const account =
      query?.account === undefined
        ? {}
        : { account: (await findAccount(db, sightOf(request, 'account'), query.account)).id };
    const node = query?.node === undefined ? {} : { node: (await findSeenNode(db, request, query.node)).id };
    const filter = { deleted: query?.deleted ?? false, after: readCursor(query?.cursor), limit, ...account, ...node };
    const rows = await sitePage(db, sightOf(request, 'site'), filter).execute();
    const shown = new Map((await showSites(db, rows)).map((site) => [site.id, site]));
    const { items, next } = makePage(
      rows,
      limit,
      (row) => ({ key: row.name, id: row.id }),
      (row) => shown.get(row.id),
    );
    return { items: items.filter((site) => site !== undefined), next };
  });

  serve(app, getSite, async (_input, request) => await showOne(db, objectOf(request, 'site')));

  serve(app, changeSite, async ({ query, body }, request) => {
    const id = objectOf(request, 'site');
    const { plan, image, redirectToHttps } = body;
    if (plan !== undefined) demandRole(request, HOLDS, 'plan');
    const about = { request, wait: query?.wait ?? false };
    return await changeSiteRow(context, id, about, async (tx, site) => ({
      ...(plan === undefined ? {} : { plan: await choosePlan(tx, request, site.account_id, plan) }),
      ...(image === undefined
        ? {}
        : { image: (await findSeenImage(tx, sightOf(request, 'site'), image, 'site-')).digest }),
      ...(redirectToHttps === undefined ? {} : { redirect_to_https: redirectToHttps }),
    }));
  });

  serve(app, siteLogs, async ({ query }, request) => {
    const site = await liveSite(db, EVERYTHING, objectOf(request, 'site'));
    const question = { ask: 'site-logs', site: site.id, lines: query?.lines ?? LOG_LINES_DEFAULT } as const;
    const { text } = await askNode(context, request, site.node_id, question, SiteLogsAnswer);
    return { lines: text === '' ? [] : text.replace(/\n$/, '').split('\n') };
  });
}
