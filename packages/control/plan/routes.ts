import type { FastifyInstance, FastifyRequest } from 'fastify';
import { listPlans, putPlan } from '#contract/api/plan.ts';
import { HofjeError } from '#model/error.ts';
import type { AccountId } from '#model/id.ts';
import { PLANS } from '#model/plan/plan.ts';
import { EVERYTHING, NOTHING, type Visibility } from '#model/right/visibility.ts';
import { audit } from '../audit.ts';
import { hasRole, sightOf } from '../auth/admitted.ts';
import { runBySeenSite } from '../auth/visible.ts';
import type { Context } from '../context.ts';
import type { Db } from '../database/connect.ts';
import { serve } from '../http/serve.ts';
import { bumpRevisions } from '../state/revision.ts';

export const PLAN_DEFAULT = 'small';

export function planRoutes(app: FastifyInstance, context: Context): void {
  serve(app, listPlans, async (_input, request) => ({
    items: await seenPlans(context.db, sightOf(request, 'site')).orderBy('name').execute(),
  }));

  serve(app, putPlan, async ({ params, body }, request) => {
    return await context.db.transaction().execute(async (tx) => {
      const limits = JSON.stringify(body.limits);
      const old = await tx
        .selectFrom('plan')
        .select(['limits', 'orderable'])
        .where('name', '=', params.plan)
        .executeTakeFirst();
      const orderable = body.orderable ?? old?.orderable ?? false;
      await tx
        .insertInto('plan')
        .values({ name: params.plan, limits, orderable })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ limits, orderable }))
        .execute();
      const concerned = await tx
        .selectFrom('site')
        .select('node_id')
        .distinct()
        .where('plan', '=', params.plan)
        .execute();
      await bumpRevisions(
        tx,
        concerned.map((row) => row.node_id),
      );
      const before = old && { ...old.limits, orderable: old.orderable };
      await audit(tx, request, params.plan, { ...(before && { before }), after: { ...body.limits, orderable } });
      return { name: params.plan, limits: body.limits, orderable };
    });
  });
}

/** The plans of a new installation; plans that exist stay as they are. */
export async function seedPlans(db: Db): Promise<void> {
  const rows = PLANS.map(({ name, limits }) => ({
    name,
    limits: JSON.stringify(limits),
    orderable: name === PLAN_DEFAULT,
  }));
  await db
    .insertInto('plan')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function findPlan(db: Db, name: string) {
  const row = await db.selectFrom('plan').selectAll().where('name', '=', name).executeTakeFirst();
  if (row === undefined) throw noPlan(name);
  return row;
}

/** The name of a plan that whoever asks may give to a site of an account. Throws `plan.not-found`. */
export async function choosePlan(db: Db, request: FastifyRequest, account: AccountId, name: string): Promise<string> {
  const ofAccount: Visibility = { ...NOTHING, accounts: [account] };
  const visibility = hasRole(request, 'administrator') ? EVERYTHING : ofAccount;
  const row = await seenPlans(db, visibility).where('name', '=', name).executeTakeFirst();
  if (row === undefined) throw noPlan(name);
  return row.name;
}

/** The plans that customers may choose, and those that sites which are seen have; all, for operators. */
function seenPlans(db: Db, visibility: Visibility) {
  const plans = db.selectFrom('plan').select(['name', 'limits', 'orderable']);
  if (visibility.all) return plans;
  return plans.where(({ or, eb }) => or([eb('orderable', '=', true), runBySeenSite('plan', 'plan.name', visibility)]));
}

function noPlan(name: string): HofjeError {
  return new HofjeError('plan.not-found', `There is no plan ${name}.`, { field: 'plan' });
}
