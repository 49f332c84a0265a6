import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Db } from '../database/connect.ts';
import { startTestControl, type TestControl } from '../testing/harness.ts';
import { shownTokens } from '../token/routes.ts';
import { mailboxAtDoor, personAtDoor } from './entrant.ts';
import { openSessions } from './session.ts';

/** Sessions and tokens of the twenty thousand people of the common filling. */
const FILL = `
  insert into session (id, token_hash, person_id, expires_at, proven_at)
    select 'ses_' || n, decode(md5(n::text), 'hex'), 'per_f' || (n % 20000), now() + interval '1 day', now()
    from generate_series(0, 60000) n;
  insert into token (id, person_id, name, hash, scopes)
    select 'tok_' || n, 'per_f' || (n % 20000), 'T', decode(md5(n::text), 'hex'), '{read}' from generate_series(0, 40000) n;
  analyze;`;

let control: TestControl;
let db: Db;

beforeAll(async () => {
  control = await startTestControl();
  ({ db } = control.control.context);
  await db.deleteFrom('plan').execute();
  await sql.raw(readFileSync(join(import.meta.dirname, '../testing/fill.sql'), 'utf8')).execute(db);
  await sql.raw(FILL).execute(db);
});
afterAll(async () => await control?.stop());

test.each<[string, () => { explain(): Promise<Record<string, unknown>[]> }]>([
  ['a person at the door', () => personAtDoor(db, 'email', 'p7@example.net')],
  ['a mailbox at the door', () => mailboxAtDoor(db, 'm7@d.example')],
  ['sessions of a person', () => openSessions(db, { person: 'per_f7' }, new Date())],
  ['sessions of a mailbox', () => openSessions(db, { mailbox: 'mbx_7' }, new Date())],
  ['tokens of a person', () => shownTokens(db, 'per_f7', new Date())],
  ['the session of a secret', () => db.selectFrom('session').selectAll().where('token_hash', '=', Buffer.of(1))],
  ['the token of a secret', () => db.selectFrom('token').selectAll().where('hash', '=', Buffer.of(1))],
])('%s: by an index', async (_what, query) => {
  const plan = (await query().explain()).map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toMatch(/Index (Only )?Scan/);
  expect(plan).not.toMatch(/Seq Scan on (person|session|token|mailbox|domain)\b/);
});
