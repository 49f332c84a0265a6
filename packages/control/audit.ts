import type { FastifyRequest } from 'fastify';
import type { Insertable } from 'kysely';
import { canonicalJson, type JsonObject } from '#model/audit/canonical.ts';
import { entryJson, PRUNED } from '#model/audit/chain.ts';
import { type AuditEntry, customersView, differences, objectKind, type Through } from '#model/audit/entry.ts';
import type { AccountId, DomainId, SiteId } from '#model/id.ts';
import { type Caller, callerName } from './auth/caller.ts';
import type { Context } from './context.ts';
import type { Db } from './database/connect.ts';
import type { AuditDraftTable } from './database/tables.ts';

/** What a change was, without any secret. */
export interface Change {
  /** Whose people see the entry; only operators do otherwise. */
  readonly account?: AccountId;
  /** The site that it concerns. */
  readonly site?: SiteId;
  /** Who it turned out to be, where the request came without a name: a log-in. */
  readonly as?: Caller;
  /** The domain that it is or belongs to: whoever works on a site of it is told that it changed. */
  readonly domain?: DomainId;
  /** How the object was, absent where it is new. Of an object that goes on to exist only what differs is kept. */
  readonly before?: JsonObject;
  readonly after?: JsonObject;
}

/** A change of one of several objects. */
export interface ObjectChange extends Change {
  readonly object: string;
}

/** Records who changed what, in the transaction of the change. The entry takes its place in the chain at the commit. */
export async function audit(db: Db, request: FastifyRequest, object: string, change: Change = {}): Promise<void> {
  await auditEach(db, request, [{ ...change, object }]);
}

/** The same of a request that changes many objects. */
export async function auditEach(db: Db, request: FastifyRequest, changes: readonly ObjectChange[]): Promise<void> {
  const action = `${request.method} ${request.routeOptions.url}`;
  const at = new Date().toISOString();
  const drafts = changes.map((change) => {
    const actor = actorOf(change.as ?? request.caller, change.account, request.headers['user-agent']);
    return draftOf({ ...actor, at, from: request.ip, request: request.id, action, object: change.object }, change);
  });
  if (drafts.length > 0) await db.insertInto('audit_draft').values(drafts).execute();
}

/** Records what the platform did by itself. */
export async function auditSystem(
  { now }: Pick<Context, 'now'>,
  db: Db,
  action: string,
  object: string,
  change: Change = {},
): Promise<void> {
  const circumstances = { ...NOBODY, at: now().toISOString(), from: null, request: null, action, object };
  await db.insertInto('audit_draft').values(draftOf(circumstances, change)).execute();
}

type Actor = Pick<AuditEntry, 'who' | 'through' | 'credential' | 'support' | 'operator'>;

const NOBODY: Actor = { who: 'system', through: 'system', credential: null, support: null, operator: true };
/** How our own command line names itself. */
const CLI = /^hofje-cli\b/;

/** Pure. */
export function actorOf(caller: Caller, account: AccountId | undefined, userAgent: string | undefined): Actor {
  const plain = { who: callerName(caller), credential: null, support: null, operator: false };
  const isCli = CLI.test(userAgent ?? '');
  switch (caller.kind) {
    case 'machine':
      return { ...plain, through: isCli ? 'cli' : 'machine', operator: true };
    case 'node':
      return { ...plain, through: 'node', operator: true };
    case 'mailbox':
      return { ...plain, through: 'mailbox', credential: caller.session };
    case 'anyone':
      return { ...plain, through: 'anyone' };
    case 'person': {
      const { via } = caller;
      const support = via.kind === 'session' && via.support?.account === account ? (via.support?.id ?? null) : null;
      const isMember = account !== undefined && caller.memberships.some((each) => each.account === account);
      const through: Through = via.kind === 'session' ? 'panel' : isCli ? 'cli' : 'token';
      const credential = via.kind === 'session' ? via.session : via.token;
      const operator = support !== null || (caller.operatorRole !== null && !isMember);
      return { ...plain, through, credential, support, operator };
    }
  }
}

type Circumstances = Actor & Pick<AuditEntry, 'at' | 'from' | 'request' | 'action' | 'object'>;

/** Pure. */
function draftOf(circumstances: Circumstances, change: Change): Insertable<AuditDraftTable> {
  const { before, after } = change;
  const changed = before === undefined || after === undefined ? { before, after } : differences(before, after);
  const entry: AuditEntry = {
    ...circumstances,
    account: change.account ?? null,
    site: change.site ?? null,
    before: changed.before ?? null,
    after: changed.after ?? null,
  };
  const version = after?.['version'];
  return {
    body: canonicalJson(entryJson(entry)),
    account_body: entry.account !== null && entry.operator ? canonicalJson(entryJson(customersView(entry))) : null,
    kind: entry.action === PRUNED ? null : objectKind(entry.object),
    domain_id: change.domain ?? null,
    version: typeof version === 'number' ? version : null,
  };
}
