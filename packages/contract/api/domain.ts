import { type Static, Type } from 'typebox';
import {
  BasedOn,
  GraceQuery,
  HostName,
  IdText,
  MaybeMoment,
  MaybeSettled,
  Moment,
  Page,
  PageQuery,
  Reason,
  Version,
  WaitQuery,
} from './common.ts';
import { endpoint } from './endpoint.ts';

/** How a domain came to be served and local for mail; `null` while it is only claimed. */
export const EstablishedBy = Type.Union([
  Type.Literal('dns', { description: 'A TXT record proved it.' }),
  Type.Literal('parent', { description: 'It lies below a domain of the same account that is established.' }),
  Type.Literal('override', { description: 'An operator said so, with a reason.' }),
  Type.Null(),
]);

export const Domain = Type.Object(
  {
    id: IdText('domain'),
    name: Type.String({ description: 'Lower case, A-labels.' }),
    displayName: Type.String({ description: 'As people read it; names that differ may look alike.' }),
    account: IdText('account'),
    node: Type.String({ description: 'Where its mail lies.' }),
    mail: Type.Boolean({ description: 'Mail for it is delivered here, once it is established.' }),
    mailLimitBytes: Type.Integer(),
    establishedBy: EstablishedBy,
    establishedAt: MaybeMoment,
    overrideReason: Type.Union([Type.String(), Type.Null()]),
    proof: Type.Object({
      name: Type.String({ description: 'Name of the TXT record that proves it.' }),
      value: Type.String(),
    }),
    version: Version,
    createdAt: Moment,
    deletedAt: MaybeMoment,
    purgeAfter: MaybeMoment,
    ...MaybeSettled,
  },
  { additionalProperties: false },
);
export type Domain = Static<typeof Domain>;

const params = Type.Object({ domain: Type.String({ maxLength: 300, description: 'Id or name.' }) });
const wait = Type.Object(WaitQuery, { additionalProperties: false });

export const addDomain = endpoint({
  method: 'POST',
  path: '/v1/domains',
  summary: 'Claim a domain for an account.',
  query: wait,
  body: Type.Object(
    {
      name: HostName,
      account: Type.String({ maxLength: 100, description: 'Id or name.' }),
      mail: Type.Optional(Type.Boolean({ default: true })),
      node: Type.Optional(Type.String({ maxLength: 100, description: 'Where its mail goes; chosen otherwise.' })),
      overrideReason: Type.Optional(Reason),
    },
    { additionalProperties: false },
  ),
  status: 201,
  answer: Domain,
  creates: true,
});

export const listDomains = endpoint({
  method: 'GET',
  path: '/v1/domains',
  summary: 'List domains by name.',
  query: Type.Object(
    {
      ...PageQuery,
      account: Type.Optional(Type.String({ maxLength: 100 })),
      deleted: Type.Optional(Type.Boolean()),
    },
    { additionalProperties: false },
  ),
  status: 200,
  answer: Page(Domain),
});

export const getDomain = endpoint({
  method: 'GET',
  path: '/v1/domains/:domain',
  summary: 'Show a domain, with the record that proves it.',
  params,
  status: 200,
  answer: Domain,
});

export const changeDomain = endpoint({
  method: 'PATCH',
  path: '/v1/domains/:domain',
  summary: 'Take mail for a domain here or not, and how much.',
  params,
  query: wait,
  body: Type.Object(
    {
      mail: Type.Optional(Type.Boolean()),
      mailLimitBytes: Type.Optional(Type.Integer({ minimum: 1_000_000, maximum: Number.MAX_SAFE_INTEGER })),
      ...BasedOn,
    },
    { additionalProperties: false },
  ),
  status: 200,
  answer: Domain,
  changes: true,
});

export const proveDomain = endpoint({
  method: 'POST',
  path: '/v1/domains/:domain/prove',
  summary: 'Look for the TXT record now; with it the domain is served and local for mail.',
  params,
  query: wait,
  status: 200,
  answer: Domain,
  changes: true,
});

export const overrideDomain = endpoint({
  method: 'POST',
  path: '/v1/domains/:domain/override',
  summary: 'Establish a domain without proof; the reason is kept.',
  params,
  query: wait,
  body: Type.Object({ reason: Reason, ...BasedOn }, { additionalProperties: false }),
  status: 200,
  answer: Domain,
  changes: true,
});

export const removeDomain = endpoint({
  method: 'DELETE',
  path: '/v1/domains/:domain',
  summary: 'Remove a domain with its mailboxes and forwarders; until `purgeAfter` it can be restored.',
  params,
  query: Type.Object({ ...GraceQuery, ...WaitQuery }, { additionalProperties: false }),
  status: 200,
  answer: Domain,
  changes: true,
});

export const restoreDomain = endpoint({
  method: 'POST',
  path: '/v1/domains/:domain/restore',
  summary: 'Bring a removed domain back.',
  params,
  query: wait,
  status: 200,
  answer: Domain,
  changes: true,
});
