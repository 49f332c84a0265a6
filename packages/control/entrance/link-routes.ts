import type { FastifyInstance, FastifyRequest } from 'fastify';
import { findOperator, makeLoginLink } from '#contract/api/session.ts';
import { HofjeError } from '#model/error.ts';
import { isId, makeId, type PersonId } from '#model/id.ts';
import { audit } from '../audit.ts';
import { secretHash } from '../auth/credential.ts';
import type { Context } from '../context.ts';
import type { Db } from '../database/connect.ts';
import { serve } from '../http/serve.ts';
import { normalEmail } from './entrant.ts';
import { makeLink, secretUrl } from './login-link.ts';
import { requireMachine } from './who.ts';

const SECRET_BYTES = 32;
const INVITATION_MS = 24 * 3600_000;

export function loginLinkRoutes(app: FastifyInstance, context: Context): void {
  const { db } = context;

  serve(app, findOperator, async (_input, request) => {
    requireMachine(request);
    return { exists: (await firstAdministrator(db)) !== undefined };
  });

  serve(app, makeLoginLink, async ({ body }, request) => {
    requireMachine(request);
    if ((body.person === undefined) === (body.operator === undefined))
      throw new HofjeError('request.invalid', 'Say whose link: person or operator.', { field: 'person' });
    const person = body.person === undefined ? await firstAdministrator(db) : await findPerson(db, body.person);
    if (person === undefined) return await inviteAdministrator(context, request);
    return await db.transaction().execute(async (tx) => {
      const { secret, expiresAt } = await makeLink(context, tx, 'login', person);
      await audit(tx, request, person, { after: { loginLinkUntil: expiresAt.toISOString() } });
      return { url: secretUrl(context, 'welcome', secret), expiresAt: expiresAt.toISOString(), person };
    });
  });
}

async function firstAdministrator(db: Db): Promise<PersonId | undefined> {
  const row = await db
    .selectFrom('person')
    .select('id')
    .where('operator_role', '=', 'administrator')
    .where('disabled_at', 'is', null)
    .orderBy('created_at')
    .orderBy('id')
    .executeTakeFirst();
  return row?.id;
}

async function findPerson(db: Db, reference: string): Promise<PersonId> {
  const row = await db
    .selectFrom('person')
    .select('id')
    .where(isId('person', reference) ? 'id' : 'email', '=', normalEmail(reference) as PersonId)
    .where('disabled_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined) {
    throw new HofjeError('person.not-found', `There is no person ${reference}.`, { field: 'person' });
  }
  return row.id;
}

/** Where nobody runs the installation yet, the machine invites: whoever opens the link says who he is. */
async function inviteAdministrator(context: Context, request: FastifyRequest) {
  const secret = context.random(SECRET_BYTES).toString('base64url');
  const id = makeId('invitation', context.random(20));
  const expiresAt = new Date(context.now().getTime() + INVITATION_MS);
  await context.db.transaction().execute(async (tx) => {
    // One link at a time: of several that lie about, nobody would know which are still good.
    await tx
      .updateTable('invitation')
      .set({ revoked_at: context.now() })
      .where('operator_role', '=', 'administrator')
      .where('invited_by', 'is', null)
      .where('accepted_at', 'is', null)
      .where('revoked_at', 'is', null)
      .execute();
    await tx
      .insertInto('invitation')
      .values({
        id,
        account_id: null,
        operator_role: 'administrator',
        role: null,
        email: null,
        token_hash: secretHash(secret),
        invited_by: null,
        expires_at: expiresAt,
        accepted_at: null,
        accepted_by: null,
        revoked_at: null,
      })
      .execute();
    await audit(tx, request, id, { after: { operatorRole: 'administrator', expiresAt: expiresAt.toISOString() } });
  });
  return { url: secretUrl(context, 'invitation', secret), expiresAt: expiresAt.toISOString(), person: null };
}
