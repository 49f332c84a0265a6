import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Selectable } from 'kysely';
import type { EndpointInput } from '#contract/api/endpoint.ts';
import { createToken, createTokenFor, listTokens, revokeToken, type Token } from '#contract/api/token.ts';
import { HofjeError } from '#model/error.ts';
import { type AccountId, isId, makeId, type PersonId } from '#model/id.ts';
import type { OperatorRole } from '#model/right/role.ts';
import type { PersonCaller } from '#model/right/subject.ts';
import { audit } from '../audit.ts';
import { secretHash } from '../auth/credential.ts';
import type { Context } from '../context.ts';
import type { Db } from '../database/connect.ts';
import type { TokenTable } from '../database/tables.ts';
import { personByEmail, personById } from '../entrance/entrant.ts';
import { personInSession, requireMachine } from '../entrance/who.ts';
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
    const { person, operatorRole, memberships } = personInSession(request);
    const accounts = memberships.map(({ account }) => account);
    return await makeTokenOf(context, request, { id: person, operatorRole, accounts }, body);
  });

  serve(app, createTokenFor, async ({ params, body }, request) => {
    requireMachine(request);
    return await makeTokenOf(context, request, await findOwner(db, params.person), body);
  });

  serve(app, listTokens, async (_input, request) => {
    const since = new Date(context.now().getTime() - SHOWN_MS);
    const rows = await shownTokens(db, personOf(request.caller), since).execute();
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

/** Tokens of one person that are good, or were since then. */
export function shownTokens(db: Db, person: PersonId, since: Date) {
  return db
    .selectFrom('token')
    .select(COLUMNS)
    .where('person_id', '=', person)
    .where(({ eb, or }) => or([eb('revoked_at', 'is', null), eb('revoked_at', '>', since)]))
    .where(({ eb, or }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', since)]))
    .orderBy('created_at', 'desc')
    .orderBy('id');
}

/** A person who is to have a token. */
interface Owner {
  readonly id: PersonId;
  readonly operatorRole: OperatorRole | null;
  readonly accounts: readonly AccountId[];
}

async function makeTokenOf(
  context: Context,
  request: FastifyRequest,
  owner: Owner,
  wanted: EndpointInput<typeof createToken>['body'],
): Promise<Token> {
  if (wanted.scopes.includes('operator') && owner.operatorRole === null) {
    throw new HofjeError('token.scope', 'Only operators have what the scope operator stands for.', { field: 'scopes' });
  }
  const account = wanted.account === undefined ? null : await ownAccount(context.db, owner, wanted.account);
  const text = makeToken(context.random);
  const now = context.now();
  return await context.db.transaction().execute(async (tx) => {
    await checkRoom(tx, owner.id, now);
    const row = await tx
      .insertInto('token')
      .values({
        id: makeId('token', context.random(20)),
        person_id: owner.id,
        name: wanted.name,
        hash: secretHash(text),
        scopes: wanted.scopes,
        account_id: account,
        created_at: now,
        expires_at: new Date(now.getTime() + (wanted.days ?? DAYS_DEFAULT) * DAY_MS),
        last_used_at: null,
        revoked_at: null,
      })
      .returning(COLUMNS)
      .executeTakeFirstOrThrow();
    const shown = showToken(row);
    await audit(tx, request, row.id, { after: shown, ...(account !== null && { account }) });
    return { ...shown, token: text };
  });
}

async function findOwner(db: Db, reference: string): Promise<Owner> {
  const person = isId('person', reference) ? await personById(db, reference) : await personByEmail(db, reference);
  if (person === undefined) {
    throw new HofjeError('person.not-found', `There is no person ${reference}.`, { field: 'person' });
  }
  const rows = await db.selectFrom('membership').select('account_id').where('person_id', '=', person.id).execute();
  return { ...person, accounts: rows.map((row) => row.account_id) };
}

/** The account that a token is bound to: one that its person belongs to, or any for an operator. */
async function ownAccount(db: Db, owner: Owner, reference: string): Promise<AccountId> {
  const row = await db
    .selectFrom('account')
    .select('id')
    .where(isId('account', reference) ? 'id' : 'name', '=', reference)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  if (row !== undefined && (owner.accounts.includes(row.id) || owner.operatorRole !== null)) return row.id;
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
