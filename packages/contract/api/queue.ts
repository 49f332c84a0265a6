import { type Static, Type } from 'typebox';
import { ShortName } from './common.ts';
import { endpoint } from './endpoint.ts';

/** A message that waits on a node, as the mail server's queue lists it. */
export const QueuedMessage = Type.Object({
  node: ShortName,
  id: Type.String(),
  sender: Type.String({ description: 'Empty for bounces.' }),
  recipients: Type.Array(Type.String()),
  sizeBytes: Type.Integer(),
  ageSeconds: Type.Integer(),
  frozen: Type.Boolean(),
});
export type QueuedMessage = Static<typeof QueuedMessage>;

/** What a node answers to `queue-list`, `queue-show` and `queue-retry`. */
export const QueueListAnswer = Type.Object({ messages: Type.Array(Type.Omit(QueuedMessage, ['node'])) });
export const QueueShowAnswer = Type.Object({ headers: Type.String(), log: Type.String() });
export type QueueListAnswer = Static<typeof QueueListAnswer>;
export type QueueShowAnswer = Static<typeof QueueShowAnswer>;

const NodeChoice = {
  node: Type.Optional(Type.String({ maxLength: 100, description: 'Id or name; all nodes otherwise.' })),
};
/** As Exim names messages, now and from 4.97 on. */
const MessageId = Type.String({ pattern: '^[0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4}$' });

export const listQueue = endpoint({
  method: 'GET',
  path: '/v1/queue',
  summary: 'Messages that wait.',
  query: Type.Object(NodeChoice, { additionalProperties: false }),
  status: 200,
  answer: Type.Object(
    {
      items: Type.Array(QueuedMessage),
      silent: Type.Array(ShortName, { description: 'Nodes that did not answer; their queues are not in the list.' }),
    },
    { additionalProperties: false },
  ),
});

export const showQueued = endpoint({
  method: 'GET',
  path: '/v1/queue/:message',
  summary: 'Headers and delivery log of a message that waits.',
  params: Type.Object({ message: MessageId }),
  query: Type.Object(NodeChoice, { additionalProperties: false }),
  status: 200,
  answer: Type.Object({ node: ShortName, headers: Type.String(), log: Type.String() }, { additionalProperties: false }),
});

export const retryQueue = endpoint({
  method: 'POST',
  path: '/v1/queue/retry',
  summary: 'Try to deliver now: one message, or all.',
  query: Type.Object(NodeChoice, { additionalProperties: false }),
  body: Type.Object({ message: Type.Optional(MessageId) }, { additionalProperties: false }),
  status: 200,
  answer: Type.Object({ nodes: Type.Array(ShortName) }, { additionalProperties: false }),
});
