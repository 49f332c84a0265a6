import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import type { acceptInvitation } from '#contract/api/invitation.ts';
import { HofjeError } from '#model/error.ts';
import { makeId, type PersonId } from '#model/id.ts';
import { audit } from '../audit.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../database/connect.ts';
import { newPasswordHash, storePasswordHash } from '../entrance/new-password.ts';
import { openSession } from '../entrance/session.ts';
import { personInSession } from '../entrance/who.ts';
import { type InvitationRow, openInvitation } from './invitation.ts';
import { join, lockMembers } from './membership.ts';
import { parseEmail } from './routes.ts';

type Body = Static<typeof acceptInvitation.body>;
type Accepted = Static<typeof acceptInvitation.answer>;

/**
 * Accepts an invitation as whoever is logged in, or as a new person, who is logged in with it. Of two at the same time one
 * succeeds. Throws `invitation.gone`, `person.exists`, `membership.exists`, `request.invalid`, `password.weak`.
 */
export async function accept(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  body: Body,
): Promise<Accepted> {
  if (request.caller.kind !== 'anyone') {
    const { person } = personInSession(request);
    return await context.db.transaction().execute(async (tx) => {
      const invitation = await openInvitation(context, tx, body.token, true);
      return await grant(context, tx, request, invitation, person, false);
    });
  }
  // Before the transaction: it takes its time. Whoever has no invitation costs none of it.
  const newcomer = readNewcomer(body, await openInvitation(context, context.db, body.token, false));
  const hash = await newPasswordHash(newcomer.password, newcomer);
  return await context.db.transaction().execute(async (tx) => {
    const invitation = await openInvitation(context, tx, body.token, true);
    const person = await makeNewcomer(context, tx, newcomer);
    await storePasswordHash(context, tx, person, hash);
    const operator = invitation.operator_role !== null;
    await openSession(context, tx, request, reply, { kind: 'person', id: person, operator }, ['password']);
    return await grant(context, tx, request, invitation, person, true);
  });
}

interface Newcomer {
  readonly email: string;
  readonly name: string;
  readonly password: string;
  readonly language: Body['language'];
}

function readNewcomer({ email: typed, name, password, language }: Body, invitation: InvitationRow): Newcomer {
  const email = typed === undefined ? invitation.email : parseEmail(typed);
  if (email === null) throw missing('email');
  if (name === undefined) throw missing('name');
  if (password === undefined) throw missing('password');
  if (invitation.email !== null && invitation.email !== email) {
    throw new HofjeError('request.invalid', 'The invitation is for another address.', { field: 'email' });
  }
  return { email, name, password, language };
}

function missing(field: string): HofjeError {
  return new HofjeError('request.invalid', `A new person needs ${field}.`, {
    field,
    hint: 'Or log in first, and accept it as who you are.',
  });
}

async function makeNewcomer(context: Context, tx: Tx, { email, name, language }: Newcomer): Promise<PersonId> {
  const row = await tx
    .insertInto('person')
    .values({
      id: makeId('person', context.random(20)),
      email,
      name,
      operator_role: null,
      ...(language === undefined ? {} : { language }),
    })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (row !== undefined) return row.id;
  throw new HofjeError('person.exists', 'There is a person with this address.', {
    field: 'email',
    hint: 'Log in first, then open the invitation again.',
  });
}

async function grant(
  context: Context,
  tx: Tx,
  request: FastifyRequest,
  invitation: InvitationRow,
  person: PersonId,
  isNew: boolean,
): Promise<Accepted> {
  const { id, account_id: account, operator_role: operatorRole, role } = invitation;
  await tx
    .updateTable('invitation')
    .set({ accepted_at: context.now(), accepted_by: person })
    .where('id', '=', id)
    .execute();
  if (operatorRole !== null) {
    await tx.updateTable('person').set({ operator_role: operatorRole }).where('id', '=', person).execute();
    await audit(tx, request, person, { after: { operatorRole, invitation: id } });
  }
  if (account !== null && role !== null) {
    await lockMembers(tx, account);
    const sites = await presentSites(tx, invitation);
    await join(tx, account, person, { role, sites });
    await audit(tx, request, person, { account, after: { role, sites, invitation: id } });
  }
  return { person, account, isNew };
}

/** Those of its sites that are there still. */
async function presentSites(tx: Tx, { sites, account_id }: InvitationRow): Promise<InvitationRow['sites']> {
  if (sites.length === 0 || account_id === null) return [];
  const rows = await tx
    .selectFrom('site')
    .select('id')
    .where('id', 'in', sites)
    .where('account_id', '=', account_id)
    .execute();
  return rows.map((row) => row.id);
}
