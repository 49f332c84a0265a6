import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sql } from 'kysely';
import {
  changeMailbox,
  createMailbox,
  deleteMailbox,
  getMailbox,
  listMailboxes,
  type Mailbox,
  setPassword,
} from '#contract/api/mailbox.ts';
import { HofjeError } from '#model/error.ts';
import { type MailboxId, makeId, type NodeId } from '#model/id.ts';
import { formatAddress, parseLocalAddress } from '#model/mail/address.ts';
import { EVERYTHING } from '#model/right/visibility.ts';
import { audit } from '../audit.ts';
import { objectOf, sightOf } from '../auth/admitted.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../database/connect.ts';
import { findDomain } from '../domain/queries.ts';
import { checkOldPassword, endMailboxSessions } from '../entrance/mailbox-user.ts';
import { hashInTurn } from '../entrance/verify.ts';
import { createOnce } from '../http/once.ts';
import { makePage, PAGE_DEFAULT, readCursor } from '../http/page.ts';
import { serve } from '../http/serve.ts';
import { checkVersion } from '../http/version.ts';
import { reserveAddress } from '../mail/address.ts';
import { checkPassword, generatePassword } from '../secret/password.ts';
import { bumpRevision } from '../state/revision.ts';
import { withSettled } from '../state/settle.ts';
import { findMailbox, MAILBOX_COLUMNS, mailboxPage, showMailbox } from './queries.ts';

export const QUOTA_DEFAULT = 1024 ** 3;

export function mailboxRoutes(app: FastifyInstance, context: Context): void {
  const { db } = context;

  serve(app, createMailbox, async ({ body, query }, request) => {
    const address = parseLocalAddress(body.address);
    const text = formatAddress(address);
    const { hash, generated } = await decidePassword(context, body.password, text);
    const made = await createOnce(context, request, async (tx) => {
      const domain = await reserveAddress(tx, address, objectOf(request, 'domain'));
      const quota = checkQuota(
        body.quotaBytes ?? Math.min(QUOTA_DEFAULT, domain.mail_limit_bytes),
        domain.mail_limit_bytes,
      );
      const row = await tx
        .insertInto('mailbox')
        .values({
          id: makeId('mailbox', context.random(20)),
          domain_id: domain.id,
          account_id: domain.account_id,
          local_part: address.localPart,
          address: text,
          password_hash: hash,
          quota_bytes: quota,
        })
        .returning(MAILBOX_COLUMNS)
        .executeTakeFirstOrThrow();
      const revision = await bumpRevision(tx, domain.node_id);
      await audit(tx, request, row.id, { account: domain.account_id, domain: domain.id, after: showMailbox(row) });
      return { mailbox: { ...showMailbox(row), ...generated }, node: domain.node_id, revision };
    });
    return await withSettled(context, made.mailbox, query?.wait, made);
  });

  serve(app, listMailboxes, async ({ query }, request) => {
    const limit = query?.limit ?? PAGE_DEFAULT;
    const domain =
      query?.domain === undefined
        ? {}
        : { domain: (await findDomain(db, sightOf(request, 'domain'), query.domain)).id };
    const rows = await mailboxPage(db, sightOf(request, 'mailbox'), {
      after: readCursor(query?.cursor),
      limit,
      ...domain,
    }).execute();
    return makePage(rows, limit, (row) => ({ key: row.address, id: row.id }), showMailbox);
  });

  serve(app, getMailbox, async (_input, request) =>
    showMailbox(await findMailbox(db, EVERYTHING, objectOf(request, 'mailbox'))),
  );

  serve(app, changeMailbox, async ({ query, body }, request) => {
    const id = objectOf(request, 'mailbox');
    const changed = await changeRow(context, request, id, async (limit) => ({
      quota_bytes: checkQuota(body.quotaBytes, limit),
    }));
    return await withSettled(context, changed.mailbox, query?.wait, changed);
  });

  serve(app, setPassword, async ({ query, body }, request) => {
    const { id, address } = await findMailbox(db, EVERYTHING, objectOf(request, 'mailbox'));
    await checkOldPassword(context, request, body.current);
    const { hash, generated } = await decidePassword(context, body.password, address);
    const changed = await changeRow(context, request, id, async (_limit, tx) => {
      await endMailboxSessions(context, tx, request, id);
      return { password_hash: hash };
    });
    return await withSettled(context, { ...changed.mailbox, ...generated }, query?.wait, changed);
  });

  serve(app, deleteMailbox, async ({ query }, request) => {
    const id = objectOf(request, 'mailbox');
    const deleted = await db.transaction().execute(async (tx) => {
      const { row, node, account } = await lockMailbox(tx, id);
      checkVersion(request, row.version);
      await tx.deleteFrom('mailbox').where('id', '=', id).execute();
      const revision = await bumpRevision(tx, node);
      await audit(tx, request, id, { account, domain: row.domain_id, before: showMailbox(row) });
      return { mailbox: showMailbox(row), node, revision };
    });
    return await withSettled(context, deleted.mailbox, query?.wait, deleted);
  });
}

/** The hash of the password that was given, or of one that is generated and told once. */
async function decidePassword(
  context: Context,
  given: string | undefined,
  address: string,
): Promise<{ hash: string; generated: { password?: string } }> {
  if (given !== undefined) {
    checkPassword(given, address);
    return { hash: await hashInTurn(given), generated: {} };
  }
  const password = generatePassword(context.random);
  return { hash: await hashInTurn(password), generated: { password } };
}

function checkQuota(bytes: number, limit: number): number {
  if (bytes <= limit) return bytes;
  throw new HofjeError('mailbox.quota-invalid', `The domain has ${limit} bytes for all its mail.`, {
    field: 'quotaBytes',
  });
}

async function lockMailbox(tx: Tx, id: MailboxId) {
  const row = await tx
    .selectFrom('mailbox')
    .innerJoin('domain', 'domain.id', 'mailbox.domain_id')
    .select(MAILBOX_COLUMNS)
    .select(['domain.node_id', 'domain.account_id', 'domain.mail_limit_bytes'])
    .where('mailbox.id', '=', id)
    .forUpdate('mailbox')
    .executeTakeFirst();
  if (row === undefined) throw new HofjeError('mailbox.not-found', 'The mailbox is gone.', { field: 'mailbox' });
  return { row, node: row.node_id, account: row.account_id, limit: row.mail_limit_bytes };
}

async function changeRow(
  context: Context,
  request: FastifyRequest,
  id: MailboxId,
  work: (limit: number, tx: Tx) => Promise<{ quota_bytes?: number; password_hash?: string }>,
): Promise<{ mailbox: Mailbox; node: NodeId; revision: number }> {
  return await context.db.transaction().execute(async (tx) => {
    const { row, node, account, limit } = await lockMailbox(tx, id);
    checkVersion(request, row.version);
    const set = await work(limit, tx);
    const changed = await tx
      .updateTable('mailbox')
      .set({ ...set, version: sql<number>`version + 1` })
      .where('id', '=', id)
      .returning(MAILBOX_COLUMNS)
      .executeTakeFirstOrThrow();
    const revision = await bumpRevision(tx, node);
    const states = { before: showMailbox(row), after: showMailbox(changed) };
    await audit(tx, request, id, { account, domain: row.domain_id, ...states });
    return { mailbox: showMailbox(changed), node, revision };
  });
}
