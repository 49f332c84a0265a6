import { type Static, Type } from 'typebox';
import { AddressText, BasedOn, IdText, MaybeSettled, Moment, Page, PageQuery, Version, WaitQuery } from './common.ts';
import { endpoint } from './endpoint.ts';

export const Mailbox = Type.Object(
  {
    id: IdText('mailbox'),
    address: Type.String({ description: '`*@domain` takes what no other address of the domain takes.' }),
    domain: IdText('domain'),
    quotaBytes: Type.Integer(),
    version: Version,
    createdAt: Moment,
    password: Type.Optional(Type.String({ description: 'Only in the answer that made it, when it was generated.' })),
    ...MaybeSettled,
  },
  { additionalProperties: false },
);
export type Mailbox = Static<typeof Mailbox>;

const Password = Type.String({ minLength: 1, maxLength: 512 });
const Quota = Type.Integer({ minimum: 1_000_000, maximum: Number.MAX_SAFE_INTEGER });
const params = Type.Object({ mailbox: Type.String({ maxLength: 400, description: 'Id or address.' }) });
const wait = Type.Object(WaitQuery, { additionalProperties: false });

export const createMailbox = endpoint({
  method: 'POST',
  path: '/v1/mailboxes',
  summary: 'Make a mailbox; without a password one is generated and answered once.',
  query: wait,
  body: Type.Object(
    { address: AddressText, password: Type.Optional(Password), quotaBytes: Type.Optional(Quota) },
    { additionalProperties: false },
  ),
  status: 201,
  answer: Mailbox,
  creates: true,
});

export const listMailboxes = endpoint({
  method: 'GET',
  path: '/v1/mailboxes',
  summary: 'List mailboxes by address.',
  query: Type.Object(
    { ...PageQuery, domain: Type.Optional(Type.String({ maxLength: 300, description: 'Id or name.' })) },
    { additionalProperties: false },
  ),
  status: 200,
  answer: Page(Mailbox),
});

export const getMailbox = endpoint({
  method: 'GET',
  path: '/v1/mailboxes/:mailbox',
  summary: 'Show a mailbox.',
  params,
  status: 200,
  answer: Mailbox,
});

export const changeMailbox = endpoint({
  method: 'PATCH',
  path: '/v1/mailboxes/:mailbox',
  summary: 'Change the quota.',
  params,
  query: wait,
  body: Type.Object({ quotaBytes: Quota, ...BasedOn }, { additionalProperties: false }),
  status: 200,
  answer: Mailbox,
  changes: true,
});

export const setPassword = endpoint({
  method: 'PUT',
  path: '/v1/mailboxes/:mailbox/password',
  summary: 'Set the password, or generate one that is answered once.',
  params,
  query: wait,
  body: Type.Object(
    {
      password: Type.Optional(Password),
      current: Type.Optional(
        Type.String({ minLength: 1, maxLength: 512, description: "The old one; asked of the mailbox's own user." }),
      ),
      ...BasedOn,
    },
    { additionalProperties: false },
  ),
  status: 200,
  answer: Mailbox,
  changes: true,
});

export const deleteMailbox = endpoint({
  method: 'DELETE',
  path: '/v1/mailboxes/:mailbox',
  summary: 'Delete a mailbox. Its mail stays on the node until the domain goes.',
  params,
  query: wait,
  status: 200,
  answer: Mailbox,
  changes: true,
});
