import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Compilable, type Kysely, sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '#host/run.ts';
import { EVERYTHING, NOTHING, type Visibility } from '#model/right/visibility.ts';
import { startPostgres, type TestPostgres } from '#test/support/postgres.ts';
import { accountPage } from '../account/queries.ts';
import { relatedDomains } from '../domain/claim.ts';
import { domainPage } from '../domain/queries.ts';
import { forwarderPage } from '../forwarder/queries.ts';
import { mailboxPage } from '../mailbox/queries.ts';
import { nodePage } from '../node/queries.ts';
import { memberPage } from '../person/membership.ts';
import { personPage } from '../person/queries.ts';
import { matrixPage } from '../probe/matrix.ts';
import { sitePage } from '../site/queries.ts';
import { connectDatabase } from './connect.ts';
import { migrate, readMigrations } from './migrate.ts';
import type { Database } from './tables.ts';

let postgres: TestPostgres;
let db: Kysely<Database>;
let name: string;

const connect = (database: string) =>
  connectDatabase({ socketFolder: postgres.socketFolder, user: postgres.user, database }, () => undefined);

beforeAll(async () => {
  postgres = await startPostgres();
  name = await postgres.makeDatabase();
  db = connect(name);
  await migrate(db);
});

afterAll(async () => {
  await db?.destroy();
  await postgres?.stop();
});

test('the schema is the one under review; `UPDATE_SCHEMA=1 vitest run packages/control/database` writes it anew', async () => {
  const dump = await run([
    '/usr/lib/postgresql/15/bin/pg_dump',
    ...['--schema-only', '--no-owner', '--no-privileges', '--no-comments', '-n', 'public'],
    ...['-h', postgres.socketFolder, '-U', postgres.user, '--', name],
  ]);
  // What depends on the version of the tool, or is random, is no part of the schema.
  const schema = dump.stdout
    .split('\n')
    .filter((line) => line !== '' && !/^(--|SET |SELECT pg_catalog|\\(un)?restrict|CREATE SCHEMA public)/.test(line))
    .join('\n');
  await expect(`${schema}\n`).toMatchFileSnapshot(join(import.meta.dirname, 'schema.sql'));
});

describe('migrations', () => {
  test('several processes at once end with one schema', async () => {
    const fresh = await postgres.makeDatabase();
    const connections = [connect(fresh), connect(fresh), connect(fresh)];
    const applied = await Promise.all(connections.map((each) => migrate(each)));
    expect(applied.sort()).toEqual([0, 0, readMigrations().length]);
    await Promise.all(connections.map((each) => each.destroy()));
  });

  test('one that fails leaves nothing behind', async () => {
    const fresh = connect(await postgres.makeDatabase());
    const broken = [{ number: 1, name: '0001-x.sql', sql: 'create table half (id text); create table half (id text)' }];
    await expect(migrate(fresh, broken)).rejects.toThrow('already exists');
    const tables = await sql<{ count: number }>`
      select count(*)::integer as count from pg_tables where schemaname = 'public'`.execute(fresh);
    expect(tables.rows[0]?.count).toBe(0);
    await fresh.destroy();
  });

  test('a database of a later version is left alone', async () => {
    await expect(migrate(db, [])).rejects.toMatchObject({ code: 'database.too-new' });
  });

  test('the table types name every column and no other', async () => {
    const columns = await sql<{ table_name: string; column_name: string }>`
      select table_name, column_name from information_schema.columns
      where table_schema = 'public' and table_name <> 'migration'`.execute(db);
    const source = readFileSync(join(import.meta.dirname, 'tables.ts'), 'utf8');
    for (const { table_name, column_name } of columns.rows) {
      const type = `${table_name.replace(/(^|_)([a-z])/g, (_, __, letter: string) => letter.toUpperCase())}Table`;
      const declared = source.slice(source.indexOf(`interface ${type} {`)).split('\n}')[0] ?? '';
      expect(declared, `${table_name}.${column_name}`).toMatch(new RegExp(`\\n  ${column_name}: `));
    }
  });
});

