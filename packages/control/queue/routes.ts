import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { listQueue, QueueListAnswer, QueueShowAnswer, retryQueue, showQueued } from '#contract/api/queue.ts';
import { HofjeError } from '#model/error.ts';
import { audit } from '../audit.ts';
import type { Context } from '../context.ts';
import { serve } from '../http/serve.ts';
import { askNode, chosenNodes } from '../link/question.ts';

export function queueRoutes(app: FastifyInstance, context: Context): void {
  serve(app, listQueue, async ({ query }, request) => {
    const nodes = await chosenNodes(context, query?.node);
    const asked = nodes.map(async ({ id, name }) => {
      const { messages } = await askNode(context, request, id, { ask: 'queue-list' }, QueueListAnswer);
      return messages.map((message) => ({ ...message, node: name }));
    });
    const answers = await Promise.allSettled(asked);
    return {
      items: answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : [])),
      silent: nodes.filter((_, index) => answers[index]?.status === 'rejected').map((node) => node.name),
    };
  });

  serve(app, showQueued, async ({ params, query }, request) => {
    const nodes = await chosenNodes(context, query?.node);
    const question = { ask: 'queue-show', message: params.message } as const;
    const answers = await Promise.allSettled(
      nodes.map(async ({ id, name }) => ({
        node: name,
        ...(await askNode(context, request, id, question, QueueShowAnswer)),
      })),
    );
    const found = answers.find((answer) => answer.status === 'fulfilled');
    if (found === undefined) {
      throw new HofjeError('queue.not-found', `No node has the message ${params.message}.`, { field: 'message' });
    }
    return found.value;
  });

  serve(app, retryQueue, async ({ query, body }, request) => {
    const nodes = await chosenNodes(context, query?.node);
    const question = { ask: 'queue-retry', ...(body.message === undefined ? {} : { message: body.message }) } as const;
    const answers = await Promise.allSettled(
      nodes.map(async ({ id }) => await askNode(context, request, id, question, Type.Unknown())),
    );
    const tried = nodes.filter((_, index) => answers[index]?.status === 'fulfilled');
    if (tried.length === 0) {
      throw new HofjeError('queue.not-found', 'No node could try it.', { field: 'message' });
    }
    for (const node of tried) await audit(context.db, request, node.id, { after: { message: body.message ?? null } });
    return { nodes: tried.map((node) => node.name) };
  });
}
