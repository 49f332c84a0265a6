import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { EndpointAnswer, EndpointInput } from '#contract/api/endpoint.ts';
import {
  askPasskey,
  askProof,
  endOtherSessions,
  endSession,
  type Factor,
  listSessions,
  logIn,
  logInSecond,
  logInWithLink,
  logInWithPasskey,
  logOut,
  proveAgain,
  type Session,
  showMe,
} from '#contract/api/session.ts';
import { HofjeError } from '#model/error.ts';
import { isId } from '#model/id.ts';
import type { MailboxCaller, PersonCaller } from '#model/right/subject.ts';
import { audit } from '../audit.ts';
import { refuseForeignBrowser } from '../auth/same-site.ts';
import type { Context } from '../context.ts';
import { serve } from '../http/serve.ts';
import { clearSessionCookie } from './cookie.ts';
import { requirePerson } from './entrant.ts';
import { enter, enterByPassword, enterBySecond, personEntrant } from './log-in.ts';
import { spendLink } from './login-link.ts';
import { describeMe } from './me.ts';
import { arePasskeysPossible, askPasskeyProof, checkPasskeyProof } from './passkey.ts';
import { spendTotp } from './second-factor.ts';
import { endSessions, openSessions, renewSession } from './session.ts';
import { askingKeys, proofKeys, tokenKeys } from './throttle-keys.ts';
import { countTry, forgive } from './throttle-table.ts';
import { verifyPassword } from './verify.ts';
import { inSession, sessionOf, whoOf } from './who.ts';

export function sessionRoutes(app: FastifyInstance, context: Context): void {
  const { db } = context;
  const ownBrowserOnly = (request: FastifyRequest) => refuseForeignBrowser(request, context.config.publicUrls.panel);

  serve(app, logIn, async ({ body }, request, reply) => {
    ownBrowserOnly(request);
    return await enterByPassword(context, request, reply, body);
  });

  serve(app, logInSecond, async ({ body }, request, reply) => {
    ownBrowserOnly(request);
    return await enterBySecond(context, request, reply, body);
  });

  serve(app, askPasskey, async (_input, request) => {
    await countTry(context, askingKeys(context, request));
    return await askPasskeyProof(context, 'passkey-alone', null);
  });

  serve(app, logInWithPasskey, async ({ body }, request, reply) => {
    ownBrowserOnly(request);
    // A signature cannot be guessed: nobody is counted, nobody is shut out.
    const id = await checkPasskeyProof(context, db, 'passkey-alone', null, body.passkey);
    const person = await requirePerson(db, id);
    return await enter(context, request, reply, personEntrant(person), ['passkey'], async () => undefined);
  });

  serve(app, logInWithLink, async ({ body }, request, reply) => {
    ownBrowserOnly(request);
    const keys = tokenKeys(request);
    await countTry(context, keys);
    const person = await requirePerson(db, await spendLink(context, db, 'login', body.token));
    await forgive(db, keys);
    return await enter(context, request, reply, personEntrant(person), ['link'], async () => undefined);
  });

  serve(app, showMe, async (_input, request) => await describeMe(db, request.caller, context.now()));

  serve(app, logOut, async (_input, request, reply) => {
    const caller = inSession(request);
    await db.transaction().execute(async (tx) => {
      const session = sessionOf(caller);
      await endSessions(tx, context.now(), { id: session });
      await audit(tx, request, session, { after: { ended: true } });
    });
    clearSessionCookie(reply);
    return undefined;
  });

  serve(app, askProof, async (_input, request): Promise<EndpointAnswer<typeof askProof>> => {
    const caller = inSession(request);
    if (caller.kind === 'mailbox') return { means: ['password'], passkey: null };
    const person = await requirePerson(db, caller.person);
    const withPasskey = person.passkeys > 0 && arePasskeysPossible(context);
    const means = [
      ...(withPasskey ? (['passkey'] as const) : []),
      ...(person.passwordHash === null ? [] : (['password'] as const)),
      ...(person.totpSecret === null ? [] : (['totp'] as const)),
    ];
    return { means, passkey: withPasskey ? await askPasskeyProof(context, 'passkey-proof', person.id) : null };
  });

  serve(app, proveAgain, async ({ body }, request, reply) => {
    const caller = inSession(request);
    const keys = proofKeys(sessionOf(caller));
    await countTry(context, keys);
    const me = await prove(context, request, reply, caller, body);
    await forgive(db, keys);
    return me;
  });

  serve(app, listSessions, async (_input, request) => {
    const caller = inSession(request);
    const rows = await openSessions(db, whoOf(caller), context.now()).execute();
    const items = rows.map(
      (row): Session => ({
        id: row.id,
        current: row.id === sessionOf(caller),
        factors: row.factors as Factor[],
        address: row.address,
        userAgent: row.user_agent,
        createdAt: row.created_at.toISOString(),
        lastSeenAt: row.last_seen_at.toISOString(),
        expiresAt: row.expires_at.toISOString(),
      }),
    );
    return { items };
  });

  serve(app, endSession, async ({ params }, request) => {
    const caller = inSession(request);
    const { session } = params;
    await db.transaction().execute(async (tx) => {
      const which = isId('session', session) ? { id: session, ...whoOf(caller) } : undefined;
      const ended = which === undefined ? 0 : await endSessions(tx, context.now(), which);
      if (ended === 0) throw new HofjeError('session.not-found', 'There is no such session.', { field: 'session' });
      await audit(tx, request, session, { after: { ended: true } });
    });
    return undefined;
  });

  serve(app, endOtherSessions, async (_input, request) => {
    const caller = inSession(request);
    const ended = await db.transaction().execute(async (tx) => {
      const count = await endSessions(tx, context.now(), { ...whoOf(caller), except: sessionOf(caller) });
      await audit(tx, request, sessionOf(caller), { after: { othersEnded: count } });
      return count;
    });
    return { ended };
  });
}

