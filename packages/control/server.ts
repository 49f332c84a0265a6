import type { Server } from 'node:http';
import { createServer } from 'node:https';
import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import { registerAjvFormats, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import websocket from '@fastify/websocket';
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  LogController,
} from 'fastify';
import { HofjeError } from '#model/error.ts';
import { accountRoutes } from './account/routes.ts';
import { auditRoutes } from './audit/routes.ts';
import { guard } from './auth/guard.ts';
import type { Rights } from './auth/row.ts';
import type { Context } from './context.ts';
import { domainRoutes } from './domain/routes.ts';
import { factorRoutes } from './entrance/factor-routes.ts';
import { loginLinkRoutes } from './entrance/link-routes.ts';
import { resetRoutes } from './entrance/reset-routes.ts';
import { sessionRoutes } from './entrance/session-routes.ts';
import { eventRoutes } from './event/routes.ts';
import { forwarderRoutes } from './forwarder/routes.ts';
import { pipeRunRoutes } from './forwarder/run-routes.ts';
import { answerProblem } from './http/problem.ts';
import { makeRequestId } from './http/request-id.ts';
import { checkTexts } from './http/text.ts';
import { WrongTokens } from './http/wrong-tokens.ts';
import { imageRoutes } from './image/routes.ts';
import { linkRoutes } from './link/routes.ts';
import { loadRoutes } from './load/routes.ts';
import { mailSetupRoutes } from './mail-setup/routes.ts';
import { mailboxRoutes } from './mailbox/routes.ts';
import { nodeRoutes } from './node/routes.ts';
import { panelRoutes } from './panel/routes.ts';
import { invitationRoutes } from './person/invitation-routes.ts';
import { membershipRoutes } from './person/membership-routes.ts';
import { personRoutes } from './person/routes.ts';
import { supportRoutes } from './person/support-routes.ts';
import type { TlsOptions } from './pki/server-tls.ts';
import { planRoutes } from './plan/routes.ts';
import { probeRoutes } from './probe/routes.ts';
import { queueRoutes } from './queue/routes.ts';
import { searchRoutes } from './search/routes.ts';
import { signalRoutes } from './signal/routes.ts';
import { siteAliasRoutes } from './site/alias-routes.ts';
import { siteLifeRoutes } from './site/life-routes.ts';
import { siteRoutes } from './site/routes.ts';
import { siteTlsRoutes } from './site/tls-routes.ts';
import { statusRoutes } from './status/routes.ts';
import { streamRoutes } from './stream/routes.ts';
import { tokenRoutes } from './token/routes.ts';

/** Largest body of an ordinary request: a pipe's text, a certificate, an image's lock. */
const BODY_BYTES_MAX = 1024 * 1024;
/** Largest message of a WebSocket: a node's answer with a log or a report of probes. Streams have a smaller limit of their own. */
const MESSAGE_BYTES_MAX = 16 * 1024 * 1024;
const REQUEST_TIMEOUT_MS = 120_000;

/** The whole HTTP side. Starting and stopping to listen is the caller's. */
export async function makeServer(context: Context, tls: TlsOptions, rights?: Rights): Promise<FastifyInstance> {
  registerAjvFormats();
  const options: FastifyServerOptions = {
    serverFactory: (handler) => createServer(tls, handler) as unknown as Server,
    loggerInstance: context.log,
    genReqId: makeRequestId,
    logController: new LogController({ requestIdLogLabel: 'request', disableRequestLogging: true }),
    exposeHeadRoutes: false,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    return503OnClosing: true,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 500 },
    frameworkErrors: (_error, request, reply) => answerBadAddress(request, reply as unknown as FastifyReply),
  };
  const app = Fastify(options);
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  const wrongTokens = new WrongTokens(context.config.wrongTokensPerMinute, () => context.now().getTime());
  app.setErrorHandler((error, request, reply) => answerProblem(wrongTokens.judge(error, request), request, reply));
  app.setNotFoundHandler((request, reply) =>
    answerProblem(new HofjeError('request.not-found', 'There is nothing at this address.'), request, reply),
  );
  // Before the guard: what it refuses carries these headers, too.
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  });
  guard(app, context, rights);
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-request-id', request.id);
    // What is told to somebody is for him alone, and for now: no cache on the way or in his browser keeps it.
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
  app.addHook('preValidation', async (request) => {
    // A node may have much to tell.
    const room = request.caller.kind === 'node' ? { left: Number.POSITIVE_INFINITY } : undefined;
    for (const part of [request.params, request.query, request.body]) checkTexts(part, [], room);
  });
  logRequests(app);

  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Hofje', version: '1', description: 'Websites and mail, each site in a house of its own.' },
      servers: [{ url: context.config.publicUrls.client }],
      components: { securitySchemes: { operator: { type: 'http', scheme: 'bearer' } } },
      security: [{ operator: [] }],
    },
  });
  await app.register(websocket, { options: { maxPayload: MESSAGE_BYTES_MAX, perMessageDeflate: false } });
  const nouns = [
    statusRoutes,
    sessionRoutes,
    factorRoutes,
    resetRoutes,
    loginLinkRoutes,
    tokenRoutes,
    personRoutes,
    membershipRoutes,
    invitationRoutes,
    supportRoutes,
    accountRoutes,
    planRoutes,
    imageRoutes,
    nodeRoutes,
    loadRoutes,
    searchRoutes,
    siteRoutes,
    siteLifeRoutes,
    siteAliasRoutes,
    siteTlsRoutes,
    domainRoutes,
    mailboxRoutes,
    mailSetupRoutes,
    forwarderRoutes,
    pipeRunRoutes,
    streamRoutes,
    signalRoutes,
    queueRoutes,
    probeRoutes,
    auditRoutes,
    eventRoutes,
    linkRoutes,
    panelRoutes,
  ];
  for (const routes of nouns) {
    await app.register(async (scope) => routes(scope, context));
  }
  return app;
}

/**
 * What the router cannot read comes past every hook: the answer gets here what others get there, and does not repeat the
 * address.
 */
function answerBadAddress(request: FastifyRequest, reply: FastifyReply): void {
  reply.headers({
    ...{ 'x-request-id': request.id, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
    'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  });
  answerProblem(new HofjeError('request.malformed', 'The address cannot be read.'), request, reply);
}

/** One line a request, when it is answered: the route, never the address as typed, which may hold a ticket. */
function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    request.log.info({
      event: 'request.answered',
      method: request.method,
      route: request.routeOptions.url ?? 'none',
      status: reply.statusCode,
      caller: request.caller.kind,
      milliseconds: Math.round(reply.elapsedTime),
    });
  });
}
