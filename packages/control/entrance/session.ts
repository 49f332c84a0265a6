import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Factor } from '#contract/api/session.ts';
import { HofjeError } from '#model/error.ts';
import { type MailboxId, makeId, type PersonId, type SessionId } from '#model/id.ts';
import type { MailboxCaller, PersonCaller } from '#model/right/subject.ts';
import { callerOfSession, secretHash, sessionSecret } from '../auth/credential.ts';
import type { Context } from '../context.ts';
import type { Db, Tx } from '../database/connect.ts';
import { setSessionCookie } from './cookie.ts';

const DAY_SECONDS = 86_400;
/** How long a log-in lasts, however much it is used. Who holds everybody's houses logs in each day. */
const LASTS_SECONDS = { person: 14 * DAY_SECONDS, operator: DAY_SECONDS, mailbox: DAY_SECONDS } as const;
/** Sessions of one person that are open at once; the one that was used longest ago goes. */
const OPEN_MAX = 30;
const SECRET_BYTES = 32;
const USER_AGENT_MAX = 300;

export type Entrant =
  | { readonly kind: 'person'; readonly id: PersonId; readonly operator: boolean }
  | { readonly kind: 'mailbox'; readonly id: MailboxId };

/**
 * Begins a session, with a new secret in a new cookie. Whatever cookie the request came with is worth nothing afterwards: a
 * secret that somebody planted in the browser never becomes a log-in. `request.caller` is who has come in.
 */
export async function openSession(
  context: Context,
  tx: Tx,
  request: FastifyRequest,
  reply: FastifyReply,
  entrant: Entrant,
  factors: readonly Factor[],
): Promise<PersonCaller | MailboxCaller> {
  const now = context.now();
  const seconds = LASTS_SECONDS[entrant.kind === 'person' && entrant.operator ? 'operator' : entrant.kind];
  const secret = newSecret(context);
  const before = sessionSecret(request.headers.cookie);
  if (before !== undefined) await endSessions(tx, now, { tokenHash: secretHash(before) });
  await tx
    .insertInto('session')
    .values({
      id: makeId('session', context.random(20)),
      token_hash: secretHash(secret),
      person_id: entrant.kind === 'person' ? entrant.id : null,
      mailbox_id: entrant.kind === 'mailbox' ? entrant.id : null,
      created_at: now,
      last_seen_at: now,
      proven_at: now,
      expires_at: new Date(now.getTime() + seconds * 1000),
      factors: [...factors],
      address: request.socket.remoteAddress ?? '',
      user_agent: (request.headers['user-agent'] ?? '').slice(0, USER_AGENT_MAX),
    })
    .execute();
  await endSurplus(tx, now, entrant);
  const caller = await callerOfSession(tx, secret, now);
  if (caller === undefined) throw new HofjeError('auth.required', 'You were shut out in the meantime.');
  request.caller = caller;
  setSessionCookie(reply, secret, seconds);
  return caller;
}

/**
 * Notes that a factor was shown again, and gives the session a new secret: whoever copied the old cookie does not share
 * what the proof opens.
 */
export async function renewSession(
  context: Context,
  tx: Tx,
  reply: FastifyReply,
  session: SessionId,
  factor: Factor,
): Promise<PersonCaller | MailboxCaller> {
  const now = context.now();
  const secret = newSecret(context);
  const row = await tx
    .selectFrom('session')
    .select(['factors', 'expires_at'])
    .where('id', '=', session)
    .where('ended_at', 'is', null)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw new HofjeError('auth.required', 'The session has ended.');
  await tx
    .updateTable('session')
    .set({ token_hash: secretHash(secret), proven_at: now, factors: [...new Set([...row.factors, factor])] })
    .where('id', '=', session)
    .execute();
  const caller = await callerOfSession(tx, secret, now);
  if (caller === undefined) throw new HofjeError('auth.required', 'The session has ended.');
  setSessionCookie(reply, secret, Math.max(1, Math.floor((row.expires_at.getTime() - now.getTime()) / 1000)));
  return caller;
}

interface Which {
  readonly id?: SessionId;
  readonly tokenHash?: Buffer;
  readonly person?: PersonId;
  readonly mailbox?: MailboxId;
  readonly except?: SessionId;
}

/** Ends sessions that are open; all that are given must match. Returns how many ended. */
export async function endSessions(db: Db, now: Date, which: Which): Promise<number> {
  if (
    which.id === undefined &&
    which.tokenHash === undefined &&
    which.person === undefined &&
    which.mailbox === undefined
  )
    throw new RangeError('whose sessions?');
  let query = db
    .updateTable('session')
    .set({ ended_at: now })
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now);
  if (which.id !== undefined) query = query.where('id', '=', which.id);
  if (which.tokenHash !== undefined) query = query.where('token_hash', '=', which.tokenHash);
  if (which.person !== undefined) query = query.where('person_id', '=', which.person);
  if (which.mailbox !== undefined) query = query.where('mailbox_id', '=', which.mailbox);
  if (which.except !== undefined) query = query.where('id', '<>', which.except);
  return Number((await query.executeTakeFirst()).numUpdatedRows);
}

/** Sessions of one person or mailbox that are open, newest first. */
export function openSessions(
  db: Db,
  whose: { readonly person: PersonId } | { readonly mailbox: MailboxId },
  now: Date,
) {
  return db
    .selectFrom('session')
    .select(['id', 'factors', 'address', 'user_agent', 'created_at', 'last_seen_at', 'expires_at'])
    .where((where) =>
      'mailbox' in whose ? where('mailbox_id', '=', whose.mailbox) : where('person_id', '=', whose.person),
    )
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('created_at', 'desc')
    .orderBy('id');
}

async function endSurplus(tx: Tx, now: Date, entrant: Entrant): Promise<void> {
  const whose = entrant.kind === 'person' ? 'person_id' : 'mailbox_id';
  const surplus = await tx
    .selectFrom('session')
    .select('id')
    .where(whose, '=', entrant.id)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('last_seen_at', 'desc')
    .offset(OPEN_MAX)
    .execute();
  for (const { id } of surplus) await endSessions(tx, now, { id });
}

function newSecret(context: Context): string {
  return context.random(SECRET_BYTES).toString('base64url');
}
