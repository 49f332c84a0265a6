import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HofjeError } from '#model/error.ts';
import type { NodeId } from '#model/id.ts';
import { decide, type Right } from '#model/right/decide.ts';
import type { Place } from '#model/right/place.ts';
import type { Subject } from '#model/right/subject.ts';
import type { Context } from '../context.ts';
import { isTokenText } from '../token/format.ts';
import { lacksScope, needsProof } from './admitted.ts';
import { bearerOf, type Caller, certifiedNode, isLoopback, isTokenOf } from './caller.ts';
import { callerOfSession, callerOfToken, sessionSecret } from './credential.ts';
import { referenceIn, resolve } from './resolve.ts';
import { RIGHTS } from './rights.ts';
import type { Rights, Row, Who } from './row.ts';
import { refuseForeignSite } from './same-site.ts';

const METRICS = 'GET /metrics';
/** Whoever is nobody gets no more read and looked at than what some proof of who he is may take. */
const ANYBODYS_BODY_BYTES_MAX = 64 * 1024;

/**
 * Puts the table of rights in front of every route: who asks is found out before bodies are read, and whether he may,
 * before the handler runs. Must be called before any route is added: a route that has no row throws when it is.
 */
export function guard(app: FastifyInstance, context: Context, rights: Rights = RIGHTS): void {
  const rowOf = ({ method, routeOptions }: FastifyRequest): Who | undefined => {
    const name = `${method} ${routeOptions.url}`;
    return Object.hasOwn(rights, name) ? rights[name] : undefined;
  };
  app.decorateRequest('caller');
  app.decorateRequest('place');
  app.addHook('onRoute', (route) => {
    for (const method of [route.method].flat()) {
      const name = `${method} ${route.url}`;
      if (!Object.hasOwn(rights, name))
        throw new Error(`nobody says who may call ${name}: add a row to auth/rights.ts`);
      if (rights[name] === 'anyone' || rights[name] === 'visitor') route.bodyLimit ??= ANYBODYS_BODY_BYTES_MAX;
    }
  });
  app.addHook('onRequest', async (request) => {
    request.caller = { kind: 'anyone' };
    // Without a route the not-found handler answers, the same to everybody.
    if (request.routeOptions.url === undefined) return;
    const who = rowOf(request);
    request.caller = await recognise(context, request, who);
    // Where the object has no name, nothing more needs to be read.
    if (typeof who === 'object' && !('from' in who)) await admit(context, request, who);
  });
  app.addHook('preHandler', async (request) => {
    const who = rowOf(request);
    if (typeof who === 'object' && 'from' in who) await admit(context, request, who);
  });
}

/** Who asks. Throws `auth.required` where a route needs somebody, and `auth.refused` where nobody may come. */
async function recognise(context: Context, request: FastifyRequest, who: Who | undefined): Promise<Caller> {
  switch (who) {
    case 'anyone':
    case 'ticket':
      return { kind: 'anyone' };
    case 'visitor':
      return (await identify(context, request)) ?? { kind: 'anyone' };
    case 'node':
      return await admitNode(context, request);
    case undefined:
      throw new HofjeError('auth.refused', 'Nobody may call this.');
    default: {
      const caller = await identify(context, request);
      if (caller !== undefined) return caller;
      if (isMetrics(request) && mayReadMetrics(context, request)) return { kind: 'anyone' };
      throw new HofjeError('auth.required', 'This needs somebody who is logged in, or a token.', {
        hint: 'Send a token as Authorization: Bearer TOKEN.',
      });
    }
  }
}

/**
 * Lets a request through by what its caller is towards the object, or throws the object's `not-found`, `auth.refused`,
 * `auth.step-up`.
 */
