import type { FastifyRequest } from 'fastify';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { Question } from '#contract/agent/messages.ts';
import { HofjeError } from '#model/error.ts';
import type { NodeId } from '#model/id.ts';
import type { Context } from '../context.ts';
import { findNode, type NodeRow } from '../node/queries.ts';

/**
 * Asks a node on behalf of a request, whose id goes with the question. Throws what `Links.ask` throws, and `node.refused`
 * when the answer has another shape than `schema`.
 */
export async function askNode<S extends TSchema>(
  context: Context,
  request: FastifyRequest,
  node: NodeId,
  question: Question,
  schema: S,
  timeoutMs?: number,
): Promise<Static<S>> {
  // Several questions of one request need ids of their own.
  const id = `${request.id}/${context.random(6).toString('hex')}`;
  const answer = await context.links.ask(node, question, id, timeoutMs);
  if (Value.Check(schema, answer)) return answer;
  context.log.error({ event: 'node.answer-shape', node, ask: question.ask, request: request.id });
  throw new HofjeError('node.refused', 'The node gave an answer of an unknown shape.');
}

/** The node that is named, or all that have enrolled. */
export async function chosenNodes(context: Context, reference: string | undefined): Promise<NodeRow[]> {
  if (reference !== undefined) return [await findNode(context.db, reference)];
  return await context.db.selectFrom('node').selectAll().where('enrolled_at', 'is not', null).orderBy('name').execute();
}
