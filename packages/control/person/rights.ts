import { SEES } from '#model/right/decide.ts';
import { ADMIN, DESK, PEOPLE, ROLL, SELF } from '../auth/groups.ts';
import type { Rights } from '../auth/row.ts';

/** Rows of the table of rights: people, members, invitations, support. */
export const PERSON_RIGHTS: Rights = {
  'POST /v1/people': { object: 'installation', may: ADMIN, scope: 'write', stepUp: true, bySession: true },
  'GET /v1/people': { object: 'installation', may: DESK, scope: 'read' },
  'GET /v1/people/:person': { object: 'person', from: 'params', may: SEES.person, scope: 'read' },
  'PATCH /v1/people/:person': { object: 'person', from: 'params', may: [...ADMIN, ...SELF], scope: 'write' },

  'GET /v1/accounts/:account/members': { object: 'account', from: 'params', may: ROLL, scope: 'read' },
  'POST /v1/accounts/:account/members': {
    object: 'account',
    from: 'params',
    may: ADMIN,
    scope: 'write',
    stepUp: true,
    bySession: true,
  },
  'PATCH /v1/accounts/:account/members/:person': {
    object: 'account',
    from: 'params',
    may: PEOPLE,
    scope: 'write',
    stepUp: true,
    bySession: true,
  },
  'DELETE /v1/accounts/:account/members/:person': {
    object: 'account',
    from: 'params',
    may: PEOPLE,
    scope: 'write',
    stepUp: true,
    bySession: true,
  },
  'POST /v1/accounts/:account/leave': {
    object: 'account',
    from: 'params',
    may: ['owner', 'collaborator', 'reader'],
    scope: 'write',
    bySession: true,
  },
  'POST /v1/accounts/:account/hand-over': {
    object: 'account',
    from: 'params',
    may: ['owner'],
    scope: 'write',
    stepUp: true,
    bySession: true,
  },

  'GET /v1/accounts/:account/invitations': { object: 'account', from: 'params', may: ROLL, scope: 'read' },
  'POST /v1/accounts/:account/invitations': {
    object: 'account',
    from: 'params',
    may: PEOPLE,
    scope: 'write',
    stepUp: true,
    bySession: true,
  },
  'DELETE /v1/accounts/:account/invitations/:invitation': {
    object: 'account',
    from: 'params',
    may: PEOPLE,
    scope: 'write',
  },
  'GET /v1/invitations': { object: 'installation', may: DESK, scope: 'read' },
  'POST /v1/invitations': { object: 'installation', may: ADMIN, scope: 'write', stepUp: true, bySession: true },
  'DELETE /v1/invitations/:invitation': { object: 'installation', may: ADMIN, scope: 'write' },
  /** The token of the invitation is in the body. */
  'POST /v1/invitations/look': 'anyone',
  'POST /v1/invitations/accept': 'visitor',

  'GET /v1/accounts/:account/support': { object: 'account', from: 'params', may: ROLL, scope: 'read' },
  'POST /v1/accounts/:account/support': {
    object: 'account',
    from: 'params',
    may: DESK,
    scope: 'write',
    stepUp: true,
    bySession: true,
  },
  'POST /v1/accounts/:account/support/:access/end': {
    object: 'account',
    from: 'params',
    may: [...DESK, 'owner'],
    scope: 'write',
  },
  'POST /v1/accounts/:account/support/:access/allow': {
    object: 'account',
    from: 'params',
    may: ['owner'],
    scope: 'write',
    stepUp: true,
    bySession: true,
  },
};
