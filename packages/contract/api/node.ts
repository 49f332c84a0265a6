import { type Static, Type } from 'typebox';
import { BasedOn, IdText, MaybeMoment, Moment, Page, PageQuery, ShortName, Version } from './common.ts';
import { endpoint } from './endpoint.ts';

/**
 * - `waiting`: has not enrolled yet
 * - `ok`: reports, without alarms
 * - `alarmed`: reports alarms, or a service of it does not run
 * - `silent`: has not reported for longer than it should
 */
export const NODE_HEALTH = ['waiting', 'ok', 'alarmed', 'silent'] as const;

export const Node = Type.Object(
  {
    id: IdText('node'),
    name: ShortName,
    health: Type.Enum(NODE_HEALTH),
    linked: Type.Boolean({ description: 'Its agent holds a connection to the control plane.' }),
    lastSeenAt: MaybeMoment,
    enrolledAt: MaybeMoment,
    revision: Type.Integer({ description: 'What it should be.' }),
    appliedRevision: Type.Union([Type.Integer(), Type.Null()], { description: 'What it says it is.' }),
    edgeImage: Type.Union([Type.String(), Type.Null()]),
    mailImage: Type.Union([Type.String(), Type.Null()]),
    facts: Type.Union([
      Type.Object({
        kernel: Type.String(),
        crun: Type.String(),
        cgroups: Type.String(),
        memoryBytes: Type.Integer(),
        processors: Type.Integer(),
        disk: Type.Optional(
          Type.Object(
            { sizeBytes: Type.Integer(), freeBytes: Type.Integer() },
            { description: 'What sites and mail lie on.' },
          ),
        ),
      }),
      Type.Null(),
    ]),
    alarms: Type.Array(Type.Object({ code: Type.String(), message: Type.String(), since: Moment })),
    services: Type.Array(
      Type.Object({
        kind: Type.String(),
        instance: Type.String(),
        image: Type.String(),
        state: Type.String(),
        reason: Type.Union([Type.String(), Type.Null()]),
      }),
    ),
    version: Version,
    createdAt: Moment,
  },
  { additionalProperties: false },
);
export type Node = Static<typeof Node>;

/** A one-time right to enrol; shown once. */
export const Enrolment = Type.Object({ token: Type.String(), expiresAt: Moment }, { additionalProperties: false });

const params = Type.Object({ node: Type.String({ maxLength: 100, description: 'Id or name.' }) });

export const createNode = endpoint({
  method: 'POST',
  path: '/v1/nodes',
  summary: 'Announce a node; its agent enrols with the token.',
  body: Type.Object({ name: ShortName }, { additionalProperties: false }),
  status: 201,
  answer: Type.Object({ node: Node, enrolment: Enrolment }, { additionalProperties: false }),
  creates: true,
});

export const listNodes = endpoint({
  method: 'GET',
  path: '/v1/nodes',
  summary: 'List nodes by name.',
  query: Type.Object(PageQuery, { additionalProperties: false }),
  status: 200,
  answer: Page(Node),
});

export const getNode = endpoint({
  method: 'GET',
  path: '/v1/nodes/:node',
  summary: 'Show a node with its health.',
  params,
  status: 200,
  answer: Node,
});

export const changeNode = endpoint({
  method: 'PATCH',
  path: '/v1/nodes/:node',
  summary: 'Point the services of a node at other images.',
  params,
  body: Type.Object(
    {
      edgeImage: Type.Optional(Type.String({ maxLength: 100 })),
      mailImage: Type.Optional(Type.String({ maxLength: 100 })),
      ...BasedOn,
    },
    { additionalProperties: false },
  ),
  status: 200,
  answer: Node,
  changes: true,
});

export const enrolNode = endpoint({
  method: 'POST',
  path: '/v1/nodes/:node/enrolments',
  summary: 'Make a new enrolment token, for example after the node lost its key; older tokens end.',
  params,
  status: 201,
  answer: Enrolment,
  creates: true,
});

export const revokeNode = endpoint({
  method: 'POST',
  path: '/v1/nodes/:node/revoke',
  summary: 'Revoke all certificates of a node; what runs on it runs on.',
  params,
  status: 200,
  answer: Node,
  changes: true,
});
