import { SEES } from '#model/right/decide.ts';
import { ENTRANCE_RIGHTS } from '../entrance/rights.ts';
import { MAIL_SETUP_RIGHTS } from '../mail-setup/rights.ts';
import { PANEL_RIGHTS } from '../panel/rights.ts';
import { PERSON_RIGHTS } from '../person/rights.ts';
import { PROBE_RIGHTS } from '../probe/rights.ts';
import { ADMIN, DESK, HOLDS, INSIDE, KEEPS, MAIL, OPERATORS, PEOPLE, READS, SELF } from './groups.ts';
import type { Rights } from './row.ts';

/** Who may call what. The whole table: a route without a row here does not start. */
export const RIGHTS: Rights = {
  'GET /healthz': 'anyone',
  'GET /readyz': 'anyone',
  'GET /openapi.json': 'anyone',
  /** Also with the token for metrics, and from the machine itself where the configuration says so. */
  'GET /metrics': { object: 'installation', may: DESK, scope: 'read' },

  'POST /v1/accounts': { object: 'installation', may: ADMIN, scope: 'write' },
  'GET /v1/accounts': { object: 'mine', may: SELF, scope: 'read' },
  'GET /v1/accounts/:account': { object: 'account', from: 'params', may: SEES.account, scope: 'read' },
  'PATCH /v1/accounts/:account': { object: 'account', from: 'params', may: PEOPLE, scope: 'write' },
  'DELETE /v1/accounts/:account': { object: 'account', from: 'params', may: PEOPLE, scope: 'write', stepUp: true },
  'POST /v1/accounts/:account/restore': { object: 'account', from: 'params', may: PEOPLE, scope: 'write' },

  'GET /v1/plans': { object: 'mine', may: SELF, scope: 'read' },
  'PUT /v1/plans/:plan': { object: 'installation', may: ADMIN, scope: 'write' },

  'POST /v1/images': { object: 'installation', may: ADMIN, scope: 'write' },
  'GET /v1/images': { object: 'mine', may: SELF, scope: 'read' },

  'POST /v1/nodes': { object: 'installation', may: ADMIN, scope: 'write', stepUp: true },
  'GET /v1/nodes': { object: 'installation', may: OPERATORS, scope: 'read' },
  'GET /v1/nodes/:node': { object: 'installation', may: OPERATORS, scope: 'read' },
  'GET /v1/loads': { object: 'installation', may: OPERATORS, scope: 'read' },
  'PATCH /v1/nodes/:node': { object: 'installation', may: ADMIN, scope: 'write' },
  'POST /v1/nodes/:node/enrolments': { object: 'installation', may: ADMIN, scope: 'write', stepUp: true },
  'POST /v1/nodes/:node/revoke': { object: 'installation', may: ADMIN, scope: 'write', stepUp: true },

  'POST /v1/sites': { object: 'account', from: 'body', may: HOLDS, scope: 'write' },
  'GET /v1/sites': { object: 'mine', may: SELF, scope: 'read' },
  'GET /v1/sites/:site': { object: 'site', from: 'params', may: SEES.site, scope: 'read' },
  'PATCH /v1/sites/:site': { object: 'site', from: 'params', may: KEEPS, scope: 'write' },
  'DELETE /v1/sites/:site': { object: 'site', from: 'params', may: HOLDS, scope: 'write' },
  'POST /v1/sites/:site/suspend': { object: 'site', from: 'params', may: HOLDS, scope: 'write' },
  'POST /v1/sites/:site/resume': { object: 'site', from: 'params', may: HOLDS, scope: 'write' },
  'POST /v1/sites/:site/restore': { object: 'site', from: 'params', may: HOLDS, scope: 'write' },
  'POST /v1/sites/:site/sleep': { object: 'site', from: 'params', may: KEEPS, scope: 'write' },
  'POST /v1/sites/:site/wake': { object: 'site', from: 'params', may: KEEPS, scope: 'write' },
  'POST /v1/sites/:site/aliases': { object: 'site', from: 'params', may: HOLDS, scope: 'write' },
  'DELETE /v1/sites/:site/aliases/:name': { object: 'site', from: 'params', may: HOLDS, scope: 'write' },
  'PUT /v1/sites/:site/tls': { object: 'site', from: 'params', may: INSIDE, scope: 'write' },
  'DELETE /v1/sites/:site/tls': { object: 'site', from: 'params', may: INSIDE, scope: 'write' },

  'GET /v1/sites/:site/logs': { object: 'site', from: 'params', may: READS, scope: 'read' },
  'GET /v1/sites/:site/signals': { object: 'site', from: 'params', may: SEES.site, scope: 'read' },
  'POST /v1/sites/:site/exec': { object: 'site', from: 'params', may: INSIDE, scope: 'exec' },
  'POST /v1/sites/:site/upload': { object: 'site', from: 'params', may: INSIDE, scope: 'exec' },
  'GET /v1/exec/:ticket': 'ticket',

  'POST /v1/domains': { object: 'account', from: 'body', may: HOLDS, scope: 'write' },
  'GET /v1/domains': { object: 'mine', may: SELF, scope: 'read' },
  'GET /v1/domains/:domain': { object: 'domain', from: 'params', may: SEES.domain, scope: 'read' },
  'PATCH /v1/domains/:domain': { object: 'domain', from: 'params', may: HOLDS, scope: 'write' },
  'DELETE /v1/domains/:domain': { object: 'domain', from: 'params', may: HOLDS, scope: 'write' },
  'POST /v1/domains/:domain/prove': { object: 'domain', from: 'params', may: HOLDS, scope: 'write' },
  'POST /v1/domains/:domain/override': { object: 'domain', from: 'params', may: ADMIN, scope: 'write' },
  'POST /v1/domains/:domain/restore': { object: 'domain', from: 'params', may: HOLDS, scope: 'write' },

  'POST /v1/mailboxes': { object: 'domain', from: 'body', as: 'address', may: MAIL, scope: 'mail' },
  'GET /v1/mailboxes': { object: 'mine', may: SELF, scope: 'read' },
  'GET /v1/mailboxes/:mailbox': { object: 'mailbox', from: 'params', may: SEES.mailbox, scope: 'read' },
  'PATCH /v1/mailboxes/:mailbox': { object: 'mailbox', from: 'params', may: HOLDS, scope: 'mail' },
  /** Asks the mailbox's own user for the old password. */
  'PUT /v1/mailboxes/:mailbox/password': {
    object: 'mailbox',
    from: 'params',
    may: [...MAIL, 'mailbox-user'],
    scope: 'mail',
  },
  'DELETE /v1/mailboxes/:mailbox': { object: 'mailbox', from: 'params', may: MAIL, scope: 'mail' },

  'POST /v1/forwarders': { object: 'domain', from: 'body', as: 'address', may: MAIL, scope: 'mail' },
  'GET /v1/forwarders': { object: 'mine', may: SELF, scope: 'read' },
  'GET /v1/forwarders/:forwarder': { object: 'forwarder', from: 'params', may: SEES.forwarder, scope: 'read' },
  'PATCH /v1/forwarders/:forwarder': { object: 'forwarder', from: 'params', may: MAIL, scope: 'mail' },
  'DELETE /v1/forwarders/:forwarder': { object: 'forwarder', from: 'params', may: MAIL, scope: 'mail' },
  'GET /v1/forwarders/:forwarder/runs': { object: 'forwarder', from: 'params', may: MAIL, scope: 'mail' },
  'POST /v1/forwarders/:forwarder/test': { object: 'forwarder', from: 'params', may: MAIL, scope: 'mail' },

  'GET /v1/queue': { object: 'installation', may: DESK, scope: 'read' },
  'GET /v1/queue/:message': { object: 'installation', may: DESK, scope: 'read' },
  'POST /v1/queue/retry': { object: 'installation', may: ADMIN, scope: 'write' },

  'GET /v1/search': { object: 'mine', may: SELF, scope: 'read' },

  'GET /v1/audit': { object: 'mine', may: SELF, scope: 'read' },
  'GET /v1/audit/head': { object: 'mine', may: SELF, scope: 'read' },
  'GET /v1/audit/export': { object: 'mine', may: SELF, scope: 'read' },
  'GET /v1/events': { object: 'mine', may: SELF, scope: 'read' },

  'POST /agent/v1/enrol': 'anyone',
  'POST /agent/v1/renew': 'node',
  'GET /agent/v1/desired': 'node',
  'POST /agent/v1/report': 'node',
  'GET /agent/v1/link': 'node',
  'GET /stream/v1/:ticket': 'ticket',

  ...PERSON_RIGHTS,
  ...ENTRANCE_RIGHTS,
  ...MAIL_SETUP_RIGHTS,
  ...PANEL_RIGHTS,
  ...PROBE_RIGHTS,
};
