import { type Static, Type } from 'typebox';
import { THROUGH } from '#model/audit/entry.ts';
import { Moment, PageQuery } from './common.ts';
import { endpoint } from './endpoint.ts';

const Details = Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]);
const MaybeText = Type.Union([Type.String(), Type.Null()]);

/** An entry as it was written; its canonical JSON is what the hash covers. See model/audit. */
const entryMembers = {
  at: Moment,
  who: Type.String({ description: 'Id of a person, mailbox or node; `machine`, `system` or `anyone`.' }),
  through: Type.Enum(THROUGH, { description: 'That it was the command line is the client’s own word.' }),
  from: Type.Union([Type.String(), Type.Null()], { description: 'Network address.' }),
  credential: Type.Union([Type.String(), Type.Null()], { description: 'Id of the session or token that was shown.' }),
  support: Type.Union([Type.String(), Type.Null()], {
    description: 'Id of the support access that it was done under.',
  }),
  operator: Type.Boolean({ description: 'By the right of an operator, not of a member of the account.' }),
  action: Type.String({ description: 'Method and route, or an event of the platform.' }),
  object: Type.String(),
  account: MaybeText,
  site: MaybeText,
  before: Details,
  after: Details,
  request: Type.Union([Type.String(), Type.Null()], { description: 'Id of the request, as in `X-Request-Id`.' }),
};

/** A line of the export, after the first. */
export const AuditLine = Type.Object(
  {
    chain: Type.String(),
    sequence: Type.Integer({ minimum: 1 }),
    hash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    entry: Type.Object(entryMembers, { additionalProperties: false }),
  },
  { additionalProperties: false },
);
export type AuditLine = Static<typeof AuditLine>;

const Head = Type.Object(
  {
    chain: Type.String({ description: '`installation`, or the id of an account.' }),
    sequence: Type.Integer({ minimum: 0, description: 'Of the last entry; 0 when there is none.' }),
    hash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  },
  { additionalProperties: false },
);

export const AUDIT_FORMAT = 'hofje-audit-1';

/** The first line of the export: which chain it is, after what it begins, and where it ends. */
export const AuditHeader = Type.Object(
  {
    format: Type.Literal(AUDIT_FORMAT),
    base: Head,
    head: Head,
  },
  { additionalProperties: false },
);
export type AuditHeader = Static<typeof AuditHeader>;

export const AuditRecord = Type.Object(
  {
    id: Type.String({ description: 'Hash of the entry.' }),
    name: Type.Union([Type.String(), Type.Null()], { description: 'Of the person, where you may know it.' }),
    kind: Type.String({ description: 'What kind of thing the object is.' }),
    ...entryMembers,
  },
  { additionalProperties: false },
);
export type AuditRecord = Static<typeof AuditRecord>;

const AccountFilter = Type.Optional(Type.String({ maxLength: 100, description: 'Id or name of an account.' }));

export const listAudit = endpoint({
  method: 'GET',
  path: '/v1/audit',
  summary: 'What was changed, by whom, newest first.',
  query: Type.Object(
    {
      account: AccountFilter,
      person: Type.Optional(Type.String({ maxLength: 100, description: 'Who did it, as `who` says.' })),
      object: Type.Optional(Type.String({ maxLength: 300, description: 'Id of what was changed.' })),
      action: Type.Optional(Type.String({ maxLength: 300 })),
      from: Type.Optional(Moment),
      to: Type.Optional(Moment),
      ...PageQuery,
    },
    { additionalProperties: false },
  ),
  status: 200,
  answer: Type.Object(
    {
      items: Type.Array(AuditRecord),
      next: Type.Union([Type.String(), Type.Null()], { description: 'Cursor of the next page; null after the last.' }),
    },
    { additionalProperties: false },
  ),
});

/** Of which chain: the account’s; without one the installation’s, which is for operators. */
const ChainQuery = Type.Object({ account: AccountFilter }, { additionalProperties: false });

export const auditHead = endpoint({
  method: 'GET',
  path: '/v1/audit/head',
  summary: 'The hash that stands for everything recorded so far; note it down elsewhere, and verify against it later.',
  query: ChainQuery,
  status: 200,
  answer: Head,
});

/** Answers JSON lines: an `AuditHeader`, then `AuditLine`s. */
export const exportAudit = endpoint({
  method: 'GET',
  path: '/v1/audit/export',
  summary: 'A whole chain as JSON lines, oldest first: a header, then the entries.',
  query: ChainQuery,
  status: 200,
});
