import { type Static, Type } from 'typebox';
import { AddressText, BasedOn, IdText, MaybeSettled, Moment, Page, PageQuery, Version, WaitQuery } from './common.ts';
import { endpoint } from './endpoint.ts';

const Common = {
  id: IdText('forwarder'),
  address: Type.String(),
  domain: IdText('domain'),
  version: Version,
  createdAt: Moment,
  ...MaybeSettled,
};

/** Mail for an address goes on: to other addresses, or into a program inside a site. */
export const Forwarder = Type.Object(
  {
    ...Common,
    kind: Type.Union([Type.Literal('addresses'), Type.Literal('pipe')]),
    to: Type.Optional(Type.Array(Type.String(), { description: 'Where it goes, for kind `addresses`.' })),
    site: Type.Optional(Type.String({ description: 'The site whose container is entered, for kind `pipe`.' })),
    pipe: Type.Optional(Type.String({ description: 'The text as typed.' })),
    argv: Type.Optional(Type.Array(Type.String(), { description: 'What the rule made of it: program and arguments.' })),
  },
  { additionalProperties: false },
);
export type Forwarder = Static<typeof Forwarder>;

const params = Type.Object({ forwarder: Type.String({ maxLength: 400, description: 'Id or address.' }) });
const wait = Type.Object(WaitQuery, { additionalProperties: false });

/** Where mail goes: exactly one of `to` and `pipe`. */
const Where = {
  to: Type.Optional(Type.Array(AddressText, { minItems: 1, maxItems: 100 })),
  pipe: Type.Optional(
    Type.String({ maxLength: 65_536, description: 'Split into words by the rule in model/mail/command.' }),
  ),
  site: Type.Optional(
    Type.String({ maxLength: 300, description: 'Site of the pipe; otherwise as before, or the one of its domain.' }),
  ),
};

export const createForwarder = endpoint({
  method: 'POST',
  path: '/v1/forwarders',
  summary: 'Send mail for an address on, to addresses (`to`) or into a program (`pipe`).',
  query: wait,
  body: Type.Object(
    {
      address: AddressText,
      ...Where,
    },
    { additionalProperties: false },
  ),
  status: 201,
  answer: Forwarder,
  creates: true,
});

export const listForwarders = endpoint({
  method: 'GET',
  path: '/v1/forwarders',
  summary: 'List forwarders by address.',
  query: Type.Object(
    {
      ...PageQuery,
      domain: Type.Optional(Type.String({ maxLength: 300, description: 'Id or name.' })),
    },
    { additionalProperties: false },
  ),
  status: 200,
  answer: Page(Forwarder),
});

export const getForwarder = endpoint({
  method: 'GET',
  path: '/v1/forwarders/:forwarder',
  summary: 'Show a forwarder.',
  params,
  status: 200,
  answer: Forwarder,
});

export const changeForwarder = endpoint({
  method: 'PATCH',
  path: '/v1/forwarders/:forwarder',
  summary: 'Let mail for the address go elsewhere from now on: to addresses (`to`) or into a program (`pipe`).',
  params,
  query: wait,
  body: Type.Object({ ...Where, ...BasedOn }, { additionalProperties: false }),
  status: 200,
  answer: Forwarder,
  changes: true,
});

export const deleteForwarder = endpoint({
  method: 'DELETE',
  path: '/v1/forwarders/:forwarder',
  summary: 'Delete a forwarder.',
  params,
  query: wait,
  status: 200,
  answer: Forwarder,
  changes: true,
});
