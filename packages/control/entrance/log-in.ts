import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { EndpointInput } from '#contract/api/endpoint.ts';
import type { Entrance, Factor, logInSecond } from '#contract/api/session.ts';
import { HofjeError } from '#model/error.ts';
import { audit } from '../audit.ts';
import type { Context } from '../context.ts';
import type { Db, Tx } from '../database/connect.ts';
import { needsRehash } from '../secret/password.ts';
import { findChallenge, openChallenge, takeChallenge } from './challenge.ts';
import { rememberDevice } from './cookie.ts';
import { hasSecondFactor, mailboxByAddress, type PersonAtDoor, personByEmail, personById } from './entrant.ts';
import { describeMe } from './me.ts';
import { arePasskeysPossible, askPasskeyProof, checkPasskeyProof } from './passkey.ts';
import { spendRecoveryCode, spendTotp } from './second-factor.ts';
import { type Entrant, openSession } from './session.ts';
import { logInKeys, secondKeys } from './throttle-keys.ts';
import { countTry, forgive } from './throttle-table.ts';
import { hashInTurn, verifyPassword } from './verify.ts';

type Second = EndpointInput<typeof logInSecond>['body'];

/** The same words for an address that nobody has and for a wrong password, after the same work. */
const wrong = () => new HofjeError('entrance.wrong', 'The address or the password is wrong.');
const halfGone = () =>
  new HofjeError('entrance.half-gone', 'This log-in was begun too long ago, or is done.', { hint: 'Begin again.' });

/** Address and password: the way in, or the question for a second step. Throws `entrance.wrong`, `entrance.too-many`. */
export async function enterByPassword(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  typed: { readonly email: string; readonly password: string },
): Promise<Entrance> {
  const { db } = context;
  const person = await personByEmail(db, typed.email);
  const mailbox = await mailboxByAddress(db, typed.email);
  const keys = logInKeys(context, request, typed.email, [person?.id, mailbox?.id]);
  await countTry(context, keys);
  // A person's address may be a mailbox here, too: whose password it is, it says itself.
  const isPerson = await verifyPassword(typed.password, person?.passwordHash);
  const isMailbox = !isPerson && (await verifyPassword(typed.password, mailbox?.passwordHash));
  if (person !== undefined && isPerson) {
    await forgive(db, keys);
    if (hasSecondFactor(person)) return await askSecond(context, person);
    const rehashed = needsRehash(person.passwordHash ?? '') ? await hashInTurn(typed.password) : undefined;
    return await enter(context, request, reply, personEntrant(person), ['password'], async (tx) => {
      await holdPassword(tx, 'person', person.id, person.passwordHash);
      if (rehashed === undefined) return;
      await tx.updateTable('person').set({ password_hash: rehashed }).where('id', '=', person.id).execute();
    });
  }
  if (mailbox !== undefined && isMailbox) {
    await forgive(db, keys);
    return await enter(context, request, reply, { kind: 'mailbox', id: mailbox.id }, ['password'], async (tx) => {
      await holdPassword(tx, 'mailbox', mailbox.id, mailbox.passwordHash);
    });
  }
  throw wrong();
}

/** The second step. A wrong code leaves the half-done log-in as it is; a right one uses it up. */
export async function enterBySecond(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  given: Second,
): Promise<Entrance> {
  const { db } = context;
  const half = await findChallenge(context, db, 'log-in', given.half);
  const person = half?.person ? await personById(db, half.person) : undefined;
  if (half === undefined || person === undefined || half.value !== fingerprint(person.passwordHash)) throw halfGone();
  const keys = secondKeys(context, request, person.id);
  await countTry(context, keys);
  // Outside the transaction: its challenge is used up even by a wrong answer.
  if (given.passkey !== undefined) await checkPasskeyProof(context, db, 'passkey-second', person.id, given.passkey);
  const factor = factorOf(given);
  const entrance = await enter(context, request, reply, personEntrant(person), ['password', factor], async (tx) => {
    await holdPassword(tx, 'person', person.id, person.passwordHash);
    if (factor === 'totp') await spendTotp(context, tx, person.id, given.totp ?? '');
    if (factor === 'recovery') await spendRecoveryCode(context, tx, person.id, given.recovery ?? '');
    if ((await takeChallenge(context, tx, 'log-in', given.half)) === undefined) throw halfGone();
  });
  await forgive(db, keys);
  return entrance;
}

/** A session for an entrant, in one transaction with what makes the proof good for nothing else. */
export async function enter(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  entrant: Entrant,
  factors: readonly Factor[],
  spend: (tx: Tx) => Promise<void>,
): Promise<Entrance> {
  const me = await context.db.transaction().execute(async (tx) => {
    await spend(tx);
    const caller = await openSession(context, tx, request, reply, entrant, factors);
    await audit(tx, request, entrant.id, { as: caller, after: { loggedInWith: [...factors] } });
    return await describeMe(tx, caller, context.now());
  });
  rememberDevice(context, request, reply, entrant.id);
  return { me, needs: [], half: null, passkey: null };
}

export function personEntrant(person: Pick<PersonAtDoor, 'id' | 'operatorRole'>): Entrant {
  return { kind: 'person', id: person.id, operator: person.operatorRole !== null };
}

async function askSecond(context: Context, person: PersonAtDoor): Promise<Entrance> {
  const { secret } = await openChallenge(context, 'log-in', person.id, fingerprint(person.passwordHash));
  const withPasskey = person.passkeys > 0 && arePasskeysPossible(context);
  const needs: Entrance['needs'] = [];
  if (withPasskey) needs.push('passkey');
  if (person.totpSecret !== null) needs.push('totp');
  if (person.recoveryCodes > 0) needs.push('recovery');
  const passkey = withPasskey ? await askPasskeyProof(context, 'passkey-second', person.id) : null;
  return { me: null, needs, half: secret, passkey };
}

/** Exactly one of them is given. Throws `request.invalid`. */
function factorOf(given: Second): 'totp' | 'recovery' | 'passkey' {
  const factors = (['totp', 'recovery', 'passkey'] as const).filter((name) => given[name] !== undefined);
  const [factor] = factors;
  if (factor !== undefined && factors.length === 1) return factor;
  throw new HofjeError('request.invalid', 'Give one of totp, recovery and passkey.', { field: 'totp' });
}

/** The password that was checked is still the one: a change in the meantime has ended all sessions, and this is none of them. */
async function holdPassword(db: Db, table: 'person' | 'mailbox', id: string, hash: string | null): Promise<void> {
  const row = await db
    .selectFrom(table)
    .select('password_hash')
    .where('id', '=', id as never)
    .forUpdate()
    .executeTakeFirst();
  if (row?.password_hash !== hash) throw wrong();
}

function fingerprint(passwordHash: string | null): string {
  return createHash('sha256')
    .update(passwordHash ?? '')
    .digest('hex');
}
