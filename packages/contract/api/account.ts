import { type Static, Type } from 'typebox';
import {
  AddressText,
  BasedOn,
  GraceQuery,
  IdText,
  MaybeMoment,
  Moment,
  Page,
  PageQuery,
  ShortName,
  Version,
} from './common.ts';
import { endpoint } from './endpoint.ts';

/** A customer's account: it owns sites and domains. */
export const Account = Type.Object(
  {
    id: IdText('account'),
    name: ShortName,
    email: Type.String(),
    version: Version,
    createdAt: Moment,
    deletedAt: MaybeMoment,
    purgeAfter: MaybeMoment,
  },
  { additionalProperties: false },
);
export type Account = Static<typeof Account>;

const params = Type.Object({ account: Type.String({ maxLength: 100, description: 'Id or name.' }) });

export const createAccount = endpoint({
  method: 'POST',
  path: '/v1/accounts',
  summary: 'Make an account.',
  body: Type.Object({ name: ShortName, email: AddressText }, { additionalProperties: false }),
  status: 201,
  answer: Account,
  creates: true,
});

export const listAccounts = endpoint({
  method: 'GET',
  path: '/v1/accounts',
  summary: 'List accounts by name.',
  query: Type.Object(
    {
      ...PageQuery,
      deleted: Type.Optional(Type.Boolean({ description: 'Those that wait for their deletion instead.' })),
    },
    { additionalProperties: false },
  ),
  status: 200,
  answer: Page(Account),
});

export const getAccount = endpoint({
  method: 'GET',
  path: '/v1/accounts/:account',
  summary: 'Show an account.',
  params,
  status: 200,
  answer: Account,
});

export const changeAccount = endpoint({
  method: 'PATCH',
  path: '/v1/accounts/:account',
  summary: 'Change the address of an account.',
  params,
  body: Type.Object({ email: AddressText, ...BasedOn }, { additionalProperties: false }),
  status: 200,
  answer: Account,
  changes: true,
});

export const deleteAccount = endpoint({
  method: 'DELETE',
  path: '/v1/accounts/:account',
  summary: 'Delete an account with its sites and domains; until `purgeAfter` it can be restored.',
  params,
  query: Type.Object(GraceQuery, { additionalProperties: false }),
  status: 200,
  answer: Account,
  changes: true,
});

export const restoreAccount = endpoint({
  method: 'POST',
  path: '/v1/accounts/:account/restore',
  summary:
    'Bring a deleted account back, with what was deleted with it. The id is needed, or the name when it is still free.',
  params,
  status: 200,
  answer: Account,
  changes: true,
});
