import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sql } from 'kysely';
import {
  changeForwarder,
  createForwarder,
  deleteForwarder,
  type Forwarder,
  getForwarder,
  listForwarders,
} from '#contract/api/forwarder.ts';
import { HofjeError } from '#model/error.ts';
import { type ForwarderId, makeId, type NodeId } from '#model/id.ts';
import { formatAddress, type LocalAddress, parseLocalAddress } from '#model/mail/address.ts';
import { EVERYTHING } from '#model/right/visibility.ts';
import { audit } from '../audit.ts';
import { objectOf, sightOf } from '../auth/admitted.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../database/connect.ts';
import { findDomain } from '../domain/queries.ts';
import { createOnce } from '../http/once.ts';
import { makePage, PAGE_DEFAULT, readCursor } from '../http/page.ts';
import { serve } from '../http/serve.ts';
import { checkVersion } from '../http/version.ts';
import { reserveAddress } from '../mail/address.ts';
import { bumpRevision } from '../state/revision.ts';
import { withSettled } from '../state/settle.ts';
import { type Purpose, placePurpose, readPurpose } from './purpose.ts';
import { type ForwarderRow, findForwarder, forwarderPage, showForwarder } from './queries.ts';

export function forwarderRoutes(app: FastifyInstance, context: Context): void {
  const { db } = context;

  serve(app, createForwarder, async ({ body, query }, request) => {
    const address = parseLocalAddress(body.address);
    const purpose = readPurpose(body);
    const made = await createOnce(context, request, async (tx) => {
      return await makeForwarder(context, tx, request, { address, purpose, site: body.site });
    });
    return await withSettled(context, made.forwarder, query?.wait, made);
  });

  serve(app, listForwarders, async ({ query }, request) => {
    const limit = query?.limit ?? PAGE_DEFAULT;
    const domain =
      query?.domain === undefined
        ? {}
        : { domain: (await findDomain(db, sightOf(request, 'domain'), query.domain)).id };
    const rows = await forwarderPage(db, sightOf(request, 'forwarder'), {
      after: readCursor(query?.cursor),
      limit,
      ...domain,
    }).execute();
    return makePage(rows, limit, (row) => ({ key: row.address, id: row.id }), showForwarder);
  });

  serve(app, getForwarder, async (_input, request) =>
    showForwarder(await findForwarder(db, EVERYTHING, objectOf(request, 'forwarder'))),
  );

  serve(app, changeForwarder, async ({ body, query }, request) => {
    const id = objectOf(request, 'forwarder');
    const purpose = readPurpose(body);
    const changed = await db.transaction().execute(async (tx) => {
      const row = await lockForwarder(tx, id);
      checkVersion(request, row.version);
      const domain = await findDomain(tx, EVERYTHING, row.domain_id);
      const site = body.site ?? row.site_id ?? undefined;
      const values = await placePurpose(tx, request, { domain, address: row.address, purpose, site });
      const after = await tx
        .updateTable('forwarder')
        .set({ ...values, version: sql<number>`version + 1` })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow();
      const revision = await bumpRevision(tx, domain.node_id);
      const states = { before: showForwarder(row), after: showForwarder(after) };
      await audit(tx, request, id, { account: domain.account_id, domain: domain.id, ...states });
      return { forwarder: showForwarder(after), node: domain.node_id, revision };
    });
    return await withSettled(context, changed.forwarder, query?.wait, changed);
  });

  serve(app, deleteForwarder, async ({ query }, request) => {
    const id = objectOf(request, 'forwarder');
    const deleted = await db.transaction().execute(async (tx) => {
      const row = await lockForwarder(tx, id);
      checkVersion(request, row.version);
      await tx.deleteFrom('forwarder').where('id', '=', id).execute();
      const domain = await findDomain(tx, EVERYTHING, row.domain_id);
      const revision = await bumpRevision(tx, domain.node_id);
      await audit(tx, request, id, { account: domain.account_id, domain: domain.id, before: showForwarder(row) });
      return { forwarder: showForwarder(row), node: domain.node_id, revision };
    });
    return await withSettled(context, deleted.forwarder, query?.wait, deleted);
  });
}

interface NewForwarder {
  readonly address: LocalAddress;
  readonly purpose: Purpose;
  readonly site: string | undefined;
}

async function makeForwarder(
  context: Context,
  tx: Tx,
  request: FastifyRequest,
  { address, purpose, site }: NewForwarder,
): Promise<{ forwarder: Forwarder; node: NodeId; revision: number }> {
  const domain = await reserveAddress(tx, address, objectOf(request, 'domain'));
  const text = formatAddress(address);
  const values = await placePurpose(tx, request, { domain, address: text, purpose, site });
  const row = await tx
    .insertInto('forwarder')
    .values({
      id: makeId('forwarder', context.random(20)),
      domain_id: domain.id,
      account_id: domain.account_id,
      local_part: address.localPart,
      address: text,
      ...values,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  const revision = await bumpRevision(tx, domain.node_id);
  await audit(tx, request, row.id, { account: domain.account_id, domain: domain.id, after: showForwarder(row) });
  return { forwarder: showForwarder(row), node: domain.node_id, revision };
}

async function lockForwarder(tx: Tx, id: ForwarderId): Promise<ForwarderRow> {
  const row = await tx.selectFrom('forwarder').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  if (row === undefined) throw new HofjeError('forwarder.not-found', 'The forwarder is gone.', { field: 'forwarder' });
  return row;
}
