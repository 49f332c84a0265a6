import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import type { NodeReport } from '#contract/agent/messages.ts';
import { certifiedCaller, nodeOf } from '../auth/guard.ts';
import type { Context } from '../context.ts';
import { buildDesired } from '../state/desired.ts';
import { revisionOf } from '../state/revision.ts';
import { enrol, renew } from './enrol.ts';
import { storeReport } from './report.ts';
import { EnrolBody, RenewBody, ReportBody } from './schema.ts';

/** Reports of a node with thousands of sites are large. */
const REPORT_BYTES_MAX = 64 * 1024 * 1024;

/** What agents call; the messages are in contract/agent. */
export function linkRoutes(app: FastifyInstance, context: Context): void {
  app.post<{ Body: Static<typeof EnrolBody> }>(
    '/agent/v1/enrol',
    { schema: { hide: true, body: EnrolBody } },
    async (request) => await enrol(context, request.body.token, request.body.csr),
  );

  app.post<{ Body: Static<typeof RenewBody> }>(
    '/agent/v1/renew',
    { schema: { hide: true, body: RenewBody } },
    async (request) => await renew(context, nodeOf(request), request.body.csr),
  );

  app.get('/agent/v1/desired', { schema: { hide: true } }, async (request, reply) => {
    const node = nodeOf(request);
    const current = `"${await revisionOf(context.db, node)}"`;
    if (request.headers['if-none-match'] === current) return await reply.code(304).header('etag', current).send();
    const state = await buildDesired(context, node);
    reply.header('etag', `"${state.revision}"`).header('cache-control', 'no-store');
    return state;
  });

  app.post<{ Body: NodeReport }>(
    '/agent/v1/report',
    { schema: { hide: true, body: ReportBody }, bodyLimit: REPORT_BYTES_MAX },
    async (request, reply) => {
      await storeReport(context, nodeOf(request), request.body);
      return await reply.code(204).send();
    },
  );

  app.get('/agent/v1/link', { schema: { hide: true }, websocket: true }, (socket, request) => {
    const { node, serial } = certifiedCaller(request);
    context.links.attach(node, serial, socket);
  });
}
