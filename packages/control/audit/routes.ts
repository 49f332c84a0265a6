import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import {
  AUDIT_FORMAT,
  type AuditHeader,
  type AuditRecord,
  auditHead,
  exportAudit,
  listAudit,
} from '#contract/api/audit.ts';
import { INSTALLATION_CHAIN } from '#model/audit/chain.ts';
import { type AuditEntry, customersView, objectKind } from '#model/audit/entry.ts';
import { HofjeError } from '#model/error.ts';
import { type AccountId, isId, type PersonId } from '#model/id.ts';
import type { Context } from '../context.ts';
import type { Db } from '../database/connect.ts';
import { readMoment } from '../http/moment.ts';
import { type After, makePage, PAGE_DEFAULT, readCursor } from '../http/page.ts';
import { PROBLEMS, serve } from '../http/serve.ts';
import {
  type AuditFilter,
  type AuditRow,
  accountChainPage,
  auditPage,
  type ChainEnds,
  chainEnds,
  chainPage,
} from './queries.ts';
import { type AuditSight, auditSight, chosenChain, seenAccount } from './sight.ts';

export function auditRoutes(app: FastifyInstance, context: Context): void {
  const { db } = context;

  serve(app, listAudit, async ({ query = {} }, request) => {
    const sight = auditSight(request.caller);
    const filter = await readFilter(db, sight, query);
    const rows = (await auditPage(db, filter)?.execute()) ?? [];
    const page = makePage(rows, filter.limit, positionOf, (row) => readRow(row, sight));
    const names = await namesOf(db, sight, page.items);
    return { ...page, items: page.items.map((item) => ({ ...item, name: names.get(item.who) ?? null })) };
  });

  serve(app, auditHead, async ({ query }, request) => {
    return (await chainEnds(db, await chosenChain(db, request, query?.account))).head;
  });

  app.route<{ Querystring: Static<typeof exportAudit.query> }>({
    method: exportAudit.method,
    url: exportAudit.path,
    schema: {
      summary: exportAudit.summary,
      operationId: 'getV1AuditExport',
      tags: ['audit'],
      querystring: exportAudit.query,
      response: {
        200: { description: 'JSON lines.', content: { [JSON_LINES]: { schema: { type: 'string' } } } },
        ...PROBLEMS,
      },
    },
    handler: async (request, reply) => {
      const chain = await chosenChain(db, request, request.query.account);
      const ends = await chainEnds(db, chain);
      reply.type(JSON_LINES).header('content-disposition', `attachment; filename="audit-${chain}.jsonl"`);
      return Readable.from(exportLines(db, chain, ends));
    },
  });
}

const JSON_LINES = 'application/x-ndjson';
const EXPORT_PAGE = 500;

/** Page after page, no faster than they are taken, and no transaction open meanwhile. */
async function* exportLines(db: Db, chain: AccountId | typeof INSTALLATION_CHAIN, { base, head }: ChainEnds) {
  yield `${JSON.stringify({ format: AUDIT_FORMAT, base, head } satisfies AuditHeader)}\n`;
  for (let after = base.sequence; after < head.sequence; ) {
    const page =
      chain === INSTALLATION_CHAIN
        ? await chainPage(db, after, head.sequence, EXPORT_PAGE).execute()
        : await accountChainPage(db, chain, after, head.sequence, EXPORT_PAGE).execute();
    // Pruned, or altered, in the meantime: whoever verifies will see it.
    if (page.length === 0) return;
    yield page.map(({ sequence, hash, body }) => chainLine(chain, sequence ?? 0, hash, body)).join('');
    after = page.at(-1)?.sequence ?? head.sequence;
  }
}

/** The entry goes out as it stands in the database, letter by letter. */
function chainLine(chain: string, sequence: number, hash: Buffer | null, body: string): string {
  return `{"chain":${JSON.stringify(chain)},"sequence":${sequence},"hash":"${hash?.toString('hex')}","entry":${body}}\n`;
}

async function readFilter(
  db: Db,
  sight: AuditSight,
  query: NonNullable<Static<typeof listAudit.query>>,
): Promise<AuditFilter> {
  const { account, person, object, action, from, to, cursor, limit = PAGE_DEFAULT } = query;
  return {
    ...sight,
    ...(account !== undefined && { account: await seenAccount(db, sight, account) }),
    ...(person !== undefined && { person }),
    ...(object !== undefined && { object }),
    ...(action !== undefined && { action }),
    ...(from !== undefined && { from: readMoment(from, 'from').toISOString() }),
    ...(to !== undefined && { to: readMoment(to, 'to').toISOString() }),
    after: readPosition(cursor),
    limit,
  };
}

/** By time and hash: a number of the whole chain would tell how much others do. */
function positionOf({ at, hash }: AuditRow): After {
  return { key: at, id: hash.toString('hex') };
}

function readPosition(cursor: string | undefined): After | undefined {
  const after = readCursor(cursor);
  if (after === undefined || /^[0-9a-f]{64}$/.test(after.id)) return after;
  throw new HofjeError('cursor.invalid', 'The cursor is not one that a page gave.', { field: 'cursor' });
}

function readRow({ hash, body, account_body }: AuditRow, { visibility, self }: AuditSight): AuditRecord {
  const whole = JSON.parse(visibility.all ? body : (account_body ?? body)) as AuditEntry;
  const entry = visibility.all || whole.who === self ? whole : customersView(whole);
  return {
    id: hash.toString('hex'),
    name: null,
    kind: objectKind(entry.object),
    ...entry,
    before: entry.before === null ? null : { ...entry.before },
    after: entry.after === null ? null : { ...entry.after },
  };
}

/** Names of the people of these entries. Of operators customers get the id alone. */
async function namesOf(
  db: Db,
  { visibility }: AuditSight,
  items: readonly AuditRecord[],
): Promise<Map<string, string>> {
  const known = items.filter(({ operator }) => visibility.all || !operator).map(({ who }) => who);
  const people = [...new Set(known)].filter((who): who is PersonId => isId('person', who));
  if (people.length === 0) return new Map();
  const rows = await db.selectFrom('person').select(['id', 'name']).where('id', 'in', people).execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}
