import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { beginChain, type ChainedEntry, INSTALLATION_CHAIN } from '#model/audit/chain.ts';
import { verify } from '#model/audit/verify.ts';
import { startPostgres } from '#test/support/postgres.ts';
import { connectDatabase } from '../database/connect.ts';
import { migrate, readMigrations } from '../database/migrate.ts';
import { chainPage } from './queries.ts';

test('what was recorded before there was a chain is its beginning, letter by letter', async () => {
  const postgres = await startPostgres();
  const database = await postgres.makeDatabase();
  const db = connectDatabase({ socketFolder: postgres.socketFolder, user: postgres.user, database }, () => undefined);
  try {
    const all = readMigrations();
    await migrate(db, all.slice(0, 3));
    const nasty = 'a "quoted" \\ text,\n\t\u0007 é \u2028 \u{1f600}';
    await sql`insert into audit (at, caller, request_id, action, object, detail) values
      ('2026-01-02 03:04:05.678+00', 'operator', 'r1', 'POST /v1/sites', ${nasty}, ${JSON.stringify({ text: nasty })}),
      ('2026-01-02 03:04:06+00', 'node_00000000000000000000', 'r2', 'POST /x', 'x', '{}')`.execute(db);
    await migrate(db, all);
    const rows = await chainPage(db, 0, 10, 10).execute();
    const entries = rows.map(({ sequence, hash, body }) => ({
      ...{ chain: INSTALLATION_CHAIN, sequence, hash: hash.toString('hex') },
      entry: JSON.parse(body) as ChainedEntry['entry'],
    }));
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
    const verdict = verify(entries, { base: beginChain(INSTALLATION_CHAIN), sha256 });
    expect(verdict).toMatchObject({ intact: true, entries: 2 });
    expect(entries.map(({ entry }) => entry)).toMatchObject([
      {
        at: '2026-01-02T03:04:05.678Z',
        who: 'machine',
        through: 'machine',
        object: nasty,
        operator: true,
        request: 'r1',
      },
      { at: '2026-01-02T03:04:06.000Z', who: 'node_00000000000000000000', through: 'node', account: null },
    ]);
  } finally {
    await db.destroy();
    await postgres.stop();
  }
});
