import type { Rights } from '../auth/row.ts';

const SELF = ['self'] as const;
/** A person, or the user of a mailbox. */
const EITHER = ['self', 'mailbox-user'] as const;

/** Who may call what at the entrance. For `anyone`, what the body holds is the right. Sessions and factors are for screens alone. */
export const ENTRANCE_RIGHTS: Rights = {
  'POST /v1/session': 'anyone',
  'POST /v1/session/second': 'anyone',
  'POST /v1/session/passkey/options': 'anyone',
  'POST /v1/session/passkey': 'anyone',
  'POST /v1/session/link': 'anyone',
  'GET /v1/session': { object: 'self', may: EITHER, scope: 'read' },
  'DELETE /v1/session': { object: 'self', may: EITHER, scope: 'write', bySession: true },
  'POST /v1/session/proof': { object: 'self', may: EITHER, scope: 'write', bySession: true },
  'POST /v1/session/proof/options': { object: 'self', may: EITHER, scope: 'write', bySession: true },
  'GET /v1/sessions': { object: 'self', may: EITHER, scope: 'read', bySession: true },
  'DELETE /v1/sessions': { object: 'self', may: EITHER, scope: 'write', bySession: true },
  'DELETE /v1/sessions/:session': { object: 'self', may: EITHER, scope: 'write', bySession: true },

  'GET /v1/factors': { object: 'self', may: SELF, scope: 'read', bySession: true },
  /** Asks for the old password, or for a fresh proof where there is none. */
  'PUT /v1/factors/password': { object: 'self', may: SELF, scope: 'write', bySession: true },
  'DELETE /v1/factors/password': { object: 'self', may: SELF, scope: 'write', bySession: true, stepUp: true },
  'POST /v1/factors/totp': { object: 'self', may: SELF, scope: 'write', bySession: true, stepUp: true },
  'POST /v1/factors/totp/confirm': { object: 'self', may: SELF, scope: 'write', bySession: true },
  'DELETE /v1/factors/totp': { object: 'self', may: SELF, scope: 'write', bySession: true, stepUp: true },
  'POST /v1/factors/recovery-codes': { object: 'self', may: SELF, scope: 'write', bySession: true, stepUp: true },
  'POST /v1/factors/passkeys/options': { object: 'self', may: SELF, scope: 'write', bySession: true, stepUp: true },
  'POST /v1/factors/passkeys': { object: 'self', may: SELF, scope: 'write', bySession: true, stepUp: true },
  'PATCH /v1/factors/passkeys/:passkey': { object: 'self', may: SELF, scope: 'write', bySession: true },
  'DELETE /v1/factors/passkeys/:passkey': { object: 'self', may: SELF, scope: 'write', bySession: true, stepUp: true },

  'POST /v1/resets': 'anyone',
  'POST /v1/resets/use': 'anyone',

  'POST /v1/tokens': { object: 'self', may: SELF, scope: 'write', bySession: true, stepUp: true },
  'GET /v1/tokens': { object: 'self', may: SELF, scope: 'read' },
  'DELETE /v1/tokens/:token': { object: 'self', may: SELF, scope: 'write' },

  /** The machine itself alone. */
  'POST /v1/people/:person/tokens': {
    object: 'person',
    from: 'params',
    may: ['administrator'],
    scope: 'operator',
    byMachine: true,
  },
  'POST /v1/login-links': { object: 'installation', may: ['administrator'], scope: 'operator', byMachine: true },
  'GET /v1/login-links/operator': {
    object: 'installation',
    may: ['administrator'],
    scope: 'operator',
    byMachine: true,
  },
};
