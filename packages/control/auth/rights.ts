import { PANEL_RIGHTS } from '../panel/rights.ts';

/**
 * Who may call what. The whole table: a route without a row here does not start.
 *
 * - `operator`: shows the operator's token
 * - `node`: an agent with a certificate of ours that is not revoked; the route looks only at that node's objects
 * - `ticket`: the secret in the path is the right, single use and short-lived
 * - `anyone`: tells or does nothing that needs a right; for `enrol` the one-time token in the body is the right
 */
export type Who = 'operator' | 'node' | 'ticket' | 'anyone';

export type Rights = Readonly<Record<string, Who>>;

export const RIGHTS: Rights = {
  'GET /healthz': 'anyone',
  'GET /readyz': 'anyone',
  'GET /openapi.json': 'anyone',
  /** Also with the token for metrics, and from the machine itself where the configuration says so. */
  'GET /metrics': 'operator',

  'POST /v1/accounts': 'operator',
  'GET /v1/accounts': 'operator',
  'GET /v1/accounts/:account': 'operator',
  'PATCH /v1/accounts/:account': 'operator',
  'DELETE /v1/accounts/:account': 'operator',
  'POST /v1/accounts/:account/restore': 'operator',

  'GET /v1/plans': 'operator',
  'PUT /v1/plans/:plan': 'operator',

  'POST /v1/images': 'operator',
  'GET /v1/images': 'operator',

  'POST /v1/nodes': 'operator',
  'GET /v1/nodes': 'operator',
  'GET /v1/nodes/:node': 'operator',
  'PATCH /v1/nodes/:node': 'operator',
  'POST /v1/nodes/:node/enrolments': 'operator',
  'POST /v1/nodes/:node/revoke': 'operator',

  'POST /v1/sites': 'operator',
  'GET /v1/sites': 'operator',
  'GET /v1/sites/:site': 'operator',
  'PATCH /v1/sites/:site': 'operator',
  'DELETE /v1/sites/:site': 'operator',
  'POST /v1/sites/:site/suspend': 'operator',
  'POST /v1/sites/:site/resume': 'operator',
  'POST /v1/sites/:site/restore': 'operator',
  'POST /v1/sites/:site/sleep': 'operator',
  'POST /v1/sites/:site/wake': 'operator',
  'POST /v1/sites/:site/aliases': 'operator',
  'DELETE /v1/sites/:site/aliases/:name': 'operator',
  'PUT /v1/sites/:site/tls': 'operator',
  'DELETE /v1/sites/:site/tls': 'operator',

  'GET /v1/sites/:site/logs': 'operator',
  'GET /v1/sites/:site/signals': 'operator',
  'POST /v1/sites/:site/exec': 'operator',
  'POST /v1/sites/:site/upload': 'operator',
  'GET /v1/exec/:ticket': 'ticket',

  'POST /v1/domains': 'operator',
  'GET /v1/domains': 'operator',
  'GET /v1/domains/:domain': 'operator',
  'PATCH /v1/domains/:domain': 'operator',
  'DELETE /v1/domains/:domain': 'operator',
  'POST /v1/domains/:domain/prove': 'operator',
  'POST /v1/domains/:domain/override': 'operator',
  'POST /v1/domains/:domain/restore': 'operator',

  'POST /v1/mailboxes': 'operator',
  'GET /v1/mailboxes': 'operator',
  'GET /v1/mailboxes/:mailbox': 'operator',
  'PATCH /v1/mailboxes/:mailbox': 'operator',
  'PUT /v1/mailboxes/:mailbox/password': 'operator',
  'DELETE /v1/mailboxes/:mailbox': 'operator',

  'POST /v1/forwarders': 'operator',
  'GET /v1/forwarders': 'operator',
  'GET /v1/forwarders/:forwarder': 'operator',
  'DELETE /v1/forwarders/:forwarder': 'operator',

  'GET /v1/queue': 'operator',
  'GET /v1/queue/:message': 'operator',
  'POST /v1/queue/retry': 'operator',
  'POST /v1/probes': 'operator',

  'POST /agent/v1/enrol': 'anyone',
  'POST /agent/v1/renew': 'node',
  'GET /agent/v1/desired': 'node',
  'POST /agent/v1/report': 'node',
  'GET /agent/v1/link': 'node',
  'GET /stream/v1/:ticket': 'ticket',

  ...PANEL_RIGHTS,
};
