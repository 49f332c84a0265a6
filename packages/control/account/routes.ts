import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import {
  changeAccount,
  createAccount,
  deleteAccount,
  getAccount,
  listAccounts,
  restoreAccount,
} from '#contract/api/account.ts';
import { HofjeError } from '#model/error.ts';
import { type AccountId, type DomainId, isId, makeId, type NodeId } from '#model/id.ts';
import { parseForeignAddress } from '#model/mail/address.ts';
import { EVERYTHING } from '#model/right/visibility.ts';
import { audit, auditEach, type Change, type ObjectChange } from '../audit.ts';
import { objectOf, sightOf } from '../auth/admitted.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../database/connect.ts';
import { lockClaims } from '../domain/claim.ts';
import { graceOf } from '../grace.ts';
import { createOnce } from '../http/once.ts';
import { makePage, PAGE_DEFAULT, readCursor } from '../http/page.ts';
import { serve } from '../http/serve.ts';
import { checkVersion } from '../http/version.ts';
import { bumpRevisions } from '../state/revision.ts';
import { deleteHoldings, type Holding, restoreHoldings } from './holdings.ts';
import { type AccountRow, accountPage, findAccount, liveAccount, showAccount } from './queries.ts';

export function accountRoutes(app: FastifyInstance, context: Context): void {
  const { db } = context;

  serve(app, createAccount, async ({ body }, request) => {
    const email = parseForeignAddress(body.email, 'email');
    return await createOnce(context, request, async (tx) => {
      const row = await tx
        .insertInto('account')
        .values({ id: makeId('account', context.random(20)), name: body.name, email })
        .returningAll()
        .executeTakeFirstOrThrow();
      await audit(tx, request, row.id, { account: row.id, after: showAccount(row) });
      return showAccount(row);
    });
  });

  serve(app, listAccounts, async ({ query }, request) => {
    const limit = query?.limit ?? PAGE_DEFAULT;
    const filter = { deleted: query?.deleted ?? false, after: readCursor(query?.cursor), limit };
    const rows = await accountPage(db, sightOf(request, 'account'), filter).execute();
    return makePage(rows, limit, (row) => ({ key: row.name, id: row.id }), showAccount);
  });

  serve(app, getAccount, async (_input, request) =>
    showAccount(await findAccount(db, EVERYTHING, objectOf(request, 'account'))),
  );

  serve(app, changeAccount, async ({ body }, request) => {
    const email = parseForeignAddress(body.email, 'email');
    return await db.transaction().execute(async (tx) => {
      const account = await lockAccount(tx, (await liveAccount(tx, objectOf(request, 'account'))).id);
      checkVersion(request, account.version);
      const changed = await updateAccount(tx, account.id, { email });
      await audit(tx, request, account.id, auditOf(account, changed));
      return showAccount(changed);
    });
  });

  serve(app, deleteAccount, async ({ query }, request) => {
    return await db.transaction().execute(async (tx) => {
      await lockClaims(tx);
      const account = await lockAccount(tx, (await liveAccount(tx, objectOf(request, 'account'))).id);
      checkVersion(request, account.version);
      const { deletedAt, purgeAfter } = graceOf(context, request, query?.grace);
      const holdings = await deleteHoldings(tx, account.id, deletedAt, purgeAfter);
      await bumpRevisions(tx, nodesOf(holdings));
      const deleted = await updateAccount(tx, account.id, { deleted_at: deletedAt, purge_after: purgeAfter });
      await audit(tx, request, account.id, auditOf(account, deleted));
      await auditEach(tx, request, changesOf(holdings, account, deleted));
      return showAccount(deleted);
    });
  });

  serve(app, restoreAccount, async (_input, request) => {
    return await db.transaction().execute(async (tx) => {
      await lockClaims(tx);
      const account = await lockAccount(tx, objectOf(request, 'account'));
      checkVersion(request, account.version);
      if (account.deleted_at === null || account.purge_after === null) {
        throw new HofjeError('account.not-deleted', 'The account is not deleted.', { field: 'account' });
      }
      if (account.purge_after <= context.now()) {
        throw new HofjeError('account.purged', 'Its grace period is over.', { field: 'account' });
      }
      const restored = await updateAccount(tx, account.id, { deleted_at: null, purge_after: null });
      const holdings = await restoreHoldings(context, tx, account.id);
      await bumpRevisions(tx, nodesOf(holdings));
      await audit(tx, request, account.id, auditOf(account, restored));
      await auditEach(tx, request, changesOf(holdings, account, restored));
      return showAccount(restored);
    });
  });
}

function auditOf(before: AccountRow, after: AccountRow): Change {
  return { account: after.id, before: showAccount(before), after: showAccount(after) };
}

function nodesOf(holdings: readonly Holding[]): NodeId[] {
  return holdings.map((holding) => holding.node_id);
}

/** What went, or came back, with an account, each by itself. */
function changesOf(holdings: readonly Holding[], before: AccountRow, after: AccountRow): ObjectChange[] {
  const stone = ({ deleted_at, purge_after }: AccountRow) => ({
    deletedAt: deleted_at?.toISOString() ?? null,
    purgeAfter: purge_after?.toISOString() ?? null,
  });
  return holdings.map(({ id, version }) => ({
    object: id,
    account: after.id,
    ...(isId('site', id) ? { site: id } : { domain: id as DomainId }),
    before: { ...stone(before), version: version - 1 },
    after: { ...stone(after), version },
  }));
}

async function lockAccount(tx: Tx, id: AccountId): Promise<AccountRow> {
  return await tx.selectFrom('account').selectAll().where('id', '=', id).forNoKeyUpdate().executeTakeFirstOrThrow();
}

async function updateAccount(
  tx: Tx,
  id: AccountId,
  set: { email?: string; deleted_at?: Date | null; purge_after?: Date | null },
): Promise<AccountRow> {
  return await tx
    .updateTable('account')
    .set({ ...set, version: sql<number>`version + 1` })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}
