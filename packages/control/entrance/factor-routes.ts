import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { EndpointInput } from '#contract/api/endpoint.ts';
import {
  addPasskey,
  beginPasskey,
  beginTotp,
  changePassword,
  confirmTotp,
  makeRecoveryCodes,
  removePasskey,
  removePassword,
  removeTotp,
  renamePasskey,
  showFactors,
} from '#contract/api/factor.ts';
import { HofjeError } from '#model/error.ts';
import { isId, type PasskeyId, type PersonId } from '#model/id.ts';
import { PROOF_MS } from '#model/right/decide.ts';
import { audit } from '../audit.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../database/connect.ts';
import { serve } from '../http/serve.ts';
import { hasSecondFactor, type PersonAtDoor, requirePerson } from './entrant.ts';
import { describeFactors } from './factors.ts';
import { newPasswordHash, storePasswordHash } from './new-password.ts';
import { askNewPasskey, checkNewPasskey, keepPasskey } from './passkey.ts';
import { replaceRecoveryCodes } from './second-factor.ts';
import { endSessions, renewSession } from './session.ts';
import { proofKeys } from './throttle-keys.ts';
import { countTry, forgive } from './throttle-table.ts';
import { acceptedStep, base32, TOTP_SECRET_BYTES, totpUri } from './totp.ts';
import { verifyPassword } from './verify.ts';
import { type PersonInSession, personInSession } from './who.ts';

const ISSUER = 'Hofje';

export function factorRoutes(app: FastifyInstance, context: Context): void {
  const { db } = context;

  serve(app, showFactors, async (_input, request) => await describeFactors(db, personInSession(request).person));

  serve(app, changePassword, async ({ body }, request, reply) => {
    await changeOwnPassword(context, request, reply, personInSession(request), body);
    return await describeFactors(db, personInSession(request).person);
  });

  serve(
    app,
    removePassword,
    async (_input, request) =>
      await change(context, request, async (tx, person) => {
        if (person.passkeys === 0) throw lastMeans();
        await tx
          .updateTable('person')
          .set({ password_hash: null, totp_secret: null, totp_confirmed_at: null, totp_last_step: null })
          .where('id', '=', person.id)
          .execute();
        return { password: null };
      }),
  );

  serve(app, beginTotp, async (_input, request) => {
    const secret = context.random(TOTP_SECRET_BYTES);
    const person = await db.transaction().execute(async (tx) => {
      const held = await holdPerson(tx, personInSession(request).person);
      if (held.totpSecret !== null)
        throw new HofjeError('totp.exists', 'There is an authenticator app already.', { hint: 'Remove it first.' });
      if (held.passwordHash === null)
        throw new HofjeError('totp.no-password', 'A code is asked for after a password, and there is none.');
      await tx
        .updateTable('person')
        .set({ totp_secret: context.seal.seal(secret.toString('base64')), totp_last_step: null })
        .where('id', '=', held.id)
        .execute();
      return held;
    });
    return { uri: totpUri(ISSUER, person.email, secret), secret: base32(secret) };
  });

  serve(app, confirmTotp, async ({ body }, request) => {
    const keys = proofKeys(personInSession(request).via.session);
    await countTry(context, keys);
    const recoveryCodes = await withCodes(context, request, async (tx, person) => {
      if (person.totpSecret !== null) throw new HofjeError('totp.exists', 'The app is confirmed already.');
      await confirmSecret(context, tx, person.id, body.code);
      return { totp: true };
    });
    await forgive(db, keys);
    return recoveryCodes;
  });

  serve(
    app,
    removeTotp,
    async (_input, request) =>
      await change(context, request, async (tx, person) => {
        await tx
          .updateTable('person')
          .set({ totp_secret: null, totp_confirmed_at: null, totp_last_step: null })
          .where('id', '=', person.id)
          .execute();
        if (person.passkeys === 0) await tx.deleteFrom('recovery_code').where('person_id', '=', person.id).execute();
        return { totp: null };
      }),
  );

  serve(app, makeRecoveryCodes, async (_input, request) => {
    let recoveryCodes: string[] = [];
    const factors = await change(context, request, async (tx, person) => {
      if (!hasSecondFactor(person))
        throw new HofjeError('recovery.no-second-factor', 'Without a second factor there is nothing to recover.');
      recoveryCodes = await replaceRecoveryCodes(context, tx, person.id);
      return { recoveryCodes: recoveryCodes.length };
    });
    return { factors, recoveryCodes };
  });

  serve(app, beginPasskey, async (_input, request) => {
    return await askNewPasskey(context, await requirePerson(db, personInSession(request).person));
  });

  serve(app, addPasskey, async ({ body }, request) => {
    const passkey = await checkNewPasskey(context, personInSession(request).person, body.passkey);
    return await withCodes(context, request, async (tx, person) => {
      const id = await keepPasskey(context, tx, person.id, body.name, passkey);
      return { passkey: id, name: body.name };
    });
  });

  serve(
    app,
    renamePasskey,
    async ({ params, body }, request) =>
      await change(context, request, async (tx, person) => {
        const renamed = await tx
          .updateTable('passkey')
          .set({ name: body.name })
          .where('id', '=', passkeyId(params.passkey))
          .where('person_id', '=', person.id)
          .returning('id')
          .executeTakeFirst();
        if (renamed === undefined) throw passkeyMissing();
        return { passkey: renamed.id, name: body.name };
      }),
  );

  serve(
    app,
    removePasskey,
    async ({ params }, request) =>
      await change(context, request, async (tx, person) => {
        const removed = await tx
          .deleteFrom('passkey')
          .where('id', '=', passkeyId(params.passkey))
          .where('person_id', '=', person.id)
          .returning('id')
          .executeTakeFirst();
        if (removed === undefined) throw passkeyMissing();
        if (person.passkeys === 1 && person.passwordHash === null) throw lastMeans();
        if (person.passkeys === 1 && person.totpSecret === null)
          await tx.deleteFrom('recovery_code').where('person_id', '=', person.id).execute();
        return { passkey: removed.id, removed: true };
      }),
  );
}