async function admit(context: Context, request: FastifyRequest, row: Row): Promise<void> {
  const { caller } = request;
  // Whoever came this far without a name needs none.
  if (caller.kind === 'anyone' || caller.kind === 'node') return;
  const { place, right, reference } = await placeOf(context, request, row, caller);
  request.place = place;
  const verdict = decide(right, caller, place, context.now());
  if (verdict.admitted) return;
  switch (verdict.why) {
    case 'hidden':
      throw new HofjeError(`${place.kind}.not-found`, `There is no ${place.kind} ${reference}.`, { field: place.kind });
    case 'role':
      throw new HofjeError('auth.refused', 'You may not do this.');
    case 'scope':
      throw lacksScope(right.scope);
    case 'session':
      throw new HofjeError('auth.refused', 'This is for people who are logged in; no token will do.');
    case 'step-up':
      throw needsProof();
  }
}

async function placeOf(
  context: Context,
  request: FastifyRequest,
  row: Row,
  subject: Subject,
): Promise<{ place: Place; right: Right; reference?: string }> {
  if (!('from' in row)) return { place: { kind: row.object }, right: row };
  const reference = referenceIn(row, request);
  if (reference !== undefined) {
    return { place: await resolve(context.db, row, reference, subject), right: row, reference };
  }
  if (row.absent === undefined) throw new Error(`${request.routeOptions.url} names no ${row.object}`);
  return { place: { kind: row.absent.object }, right: row.absent };
}

function isMetrics({ method, routeOptions }: FastifyRequest): boolean {
  return `${method} ${routeOptions.url}` === METRICS;
}

function mayReadMetrics({ config }: Context, request: FastifyRequest): boolean {
  if (config.metricsFromLoopback && isLoopback(request.socket.remoteAddress)) return true;
  const bearer = bearerOf(request);
  return bearer !== undefined && config.metricsTokenHash !== undefined && isTokenOf(bearer, config.metricsTokenHash);
}

/**
 * Who shows what he got from us: the token of this machine, a personal token, or the cookie of a session. Undefined when
 * there is nothing, or it is not or no longer good. Throws `auth.cross-site`.
 */
export async function identify(context: Context, request: FastifyRequest): Promise<Caller | undefined> {
  const { db, config } = context;
  const bearer = bearerOf(request);
  if (bearer !== undefined) {
    if (isTokenOf(bearer, config.operatorTokenHash)) return { kind: 'machine' };
    return isTokenText(bearer) ? await callerOfToken(db, bearer, context.now()) : undefined;
  }
  // A header that says something else is no reason to look for a cookie.
  const secret = request.headers.authorization === undefined ? sessionSecret(request.headers.cookie) : undefined;
  if (secret === undefined) return undefined;
  refuseForeignSite(request, config.publicUrls.panel);
  return await callerOfSession(db, secret, context.now());
}

async function admitNode(context: Context, request: FastifyRequest): Promise<Caller> {
  const certified = certifiedNode(request);
  if (certified === undefined) throw new HofjeError('auth.required', 'This needs the certificate of a node.');
  const valid = await isCertificateValid(context, certified.node, certified.serial);
  if (!valid)
    throw new HofjeError('auth.refused', 'The certificate is revoked or unknown.', { hint: 'Enrol the node again.' });
  return { kind: 'node', ...certified };
}

async function isCertificateValid(context: Context, node: NodeId, serial: string): Promise<boolean> {
  const row = await context.db
    .selectFrom('node_certificate')
    .select('serial')
    .where('serial', '=', serial)
    .where('node_id', '=', node)
    .where('revoked_at', 'is', null)
    .where('not_after', '>', context.now())
    .executeTakeFirst();
  return row !== undefined;
}

/** The node behind a request of a `node` route, with the serial of its certificate. */
export function certifiedCaller(request: FastifyRequest): { readonly node: NodeId; readonly serial: string } {
  if (request.caller.kind !== 'node') throw new HofjeError('auth.refused', 'Only a node may call this.');
  return request.caller;
}

export function nodeOf(request: FastifyRequest): NodeId {
  return certifiedCaller(request).node;
}
