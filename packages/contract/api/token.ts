import { type Static, Type } from 'typebox';
import { SCOPES } from '#model/right/role.ts';
import { IdText, MaybeMoment, Moment } from './common.ts';
import { endpoint } from './endpoint.ts';

/** A personal API token: what of its person's rights a program may use, until when. */
export const Token = Type.Object(
  {
    id: IdText('token'),
    name: Type.String(),
    scopes: Type.Array(Type.Enum(SCOPES)),
    account: Type.Union([IdText('account'), Type.Null()], { description: 'The only account it is good for.' }),
    createdAt: Moment,
    expiresAt: MaybeMoment,
    lastUsedAt: Type.Union([Moment, Type.Null()], { description: 'To the minute.' }),
    revokedAt: MaybeMoment,
    token: Type.Optional(Type.String({ description: 'Only in the answer that made it.' })),
  },
  { additionalProperties: false },
);
export type Token = Static<typeof Token>;

const body = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100, pattern: '^[^\\u0000-\\u001f\\u007f]+$' }),
    scopes: Type.Array(Type.Enum(SCOPES), { minItems: 1, maxItems: SCOPES.length, uniqueItems: true }),
    account: Type.Optional(Type.String({ maxLength: 100, description: 'Id or name: for this account only.' })),
    days: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 366, default: 90, description: 'How long it is good for.' }),
    ),
  },
  { additionalProperties: false },
);

export const createToken = endpoint({
  method: 'POST',
  path: '/v1/tokens',
  summary: 'Make a personal API token; its text is answered this once.',
  body,
  status: 201,
  answer: Token,
});

export const createTokenFor = endpoint({
  method: 'POST',
  path: '/v1/people/:person/tokens',
  summary: 'Make a token for somebody. For the machine itself only.',
  params: Type.Object({ person: Type.String({ maxLength: 400, description: 'Id or mail address.' }) }),
  body,
  status: 201,
  answer: Token,
});

export const listTokens = endpoint({
  method: 'GET',
  path: '/v1/tokens',
  summary: 'My tokens, newest first; those that are over for thirty days still.',
  status: 200,
  answer: Type.Object({ items: Type.Array(Token) }, { additionalProperties: false }),
});

export const revokeToken = endpoint({
  method: 'DELETE',
  path: '/v1/tokens/:token',
  summary: 'Revoke a token: the next request with it is refused.',
  params: Type.Object({ token: Type.String({ maxLength: 100, description: 'Id.' }) }),
  status: 200,
  answer: Token,
});
