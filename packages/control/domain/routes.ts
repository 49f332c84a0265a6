import type { FastifyInstance } from 'fastify';
import {
  addDomain,
  changeDomain,
  getDomain,
  listDomains,
  overrideDomain,
  proveDomain,
  removeDomain,
  restoreDomain,
} from '#contract/api/domain.ts';
import { parseHostName } from '#model/domain/name.ts';
import { HofjeError } from '#model/error.ts';
import { EVERYTHING } from '#model/right/visibility.ts';
import { findAccount, liveAccount } from '../account/queries.ts';
import { audit } from '../audit.ts';
import { demandRole, objectOf, sightOf } from '../auth/admitted.ts';
import { callerName } from '../auth/caller.ts';
import type { Context } from '../context.ts';
import { graceOf } from '../grace.ts';
import { createOnce } from '../http/once.ts';
import { makePage, PAGE_DEFAULT, readCursor } from '../http/page.ts';
import { serve } from '../http/serve.ts';
import { chooseNode, findSeenNode } from '../node/queries.ts';
import { findPlan, PLAN_DEFAULT } from '../plan/routes.ts';
import { bumpRevision } from '../state/revision.ts';
import { withSettled } from '../state/settle.ts';
import { changeDomainRow } from './change.ts';
import { checkEstablishable, claimDomain, lockClaims, mayEstablish } from './claim.ts';
import { overrideIn } from './override.ts';
import { seekProof } from './prove.ts';
import { domainPage, findDomain, liveDomain, showDomain } from './queries.ts';

export function domainRoutes(app: FastifyInstance, context: Context): void {
  const { db } = context;

  serve(app, addDomain, async ({ body, query }, request) => {
    const name = parseHostName(body.name, 'name');
    const override = overrideIn(request, body.overrideReason);
    const made = await createOnce(context, request, async (tx) => {
      await lockClaims(tx);
      const account = await liveAccount(tx, objectOf(request, 'account'));
      const node = body.node === undefined ? await chooseNode(tx) : await findSeenNode(tx, request, body.node);
      const domain = await claimDomain(context, tx, {
        account: account.id,
        node: node.id,
        name,
        mail: body.mail ?? true,
        mailLimitBytes: (await findPlan(tx, PLAN_DEFAULT)).limits.mailBytes,
        override,
        field: 'name',
      });
      const revision = await bumpRevision(tx, node.id);
      await audit(tx, request, domain.id, { account: account.id, domain: domain.id, after: showDomain(domain) });
      return { domain: showDomain(domain), node: node.id, revision };
    });
    return await withSettled(context, made.domain, query?.wait, made);
  });

  serve(app, listDomains, async ({ query }, request) => {
    const limit = query?.limit ?? PAGE_DEFAULT;
    const account =
      query?.account === undefined
        ? {}
        : { account: (await findAccount(db, sightOf(request, 'account'), query.account)).id };
    const filter = { deleted: query?.deleted ?? false, after: readCursor(query?.cursor), limit, ...account };
    const rows = await domainPage(db, sightOf(request, 'domain'), filter).execute();
    return makePage(rows, limit, (row) => ({ key: row.name, id: row.id }), showDomain);
  });

  serve(app, getDomain, async (_input, request) =>
    showDomain(await findDomain(db, EVERYTHING, objectOf(request, 'domain'))),
  );

  serve(app, changeDomain, async ({ query, body }, request) => {
    const id = objectOf(request, 'domain');
    // It is what the plan gives.
    if (body.mailLimitBytes !== undefined) demandRole(request, ['administrator'], 'mailLimitBytes');
    return await changeDomainRow(context, id, { request, wait: query?.wait }, async () => ({
      ...(body.mail === undefined ? {} : { mail: body.mail }),
      ...(body.mailLimitBytes === undefined ? {} : { mail_limit_bytes: body.mailLimitBytes }),
    }));
  });

  serve(app, proveDomain, async ({ query }, request) => {
    const domain = await liveDomain(db, EVERYTHING, objectOf(request, 'domain'));
    // Before the transaction: the DNS may take seconds. The token belongs to this claim for good.
    if (domain.established_at === null) {
      await seekProof(context.config.resolvers, domain.name, domain.proof_token);
    }
    return await changeDomainRow(context, domain.id, { request, wait: query?.wait }, async (tx, locked) => {
      return locked.established_at === null ? await mayEstablish(context, tx, locked, 'dns') : {};
    });
  });

  serve(app, overrideDomain, async ({ query, body }, request) => {
    const id = objectOf(request, 'domain');
    const by = { reason: body.reason, by: callerName(request.caller) };
    return await changeDomainRow(context, id, { request, wait: query?.wait }, async (tx, locked) => {
      if (locked.established_at !== null) {
        throw new HofjeError('domain.established', 'The domain needs no override.', { field: 'domain' });
      }
      return await mayEstablish(context, tx, locked, by);
    });
  });

  serve(app, removeDomain, async ({ query }, request) => {
    const id = objectOf(request, 'domain');
    return await changeDomainRow(context, id, { request, wait: query?.wait }, async (tx) => {
      const host = await tx
        .selectFrom('site_host')
        .innerJoin('site', 'site.id', 'site_host.site_id')
        .select(['site_host.name', 'site.name as site'])
        .where('site_host.domain_id', '=', id)
        .where('site_host.live', '=', true)
        .executeTakeFirst();
      if (host !== undefined) {
        throw new HofjeError('domain.in-use', `The site ${host.site} answers to ${host.name}.`, {
          field: 'domain',
          hint: 'Delete the site, or its alias, first.',
        });
      }
      const { deletedAt, purgeAfter } = graceOf(context, request, query?.grace);
      return { deleted_at: deletedAt, purge_after: purgeAfter };
    });
  });

  serve(app, restoreDomain, async ({ query }, request) => {
    const id = objectOf(request, 'domain');
    return await changeDomainRow(context, id, { request, wait: query?.wait, restores: true }, async (tx, locked) => {
      await liveAccount(tx, locked.account_id);
      if (locked.established_at !== null) await checkEstablishable(tx, locked.account_id, locked.name);
      return { deleted_at: null, deleted_with: null, purge_after: null };
    });
  });
}