type Work = (tx: Tx, person: PersonAtDoor) => Promise<Record<string, string | number | boolean | null>>;

/** One change of a person's factors, alone: two at the same time could each leave the other's as the last. */
async function change(context: Context, request: FastifyRequest, work: Work) {
  const { person } = personInSession(request);
  return await context.db.transaction().execute(async (tx) => {
    const after = await work(tx, await holdPerson(tx, person));
    await audit(tx, request, person, { after });
    return await describeFactors(tx, person);
  });
}

/** As `change`, for a second factor that is new: the first one brings recovery codes. */
async function withCodes(context: Context, request: FastifyRequest, work: Work) {
  let recoveryCodes: string[] = [];
  const factors = await change(context, request, async (tx, person) => {
    const after = await work(tx, person);
    if (person.recoveryCodes === 0) recoveryCodes = await replaceRecoveryCodes(context, tx, person.id);
    return after;
  });
  return { factors, recoveryCodes };
}

async function holdPerson(tx: Tx, id: PersonId): Promise<PersonAtDoor> {
  await tx.selectFrom('person').select('id').where('id', '=', id).forUpdate().executeTakeFirst();
  return await requirePerson(tx, id);
}

async function confirmSecret(context: Context, tx: Tx, person: PersonId, code: string): Promise<void> {
  const row = await tx.selectFrom('person').select('totp_secret').where('id', '=', person).executeTakeFirst();
  if (!row?.totp_secret) throw new HofjeError('totp.missing', 'Begin with the app first.');
  const secret = Buffer.from(context.seal.open(row.totp_secret), 'base64');
  const step = acceptedStep(secret, code, context.now(), null);
  if (step === undefined)
    throw new HofjeError('totp.code-wrong', 'The code is wrong. Is the clock of the phone right?', { field: 'code' });
  await tx
    .updateTable('person')
    .set({ totp_confirmed_at: context.now(), totp_last_step: step })
    .where('id', '=', person)
    .execute();
}

async function changeOwnPassword(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  caller: PersonInSession,
  given: EndpointInput<typeof changePassword>['body'],
): Promise<void> {
  const { db } = context;
  const person = await requirePerson(db, caller.person);
  const keys = proofKeys(caller.via.session);
  await countTry(context, keys);
  await checkCurrent(context, caller, person, given.current);
  await forgive(db, keys);
  const hash = await newPasswordHash(given.password, person);
  await db.transaction().execute(async (tx) => {
    const held = await holdPerson(tx, person.id);
    if (held.passwordHash !== person.passwordHash) throw passwordWrong();
    await storePasswordHash(context, tx, person.id, hash);
    await endSessions(tx, context.now(), { person: person.id, except: caller.via.session });
    await renewSession(context, tx, reply, caller.via.session, 'password');
    await audit(tx, request, person.id, { after: { password: 'changed' } });
  });
}

/** The old password; a fresh proof where there is none, or where the machine has let somebody in who has lost it. */
async function checkCurrent(
  context: Context,
  caller: PersonInSession,
  person: PersonAtDoor,
  current: string | undefined,
): Promise<void> {
  if (person.passwordHash !== null && !(await cameByLink(context, caller))) {
    if (!(await verifyPassword(current ?? '', person.passwordHash))) throw passwordWrong();
  } else if (context.now().getTime() - caller.via.provenAt.getTime() > PROOF_MS) {
    throw new HofjeError('auth.step-up', 'Prove again who you are.', { hint: 'POST /v1/session/proof' });
  }
}

/** Whether nothing was shown in this session but a link that root has made. */
async function cameByLink({ db }: Context, { via }: PersonInSession): Promise<boolean> {
  const row = await db.selectFrom('session').select('factors').where('id', '=', via.session).executeTakeFirst();
  return row !== undefined && row.factors.length > 0 && row.factors.every((factor) => factor === 'link');
}

function passkeyId(text: string): PasskeyId {
  if (!isId('passkey', text)) throw passkeyMissing();
  return text;
}

const passkeyMissing = () => new HofjeError('passkey.not-found', 'There is no such passkey.', { field: 'passkey' });
const passwordWrong = () => new HofjeError('password.wrong', 'The old password is wrong.', { field: 'current' });
const lastMeans = () =>
  new HofjeError('factor.last', 'This is the last means to log in.', { hint: 'Add another one first.' });
