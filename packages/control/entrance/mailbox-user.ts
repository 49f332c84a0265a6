import type { FastifyRequest } from 'fastify';
import { HofjeError } from '#model/error.ts';
import type { MailboxId } from '#model/id.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../database/connect.ts';
import { endSessions } from './session.ts';
import { proofKeys } from './throttle-keys.ts';
import { countTry, forgive } from './throttle-table.ts';
import { verifyPassword } from './verify.ts';

/** A mailbox's own user changes the password with the old one; whoever manages the mailbox needs none. Throws `password.wrong`. */
export async function checkOldPassword(
  context: Context,
  { caller }: FastifyRequest,
  current: string | undefined,
): Promise<void> {
  if (caller.kind !== 'mailbox') return;
  const { db } = context;
  const keys = proofKeys(caller.session);
  await countTry(context, keys);
  const row = await db
    .selectFrom('mailbox')
    .select('password_hash')
    .where('id', '=', caller.mailbox)
    .executeTakeFirst();
  if (!(await verifyPassword(current ?? '', row?.password_hash))) {
    throw new HofjeError('password.wrong', 'The old password is wrong.', { field: 'current' });
  }
  await forgive(db, keys);
}

/** Ends the sessions that were begun with a password which is another now, except the one that changed it. */
export async function endMailboxSessions(
  context: Context,
  tx: Tx,
  { caller }: FastifyRequest,
  mailbox: MailboxId,
): Promise<void> {
  const own = caller.kind === 'mailbox' ? { except: caller.session } : {};
  await endSessions(tx, context.now(), { mailbox, ...own });
}
