import type { FastifyInstance } from 'fastify';
import type { Selectable } from 'kysely';
import { allowSupport, endSupport, listSupport, type SupportAccess, startSupport } from '#contract/api/support.ts';
import type { JsonObject } from '#model/audit/canonical.ts';
import { HofjeError } from '#model/error.ts';
import { type AccountId, makeId, type SupportId } from '#model/id.ts';
import { liveAccount } from '../account/queries.ts';
import { audit } from '../audit.ts';
import { hasRole, objectOf } from '../auth/admitted.ts';
import type { Context } from '../context.ts';
import type { Db, Tx } from '../database/connect.ts';
import type { SupportAccessTable } from '../database/tables.ts';
import { personInSession } from '../entrance/who.ts';
import { serve } from '../http/serve.ts';

type SupportRow = Selectable<SupportAccessTable> & { readonly name: string };

const MINUTES_DEFAULT = 60;
const SHOWN_MAX = 100;

/** An operator looks into somebody's account: with a reason, for a time, and for its people to see. */
export function supportRoutes(app: FastifyInstance, context: Context): void {
  const { db } = context;

  serve(app, startSupport, async ({ body }, request) => {
    const account = objectOf(request, 'account');
    const { person, via } = personInSession(request);
    const now = context.now();
    return await db.transaction().execute(async (tx) => {
      await liveAccount(tx, account);
      if (via.support !== null) await end(context, tx, via.support.id);
      const id = makeId('support', context.random(20));
      await tx
        .insertInto('support_access')
        .values({
          id,
          person_id: person,
          account_id: account,
          reason: body.reason,
          created_at: now,
          expires_at: new Date(now.getTime() + (body.minutes ?? MINUTES_DEFAULT) * 60_000),
          ended_at: null,
          allowed_by: null,
        })
        .execute();
      await tx.updateTable('session').set({ support_access_id: id }).where('id', '=', via.session).execute();
      const row = await findAccess(tx, account, id);
      await audit(tx, request, id, { account, after: recordOf(row) });
      return show(row);
    });
  });

  serve(app, listSupport, async (_input, request) => {
    const rows = await accesses(db, objectOf(request, 'account'))
      .orderBy('support_access.created_at', 'desc')
      .orderBy('support_access.id')
      .limit(SHOWN_MAX)
      .execute();
    return { items: rows.map(show) };
  });

  serve(app, endSupport, async ({ params }, request) => {
    const account = objectOf(request, 'account');
    return await db.transaction().execute(async (tx) => {
      const before = await findAccess(tx, account, params.access as SupportId);
      const isOwn = request.caller.kind === 'person' && request.caller.person === before.person_id;
      if (!isOwn && !hasRole(request, 'owner', 'administrator')) {
        throw new HofjeError('auth.refused', 'It is the access of somebody else.', { field: 'access' });
      }
      await end(context, tx, before.id);
      const row = await findAccess(tx, account, before.id);
      await audit(tx, request, row.id, { account, before: recordOf(before), after: recordOf(row) });
      return show(row);
    });
  });

  serve(app, allowSupport, async ({ params, body }, request) => {
    const account = objectOf(request, 'account');
    const by = request.caller.kind === 'person' ? request.caller.person : null;
    return await db.transaction().execute(async (tx) => {
      const before = await findAccess(tx, account, params.access as SupportId);
      if (before.ended_at !== null || before.expires_at <= context.now()) {
        throw new HofjeError('support.over', 'Nobody looks on by this any more.', { field: 'access' });
      }
      await tx
        .updateTable('support_access')
        .set({ writes: body.writes, allowed_by: by })
        .where('id', '=', before.id)
        .execute();
      const row = await findAccess(tx, account, before.id);
      await audit(tx, request, row.id, { account, before: recordOf(before), after: recordOf(row) });
      return show(row);
    });
  });
}

function accesses(db: Db, account: AccountId) {
  return db
    .selectFrom('support_access')
    .innerJoin('person', 'person.id', 'support_access.person_id')
    .selectAll('support_access')
    .select('person.name')
    .where('support_access.account_id', '=', account);
}

/** Locked until the end of the transaction. Throws `support.not-found`. */
async function findAccess(tx: Tx, account: AccountId, id: SupportId): Promise<SupportRow> {
  const row = await accesses(tx, account)
    .where('support_access.id', '=', id)
    .forUpdate('support_access')
    .executeTakeFirst();
  if (row === undefined) throw new HofjeError('support.not-found', `There is no access ${id}.`, { field: 'access' });
  return row;
}

async function end(context: Context, tx: Tx, id: SupportId): Promise<void> {
  await tx
    .updateTable('support_access')
    .set({ ended_at: context.now() })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .execute();
}

function show(row: SupportRow): SupportAccess {
  return {
    id: row.id,
    account: row.account_id,
    person: row.person_id,
    name: row.name,
    reason: row.reason,
    writes: row.writes,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    allowedBy: row.allowed_by,
  };
}

function recordOf({ reason, writes, expires_at, ended_at }: SupportRow): JsonObject {
  return { reason, writes, expiresAt: expires_at.toISOString(), endedAt: ended_at?.toISOString() ?? null };
}
