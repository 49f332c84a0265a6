import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Endpoint, EndpointAnswer, EndpointInput } from '#contract/api/endpoint.ts';
import { Problem } from '#contract/api/problem.ts';
import { RIGHTS } from '../auth/rights.ts';
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
    schema: documented(endpoint),
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

const PROBLEM = { content: { 'application/problem+json': { schema: Problem } } };

/** What any route answers when something is wrong. */
export const PROBLEMS = {
  '4xx': { description: 'The caller can do something about it.', ...PROBLEM },
  '5xx': { description: 'The platform has to do something about it.', ...PROBLEM },
} as const;

/** What Fastify checks, and what the OpenAPI document says of the endpoint. */
function documented(endpoint: Endpoint) {
  const { method, path, params, query, body, answer, status } = endpoint;
  return {
    summary: endpoint.summary,
    operationId: `${method.toLowerCase()}${path.replace(/[^A-Za-z]+([A-Za-z])/g, (_, letter: string) => letter.toUpperCase())}`,
    tags: [path.split('/')[2] ?? 'status'],
    security: typeof RIGHTS[`${method} ${path}`] === 'object' ? [{ operator: [] }] : [],
    headers: Type.Object({
      ...(endpoint.creates ? { 'idempotency-key': Type.Optional(IdempotencyKey) } : {}),
      ...(endpoint.changes ? { 'if-match': Type.Optional(IfMatch) } : {}),
    }),
    ...(params === undefined ? {} : { params }),
    ...(query === undefined ? {} : { querystring: query }),
    ...(body === undefined ? {} : { body }),
    response: {
      [status]: answer ?? Type.Null({ description: 'Nothing to tell.' }),
      ...PROBLEMS,
    },
  };
}

const IdempotencyKey = Type.String({
  pattern: '^[\\x21-\\x7e]{1,200}$',
  description: 'The same request with the same key makes the object once, and gets the same answer for two days.',
});
const IfMatch = Type.String({
  maxLength: 40,
  description: 'The version that the change is based on, as `ETag` gave it.',
});

function versionOf(answer: unknown): number | undefined {
  if (answer === null || typeof answer !== 'object' || !('version' in answer)) return undefined;
  return typeof answer.version === 'number' ? answer.version : undefined;
}
