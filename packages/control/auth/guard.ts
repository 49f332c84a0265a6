import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HofjeError } from '#model/error.ts';
import type { NodeId } from '#model/id.ts';
import type { Context } from '../context.ts';
import { type Caller, certifiedNode, hasToken, isLoopback } from './caller.ts';
import { RIGHTS, type Who } from './rights.ts';

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
    case 'operator':
      if (hasToken(request, context.config.operatorTokenHash)) return { kind: 'operator' };
      if (name === METRICS && isLoopback(request.socket.remoteAddress)) return { kind: 'anyone' };
      throw new HofjeError('auth.required', 'This needs the token of an operator.', {
        hint: 'Send it as Authorization: Bearer TOKEN.',
      });
    case 'node':
      return await admitNode(context, request);
    case undefined:
      throw new HofjeError('auth.refused', 'Nobody may call this.');
  }
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
