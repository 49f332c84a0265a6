import type { FastifyInstance } from 'fastify';
import { listPlans, putPlan } from '#contract/api/plan.ts';
import { HofjeError } from '#model/error.ts';
import { PLANS } from '#model/plan/plan.ts';
import { audit } from '../audit.ts';
import type { Context } from '../context.ts';
import type { Db } from '../database/connect.ts';
import { serve } from '../http/serve.ts';
import { bumpRevisions } from '../state/revision.ts';

export const PLAN_DEFAULT = 'small';

export function planRoutes(app: FastifyInstance, context: Context): void {
  serve(app, listPlans, async () => ({
    items: await context.db.selectFrom('plan').select(['name', 'limits']).orderBy('name').execute(),
  }));

  serve(app, putPlan, async ({ params, body }, request) => {
    return await context.db.transaction().execute(async (tx) => {
      const limits = JSON.stringify(body.limits);
      const old = await tx.selectFrom('plan').select('limits').where('name', '=', params.plan).executeTakeFirst();
      await tx
        .insertInto('plan')
        .values({ name: params.plan, limits })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ limits }))
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
      await audit(tx, request, params.plan, { ...(old && { before: { ...old.limits } }), after: { ...body.limits } });
      return { name: params.plan, limits: body.limits };
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
  if (row === undefined) throw new HofjeError('plan.not-found', `There is no plan ${name}.`, { field: 'plan' });
  return row;
}
