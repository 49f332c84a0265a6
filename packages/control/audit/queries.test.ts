import { type Compilable, type Kysely, sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EVERYTHING, type Sight } from '#model/right/visibility.ts';
import { startPostgres, type TestPostgres } from '#test/support/postgres.ts';
import { connectDatabase } from '../database/connect.ts';
import { migrate } from '../database/migrate.ts';
import type { Database } from '../database/tables.ts';
import { type AuditFilter, accountChainPage, auditPage, chainPage } from './queries.ts';

let postgres: TestPostgres;
let db: Kysely<Database>;
let client: pg.Client;

const account = 'acc_00000000000000000007' as const;
const sight: Sight = {
  all: false,
  accounts: [account, 'acc_00000000000000000009'],
  partly: ['acc_00000000000000000011'],
  sites: ['site_00000000000000000011'],
  mailbox: null,
  person: null,
};

beforeAll(async () => {
  postgres = await startPostgres();
  const database = await postgres.makeDatabase();
  const config = { socketFolder: postgres.socketFolder, user: postgres.user, database };
  db = connectDatabase(config, () => undefined);
  await migrate(db);
  await sql`insert into audit (sequence, hash, body, account_sequence, account_hash)
    select n, sha256(n::text::bytea), json_build_object('at', to_char(now() - make_interval(mins => 30000 - n), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'who', 'per_' || lpad((n % 300)::text, 20, '0'), 'action', 'POST /v1/' || n % 20, 'object', 'site_' || lpad((n % 3000)::text, 20, '0'),
      'site', 'site_' || lpad((n % 3000)::text, 20, '0'), 'account', case when n % 50 > 0 then 'acc_' || lpad((n % 1000)::text, 20, '0') end)::text,
      n / 1000, ''
    from generate_series(1, 30000) n`.execute(db);
  await sql`analyze audit`.execute(db);
  client = new pg.Client({ host: postgres.socketFolder, user: postgres.user, database });
  await client.connect();
});

afterAll(async () => {
  await client?.end();
  await db?.destroy();
  await postgres?.stop();
});

const page = (more: Partial<AuditFilter>) => () =>
  auditPage(db, { visibility: EVERYTHING, self: null, after: undefined, limit: 100, ...more });
const after = { key: '2026-01-01T00:00:00.000Z', id: '00' };

const queries: Readonly<Record<string, () => Compilable | undefined>> = {
  everything: page({}),
  'everything, further on': page({ after }),
  'of a time': page({ from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z' }),
  'of an account': page({ account }),
  'of a person': page({ person: 'per_00000000000000000007' }),
  'of an object': page({ object: 'site_00000000000000000007' }),
  'by an action': page({ action: 'POST /v1/7' }),
  'what a customer sees': page({ visibility: sight, self: 'per_00000000000000000007' }),
  'what a customer sees, further on': page({ visibility: sight, self: 'per_00000000000000000007', after }),
  'a chain': () => chainPage(db, 500, 30_000, 500),
  'a chain of an account': () => accountChainPage(db, account, 5, 30, 500),
};

test.each(Object.keys(queries))('%s is read by an index, no further than a page', async (list) => {
  const query = queries[list]?.();
  if (query === undefined) throw new Error('no query');
  const { sql: text, parameters } = query.compile();
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain ${text}`, [...parameters]);
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toMatch(/Index Scan/);
  expect(plan).not.toMatch(/Seq Scan on audit/);
});

test('who sees nothing asks nothing', () => {
  expect(page({ visibility: { ...sight, accounts: [], partly: [], sites: [] } })()).toBeUndefined();
});

test('a customer sees his accounts, sites and own trail, each entry once, newest first', async () => {
  const filter = { visibility: sight, self: 'per_00000000000000000050', limit: 500 } as const;
  const rows = (await page(filter)()?.execute()) ?? [];
  const entries = rows.map(({ body }) => JSON.parse(body) as { account: string | null; site: string; who: string });
  const expected = [...sight.accounts, null];
  for (const entry of entries) {
    const own = entry.account === null && entry.who === filter.self;
    expect(own || expected.includes(entry.account as never) || sight.sites.includes(entry.site as never)).toBe(true);
  }
  expect(new Set(rows.map(({ hash }) => hash.toString('hex'))).size).toBe(rows.length);
  expect(rows.map(({ at }) => at)).toEqual(
    rows
      .map(({ at }) => at)
      .toSorted()
      .toReversed(),
  );
  expect(entries.some(({ account: of }) => of === null)).toBe(true);
});