describe('lists read an index, whatever their size', () => {
  const page = { deleted: false, after: { key: 'm', id: 'x' }, limit: 100 };
  const account = 'acc_00000000000000000000' as const;
  const domain = 'dom_00000000000000000000' as const;

  const matrix = { after: { key: 'site_5', id: 'exec' }, limit: 100, holes: false, node: undefined };

  const queries: Readonly<Record<string, () => Compilable>> = {
    accounts: () => accountPage(db, EVERYTHING, page),
    'deleted accounts': () => accountPage(db, EVERYTHING, { ...page, deleted: true }),
    nodes: () => nodePage(db, page),
    sites: () => sitePage(db, EVERYTHING, page),
    'sites of an account': () => sitePage(db, EVERYTHING, { ...page, account }),
    'deleted sites': () => sitePage(db, EVERYTHING, { ...page, deleted: true }),
    domains: () => domainPage(db, EVERYTHING, page),
    mailboxes: () => mailboxPage(db, EVERYTHING, page),
    'mailboxes of a domain': () => mailboxPage(db, EVERYTHING, { ...page, domain }),
    forwarders: () => forwarderPage(db, EVERYTHING, page),
    people: () => personPage(db, EVERYTHING, page),
    'members of an account': () => memberPage(db, account, page),
    'the matrix of probes': () => matrixPage(db, matrix),
    'the matrix of a node': () => matrixPage(db, { ...matrix, node: 'node_00000000000000000000' }),
    'holes of the matrix': () => matrixPage(db, { ...matrix, holes: true }),
    'domains above and below a name': () => relatedDomains(db, account, 'shop.d77.example'),
  };

  beforeAll(async () => {
    await sql.raw(readFileSync(join(import.meta.dirname, '../testing/fill.sql'), 'utf8')).execute(db);
    await sql`insert into site_host (site_id, account_id, domain_id, name, role, own_chain, own_key, own_not_after)
      select 'site_' || n, 'acc_' || lpad((n % 2000)::text, 20, '0'), 'dom_' || lpad(n::text, 20, '0'),
        'd' || n || '.example', 'primary', '', '', now() from generate_series(0, 10000) n`.execute(db);
    await sql`analyze`.execute(db);
  });

  /** As an owner of one account, and as a collaborator for two sites. */
  const owner: Visibility = { ...NOTHING, accounts: [account] };
  const collaborator: Visibility = { ...NOTHING, partly: [account], sites: ['site_1', 'site_2001'] };
  const own: Readonly<Record<string, (visibility: Visibility) => Compilable>> = {
    accounts: (visibility) => accountPage(db, visibility, page),
    sites: (visibility) => sitePage(db, visibility, page),
    domains: (visibility) => domainPage(db, visibility, page),
    mailboxes: (visibility) => mailboxPage(db, visibility, page),
    forwarders: (visibility) => forwarderPage(db, visibility, page),
  };

  test.each(Object.keys(own))('%s of one person', async (list) => {
    const ofOwner = await explain(own[list]?.(owner));
    expect(ofOwner).not.toMatch(/Seq Scan/);
    // They come in their order, and no more of them is read than is shown.
    if (list !== 'accounts') expect(ofOwner).not.toMatch(/(^|\n) *(->)? *Sort /);
    const ofCollaborator = await explain(own[list]?.(collaborator));
    expect(ofCollaborator).not.toMatch(/Seq Scan on (account|site|domain|mailbox|forwarder)/);
  });

  test.each(Object.keys(queries))('%s', async (list) => {
    const plan = await explain(queries[list]?.());
    expect(plan).toMatch(/Index (Only )?Scan|Bitmap Index Scan/);
    expect(plan).not.toMatch(/Seq Scan on (account|site|domain|mailbox|forwarder|probe_look)/);
  });
});

async function explain(query: Compilable | undefined): Promise<string> {
  if (query === undefined) throw new Error('no query');
  const { sql: text, parameters } = query.compile();
  const client = new pg.Client({ host: postgres.socketFolder, user: postgres.user, database: name });
  await client.connect();
  try {
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain ${text}`, [...parameters]);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  } finally {
    await client.end();
  }
}
