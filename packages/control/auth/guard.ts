import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HofjeError } from '#model/error.ts';
import type { NodeId } from '#model/id.ts';
import type { Context } from '../context.ts';
import { bearerOf, type Caller, certifiedNode, isLoopback, isTokenOf } from './caller.ts';
import { callerOfSession, callerOfToken, sessionSecret, TOKEN_FORM } from './credential.ts';
import { RIGHTS, type Who } from './rights.ts';
import { refuseForeignSite } from './same-site.ts';

const METRICS = 'GET /metrics';

/**
 * Puts the table of rights in front of every route, before bodies are read. Must be called before any route is added: a
 * route that has no row throws when it is.
 */
export function guard(app: FastifyInstance, context: Context, rights: Readonly<Record<string, Who>> = RIGHTS): void {
  app.decorateRequest('caller');
  app.addHook('onRoute', (route) => {
    for (const method of [route.method].flat()) {
      const name = `${method} ${route.url}`;
      if (!Object.hasOwn(rights, name))
        throw new Error(`nobody says who may call ${name}: add a row to auth/rights.ts`);
    }
  });
  app.addHook('onRequest', async (request) => {
    // Without a route the not-found handler answers, the same to everybody.
    const url = request.routeOptions.url;
    if (url === undefined) {
      request.caller = { kind: 'anyone' };
      return;
    }
    const name = `${request.method} ${url}`;
    const who = Object.hasOwn(rights, name) ? rights[name] : undefined;
    request.caller = await admit(context, request, name, who);
  });
}

async function admit(context: Context, request: FastifyRequest, name: string, who: Who | undefined): Promise<Caller> {
  switch (who) {
    case 'anyone':
    case 'ticket':
      return { kind: 'anyone' };
    case 'operator': {
      const caller = await identify(context, request);
      if (caller?.kind === 'machine') return caller;
      if (caller?.kind === 'person' && caller.operatorRole === 'administrator') return caller;
      if (caller !== undefined) throw new HofjeError('auth.refused', 'This is for operators.');
      if (name === METRICS && mayReadMetrics(context, request)) return { kind: 'anyone' };
      throw new HofjeError('auth.required', 'This needs the token of an operator.', {
        hint: 'Send it as Authorization: Bearer TOKEN.',
      });
    }
    case 'node':
      return await admitNode(context, request);
    case undefined:
      throw new HofjeError('auth.refused', 'Nobody may call this.');
  }
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
async function identify(context: Context, request: FastifyRequest): Promise<Caller | undefined> {
  const { db, config } = context;
  const bearer = bearerOf(request);
  if (bearer !== undefined) {
    if (isTokenOf(bearer, config.operatorTokenHash)) return { kind: 'machine' };
    return TOKEN_FORM.test(bearer) ? await callerOfToken(db, bearer, context.now()) : undefined;
  }
  // A header that says something else is no reason to look for a cookie.
  const secret = request.headers.authorization === undefined ? sessionSecret(request.headers.cookie) : undefined;
  if (secret === undefined) return undefined;
  refuseForeignSite(request, config.publicUrls.client);
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