type SessionCaller = ReturnType<typeof inSession>;

/** Checks one factor again and gives the session its new secret. Throws `entrance.proof-wrong`, `entrance.code-wrong`. */
async function prove(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  caller: SessionCaller,
  given: EndpointInput<typeof proveAgain>['body'],
) {
  const { db } = context;
  const factor = (['passkey', 'totp', 'password'] as const).find((name) => given[name] !== undefined);
  if (factor === undefined)
    throw new HofjeError('request.invalid', 'Give password, totp or passkey.', { field: 'password' });
  if (given.password !== undefined && factor === 'password') await checkOwnPassword(context, caller, given.password);
  else if (caller.kind === 'mailbox') throw proofWrong();
  else if (given.passkey !== undefined)
    await checkPasskeyProof(context, db, 'passkey-proof', caller.person, given.passkey);
  return await db.transaction().execute(async (tx) => {
    if (caller.kind === 'person' && factor === 'totp') await spendTotp(context, tx, caller.person, given.totp ?? '');
    const renewed: PersonCaller | MailboxCaller = await renewSession(context, tx, reply, sessionOf(caller), factor);
    await audit(tx, request, sessionOf(caller), { after: { provenWith: factor } });
    return await describeMe(tx, renewed, context.now());
  });
}

const proofWrong = () => new HofjeError('entrance.proof-wrong', 'That is wrong.', { field: 'password' });

async function checkOwnPassword({ db }: Context, caller: SessionCaller, password: string): Promise<void> {
  const row =
    caller.kind === 'mailbox'
      ? await db.selectFrom('mailbox').select('password_hash').where('id', '=', caller.mailbox).executeTakeFirst()
      : await db.selectFrom('person').select('password_hash').where('id', '=', caller.person).executeTakeFirst();
  if (!(await verifyPassword(password, row?.password_hash))) throw proofWrong();
}
