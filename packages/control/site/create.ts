import type { FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import type { createSite } from '#contract/api/site.ts';
import { checkHoldable, parseHostName } from '#model/domain/name.ts';
import { makeId, type SiteId } from '#model/id.ts';
import { liveAccount } from '../account/queries.ts';
import { audit } from '../audit.ts';
import { objectOf, sightOf } from '../auth/admitted.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../database/connect.ts';
import { lockClaims } from '../domain/claim.ts';
import { overrideIn } from '../domain/override.ts';
import { findSeenImage } from '../image/queries.ts';
import { chooseNode, findSeenNode } from '../node/queries.ts';
import { choosePlan, findPlan, PLAN_DEFAULT } from '../plan/routes.ts';
import { bumpRevision } from '../state/revision.ts';
import { addHost, parseAliases } from './host.ts';
import { siteRecord } from './queries.ts';

export const IMAGE_DEFAULT = 'site-php8.2';

/** Makes a site with its domain, in the caller's transaction. */
export async function makeSite(
  context: Context,
  tx: Tx,
  request: FastifyRequest,
  body: Static<typeof createSite.body>,
): Promise<SiteId> {
  const name = parseHostName(body.domain, 'domain');
  checkHoldable(name, context.config.platformNames, 'domain');
  const aliases = parseAliases(body.aliases ?? [], name);
  await lockClaims(tx);
  const account = await liveAccount(tx, objectOf(request, 'account'));
  const plan = await findPlan(tx, await choosePlan(tx, request, account.id, body.plan ?? PLAN_DEFAULT));
  const image = await findSeenImage(tx, sightOf(request, 'site'), body.image ?? IMAGE_DEFAULT, 'site-');
  const node = body.node === undefined ? await chooseNode(tx) : await findSeenNode(tx, request, body.node);
  const override = overrideIn(request, body.overrideReason);

  const id = makeId('site', context.random(20));
  // The node's row comes last, here as everywhere: whoever locks in one order never waits in a circle.
  await tx
    .insertInto('site')
    .values({ id, account_id: account.id, node_id: node.id, plan: plan.name, image: image.digest, name, revision: 0 })
    .execute();
  const common = {
    account: account.id,
    node: node.id,
    site: id,
    mailLimitBytes: plan.limits.mailBytes,
    override,
  };
  await addHost(context, tx, { ...common, name, role: 'primary', field: 'domain' });
  for (const alias of aliases) await addHost(context, tx, { ...common, name: alias, role: 'alias', field: 'aliases' });
  const revision = await bumpRevision(tx, node.id);
  const row = await tx
    .updateTable('site')
    .set({ revision })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
  const after = { ...siteRecord(row), aliases, overrideReason: body.overrideReason };
  await audit(tx, request, id, { account: account.id, site: id, after });
  return id;
}
