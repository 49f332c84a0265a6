import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Endpoint, EndpointAnswer, EndpointInput } from '#contract/api/endpoint.ts';
import { etagOf } from './version.ts';

export type Handler<E extends Endpoint> = (
  input: EndpointInput<E>,
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<EndpointAnswer<E>>;

/**
 * Serves one endpoint of the contract: its schemas check what comes in and cut what goes out, so that an answer never has
 * a member that the contract does not name.
 */
export function serve<E extends Endpoint>(app: FastifyInstance, endpoint: E, handler: Handler<E>): void {
  app.route({
    method: endpoint.method,
    url: endpoint.path,
    schema: {
      summary: endpoint.summary,
      tags: [endpoint.path.split('/')[2] ?? ''],
      ...(endpoint.params === undefined ? {} : { params: endpoint.params }),
      ...(endpoint.query === undefined ? {} : { querystring: endpoint.query }),
      ...(endpoint.body === undefined ? {} : { body: endpoint.body }),
      ...(endpoint.answer === undefined ? {} : { response: { [endpoint.status]: endpoint.answer } }),
    },
    handler: async (request, reply) => {
      // The schemas have checked these; the compiler knows the same from the endpoint's type.
      const { params, query, body } = request;
      const input = { params, query, body } as unknown as EndpointInput<E>;
      const answer = await handler(input, request, reply);
      reply.code(endpoint.status);
      const version = versionOf(answer);
      if (version !== undefined) reply.header('etag', etagOf(version));
      return answer;
    },
  });
}

function versionOf(answer: unknown): number | undefined {
  if (answer === null || typeof answer !== 'object' || !('version' in answer)) return undefined;
  return typeof answer.version === 'number' ? answer.version : undefined;
}
