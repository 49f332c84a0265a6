import { type Static, Type } from 'typebox';
import { IdText, MaybeMoment, Moment, Reason } from './common.ts';
import { endpoint } from './endpoint.ts';

/** An operator looks into somebody's account: with a reason, for a time, and for its people to see. */
export const SupportAccess = Type.Object(
  {
    id: IdText('support'),
    account: IdText('account'),
    person: IdText('person'),
    name: Type.String({ description: 'Of the operator.' }),
    reason: Type.String(),
    writes: Type.Boolean({ description: 'An owner has allowed changes.' }),
    createdAt: Moment,
    expiresAt: Moment,
    endedAt: MaybeMoment,
    allowedBy: Type.Union([IdText('person'), Type.Null()]),
  },
  { additionalProperties: false },
);
export type SupportAccess = Static<typeof SupportAccess>;

const account = Type.String({ maxLength: 100, description: 'Id or name.' });
const params = Type.Object({ account });
const accessParams = Type.Object({ account, access: IdText('support') });

export const startSupport = endpoint({
  method: 'POST',
  path: '/v1/accounts/:account/support',
  summary: 'Look into an account in this session; one that runs in it already ends.',
  params,
  body: Type.Object(
    { reason: Reason, minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 480, default: 60 })) },
    { additionalProperties: false },
  ),
  status: 201,
  answer: SupportAccess,
});

export const listSupport = endpoint({
  method: 'GET',
  path: '/v1/accounts/:account/support',
  summary: 'Which operators look, or looked, into an account.',
  params,
  status: 200,
  answer: Type.Object(
    { items: Type.Array(SupportAccess, { description: 'The latest first, a hundred at most.' }) },
    { additionalProperties: false },
  ),
});

export const endSupport = endpoint({
  method: 'POST',
  path: '/v1/accounts/:account/support/:access/end',
  summary: 'End it: the operator himself, an administrator, or an owner of the account.',
  params: accessParams,
  status: 200,
  answer: SupportAccess,
});

export const allowSupport = endpoint({
  method: 'POST',
  path: '/v1/accounts/:account/support/:access/allow',
  summary: 'Let an operator who looks into the account change things in it too, or no longer.',
  params: accessParams,
  body: Type.Object({ writes: Type.Boolean() }, { additionalProperties: false }),
  status: 200,
  answer: SupportAccess,
});
