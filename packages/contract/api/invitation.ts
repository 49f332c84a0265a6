import { type Static, Type } from 'typebox';
import { AddressText, IdText, Moment } from './common.ts';
import { endpoint } from './endpoint.ts';
import { AccountRoleName, SiteIds } from './membership.ts';
import { LanguageCode, OperatorRoleName, PersonName } from './person.ts';

export const INVITATION_STATES = ['open', 'accepted', 'revoked', 'expired'] as const;

/** The right to become a member of an account, or an operator; whoever holds its link has it, once. */
export const Invitation = Type.Object(
  {
    id: IdText('invitation'),
    state: Type.Enum(INVITATION_STATES),
    account: Type.Union([IdText('account'), Type.Null()]),
    role: Type.Union([AccountRoleName, Type.Null()]),
    sites: Type.Array(IdText('site')),
    operatorRole: Type.Union([OperatorRoleName, Type.Null()]),
    email: Type.Union([Type.String(), Type.Null()]),
    invitedBy: Type.Union([IdText('person'), Type.Null()]),
    acceptedBy: Type.Union([IdText('person'), Type.Null()]),
    createdAt: Moment,
    expiresAt: Moment,
  },
  { additionalProperties: false },
);
export type Invitation = Static<typeof Invitation>;

const Made = Type.Object(
  {
    invitation: Invitation,
    url: Type.String({ description: 'Opens the panel; the secret stands behind the # and is told only now.' }),
  },
  { additionalProperties: false },
);
const List = Type.Object(
  { items: Type.Array(Invitation, { description: 'The latest first, a hundred at most.' }) },
  { additionalProperties: false },
);

const account = Type.String({ maxLength: 100, description: 'Id or name.' });
const params = Type.Object({ account });
const Common = {
  email: Type.Optional(AddressText),
  days: Type.Optional(Type.Integer({ minimum: 1, maximum: 30, default: 7 })),
};

export const invite = endpoint({
  method: 'POST',
  path: '/v1/accounts/:account/invitations',
  summary: 'Invite somebody to an account, by a link.',
  params,
  body: Type.Object(
    { role: AccountRoleName, sites: Type.Optional(SiteIds), ...Common },
    { additionalProperties: false },
  ),
  status: 201,
  answer: Made,
});

export const listInvitations = endpoint({
  method: 'GET',
  path: '/v1/accounts/:account/invitations',
  summary: 'List the invitations to an account.',
  params,
  status: 200,
  answer: List,
});

export const revokeInvitation = endpoint({
  method: 'DELETE',
  path: '/v1/accounts/:account/invitations/:invitation',
  summary: 'Take an invitation back that nobody has accepted.',
  params: Type.Object({ account, invitation: IdText('invitation') }),
  status: 200,
  answer: Invitation,
});

export const inviteOperator = endpoint({
  method: 'POST',
  path: '/v1/invitations',
  summary: 'Invite an operator, by a link.',
  body: Type.Object({ operatorRole: OperatorRoleName, ...Common }, { additionalProperties: false }),
  status: 201,
  answer: Made,
});

export const listOperatorInvitations = endpoint({
  method: 'GET',
  path: '/v1/invitations',
  summary: 'List the invitations of operators.',
  status: 200,
  answer: List,
});

export const revokeOperatorInvitation = endpoint({
  method: 'DELETE',
  path: '/v1/invitations/:invitation',
  summary: 'Take the invitation of an operator back.',
  params: Type.Object({ invitation: IdText('invitation') }),
  status: 200,
  answer: Invitation,
});

const Secret = Type.String({ minLength: 1, maxLength: 100, description: 'What stands behind the # of the link.' });

export const lookAtInvitation = endpoint({
  method: 'POST',
  path: '/v1/invitations/look',
  summary: 'What an invitation is to, for whoever holds its link.',
  body: Type.Object({ token: Secret }, { additionalProperties: false }),
  status: 200,
  answer: Type.Object(
    {
      accountName: Type.Union([Type.String(), Type.Null()]),
      role: Type.Union([AccountRoleName, Type.Null()]),
      operatorRole: Type.Union([OperatorRoleName, Type.Null()]),
      invitedBy: Type.Union([Type.String(), Type.Null()], { description: 'A name.' }),
      email: Type.Union([Type.String(), Type.Null()]),
      expiresAt: Moment,
    },
    { additionalProperties: false },
  ),
});

export const acceptInvitation = endpoint({
  method: 'POST',
  path: '/v1/invitations/accept',
  summary: 'Accept an invitation: as who is logged in, or as a new person, who is logged in with it.',
  body: Type.Object(
    {
      token: Secret,
      email: Type.Optional(AddressText),
      name: Type.Optional(PersonName),
      language: Type.Optional(LanguageCode),
      password: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
    },
    {
      additionalProperties: false,
      description: 'For a new person, name, password and, unless invited with one, email.',
    },
  ),
  status: 200,
  answer: Type.Object(
    {
      person: IdText('person'),
      account: Type.Union([IdText('account'), Type.Null()]),
      isNew: Type.Boolean(),
    },
    { additionalProperties: false },
  ),
});
