import type { FastifyInstance } from 'fastify';
import type { Selectable } from 'kysely';
import { createToken, listTokens, revokeToken, type Token } from '#contract/api/token.ts';
import { HofjeError } from '#model/error.ts';
import { isId, makeId, type PersonId } from '#model/id.ts';
import type { PersonCaller } from '#model/right/subject.ts';
import { audit } from '../audit.ts';
import { secretHash } from '../auth/credential.ts';
import type { Context } from '../context.ts';
import type { Db } from '../database/connect.ts';
import type { TokenTable } from '../database/tables.ts';
import { personInSession } from '../entrance/who.ts';
import { serve } from '../http/serve.ts';
import { makeToken } from './format.ts';

const DAY_MS = 86_400_000;
const DAYS_DEFAULT = 90;
/** Tokens of one person that are good at once. */
const TOKENS_MAX = 100;
/** How long a token that is over is still listed. */
const SHOWN_MS = 30 * DAY_MS;

const COLUMNS = [
  'id',
  'name',
  'scopes',
  'account_id',
  'created_at',
  'expires_at',
  'last_used_at',
  'revoked_at',
] as const satisfies (keyof TokenTable)[];

export function tokenRoutes(app: FastifyInstance, context: Context): void {
  const { db } = context;

  serve(app, createToken, async ({ body }, request) => {
    const caller = personInSession(request);
    if (body.scopes.includes('operator') && caller.operatorRole === null) {
      throw new HofjeError('token.scope', 'Only operators have what the scope operator stands for.', {
        field: 'scopes',
      });
    }
    const account = body.account === undefined ? null : await ownAccount(db, caller, body.account);
    const text = makeToken(context.random);
    const now = context.now();
    return await db.transaction().execute(async (tx) => {
      await checkRoom(tx, caller.person, now);
      const row = await tx
        .insertInto('token')
        .values({
          id: makeId('token', context.random(20)),
          person_id: caller.person,
          name: body.name,
          hash: secretHash(text),
          scopes: body.scopes,
          account_id: account,
          created_at: now,
          expires_at: new Date(now.getTime() + (body.days ?? DAYS_DEFAULT) * DAY_MS),
          last_used_at: null,
          revoked_at: null,
        })
        .returning(COLUMNS)
        .executeTakeFirstOrThrow();
      const shown = showToken(row);
      await audit(tx, request, row.id, { after: shown, ...(account !== null && { account }) });
      return { ...shown, token: text };
    });
  });

  serve(app, listTokens, async (_input, request) => {
    const since = new Date(context.now().getTime() - SHOWN_MS);
    const rows = await db
      .selectFrom('token')
      .select(COLUMNS)
      .where('person_id', '=', personOf(request.caller))
      .where(({ eb, or }) => or([eb('revoked_at', 'is', null), eb('revoked_at', '>', since)]))
      .where(({ eb, or }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', since)]))
      .orderBy('created_at', 'desc')
      .orderBy('id')
      .execute();
    return { items: rows.map(showToken) };
  });

  serve(app, revokeToken, async ({ params }, request) => {
    const person = personOf(request.caller);
    const id = params.token;
    return await db.transaction().execute(async (tx) => {
      const row = isId('token', id)
        ? await tx
            .updateTable('token')
            .set(({ fn, val }) => ({ revoked_at: fn.coalesce('revoked_at', val(context.now())) }))
            .where('id', '=', id)
            .where('person_id', '=', person)
            .returning(COLUMNS)
            .executeTakeFirst()
        : undefined;
      if (row === undefined) throw new HofjeError('token.not-found', 'There is no such token.', { field: 'token' });
      const shown = showToken(row);
      await audit(tx, request, row.id, { after: shown });
      return shown;
    });
  });
}

/** The account that a token is bound to: one that its person belongs to, or any for an operator. */
async function ownAccount(db: Db, caller: PersonCaller, reference: string) {
  const row = await db
    .selectFrom('account')
    .select('id')
    .where(isId('account', reference) ? 'id' : 'name', '=', reference)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  const isOwn = caller.memberships.some(({ account }) => account === row?.id);
  if (row !== undefined && (isOwn || caller.operatorRole !== null)) return row.id;
  throw new HofjeError('account.not-found', `There is no account ${reference}.`, { field: 'account' });
}

async function checkRoom(db: Db, person: PersonId, now: Date): Promise<void> {
  const { count } = await db
    .selectFrom('token')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('person_id', '=', person)
    .where('revoked_at', 'is', null)
    .where(({ eb, or }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .executeTakeFirstOrThrow();
  if (count >= TOKENS_MAX) {
    throw new HofjeError('token.too-many', `A person has ${TOKENS_MAX} tokens at most.`, { hint: 'Revoke one.' });
  }
}

function personOf(caller: { readonly kind: string } | PersonCaller): PersonId {
  if ('person' in caller) return caller.person;
  throw new HofjeError('auth.refused', 'Tokens belong to people.');
}

function showToken(row: Pick<Selectable<TokenTable>, (typeof COLUMNS)[number]>): Token {
  return {
    id: row.id,
    name: row.name,
    scopes: row.scopes,
    account: row.account_id,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at?.toISOString() ?? null,
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    revokedAt: row.revoked_at?.toISOString() ?? null,
  };
}
