import { type Static, Type } from 'typebox';
import { IdText } from './common.ts';
import { endpoint } from './endpoint.ts';
import { SITE_STATES_SHOWN } from './site.ts';

/** What is looked for, and in this order shown. */
export const FOUND_KINDS = ['account', 'site', 'domain', 'mailbox', 'forwarder', 'person', 'node'] as const;

export const Found = Type.Object(
  {
    kind: Type.Enum(FOUND_KINDS),
    id: Type.String(),
    name: Type.String({ description: 'Name or address; of a person the address.' }),
    note: Type.Union([Type.String(), Type.Null()], {
      description: 'Of a site the other name by which it was found; of a person the name.',
    }),
    account: Type.Union([IdText('account'), Type.Null()], { description: 'Whose it is.' }),
    accountName: Type.Union([Type.String(), Type.Null()]),
    state: Type.Union([Type.Enum(SITE_STATES_SHOWN), Type.Null()], { description: 'Of a site.' }),
  },
  { additionalProperties: false },
);
export type Found = Static<typeof Found>;

export const search = endpoint({
  method: 'GET',
  path: '/v1/search',
  summary: 'What one sees whose name has these letters in it: exact names first, then what begins with them.',
  query: Type.Object(
    {
      q: Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'One or two letters are looked for at the beginning.',
      }),
      kind: Type.Optional(Type.Enum(FOUND_KINDS)),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 8, description: 'Of each kind.' })),
    },
    { additionalProperties: false },
  ),
  status: 200,
  answer: Type.Object({ items: Type.Array(Found) }, { additionalProperties: false }),
});
