import { type Static, Type } from 'typebox';
import { ACCOUNT_ROLES } from '#model/right/role.ts';
import { IdText, Moment, Page, PageQuery } from './common.ts';
import { endpoint } from './endpoint.ts';

export const AccountRoleName = Type.Enum(ACCOUNT_ROLES);
/** Of a collaborator only. */
export const SiteIds = Type.Array(IdText('site'), { maxItems: 1000, uniqueItems: true });

/** Somebody who belongs to an account. */
export const Member = Type.Object(
  {
    person: IdText('person'),
    name: Type.String(),
    email: Type.String(),
    role: AccountRoleName,
    sites: Type.Array(IdText('site'), { description: 'What a collaborator works on; he sees no other.' }),
    createdAt: Moment,
  },
  { additionalProperties: false },
);
export type Member = Static<typeof Member>;

const account = Type.String({ maxLength: 100, description: 'Id or name.' });
const params = Type.Object({ account });
const memberParams = Type.Object({ account, person: IdText('person') });

export const listMembers = endpoint({
  method: 'GET',
  path: '/v1/accounts/:account/members',
  summary: 'List the people of an account by mail address.',
  params,
  query: Type.Object(PageQuery, { additionalProperties: false }),
  status: 200,
  answer: Page(Member),
});

export const addMember = endpoint({
  method: 'POST',
  path: '/v1/accounts/:account/members',
  summary: 'Add somebody who exists already to an account; customers invite.',
  params,
  body: Type.Object(
    {
      person: Type.String({ maxLength: 400, description: 'Id or mail address.' }),
      role: AccountRoleName,
      sites: Type.Optional(SiteIds),
    },
    { additionalProperties: false },
  ),
  status: 201,
  answer: Member,
});

export const changeMember = endpoint({
  method: 'PATCH',
  path: '/v1/accounts/:account/members/:person',
  summary: 'Change the role of somebody, or the sites that a collaborator works on.',
  params: memberParams,
  body: Type.Object(
    { role: Type.Optional(AccountRoleName), sites: Type.Optional(SiteIds) },
    { additionalProperties: false },
  ),
  status: 200,
  answer: Member,
});

export const removeMember = endpoint({
  method: 'DELETE',
  path: '/v1/accounts/:account/members/:person',
  summary: 'Take somebody out of an account; its last owner stays.',
  params: memberParams,
  status: 204,
});

export const leaveAccount = endpoint({
  method: 'POST',
  path: '/v1/accounts/:account/leave',
  summary: 'Leave an account; its last owner stays.',
  params,
  status: 204,
});

export const handOver = endpoint({
  method: 'POST',
  path: '/v1/accounts/:account/hand-over',
  summary: 'Make another member the owner in one’s own place, and stay as a reader or leave.',
  params,
  body: Type.Object(
    { to: IdText('person'), leave: Type.Optional(Type.Boolean({ default: false })) },
    { additionalProperties: false },
  ),
  status: 200,
  answer: Member,
});
