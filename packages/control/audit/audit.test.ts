import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { changeAccount, createAccount, deleteAccount, restoreAccount } from '#contract/api/account.ts';
import { auditHead, listAudit } from '#contract/api/audit.ts';
import { verifyLines } from '#contract/api/audit-file.ts';
import { createMailbox, deleteMailbox } from '#contract/api/mailbox.ts';
import { changeSite, createSite, suspendSite } from '#contract/api/site.ts';
import { PRUNED } from '#model/audit/chain.ts';
import { auditSystem } from '../audit.ts';
import type { TestControl } from '../testing/harness.ts';
import { startTestWorld, type TestWorld } from '../testing/world.ts';
import { pruneAudit } from './prune.ts';

let world: TestWorld;
let control: TestControl;
const overrideReason = 'made in a test';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

beforeAll(async () => {
  world = await startTestWorld();
  control = world.control;
});

afterAll(async () => {
  await world?.stop();
});

async function exported(account?: string): Promise<string[]> {
  const path = `/v1/audit/export${account === undefined ? '' : `?account=${account}`}`;
  const answer = await control.send('GET', path);
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toContain('application/x-ndjson');
  return answer.text.trimEnd().split('\n');
}

const verdictOf = async (account?: string, remembered?: string) =>
  await verifyLines(await exported(account), { sha256, ...(remembered !== undefined && { remembered }) });

describe('what is recorded', () => {
  test('who, through what, from where, before and after', async () => {
    const site = await control.call(createSite, { body: { domain: 'a.example', account: 'alice', overrideReason } });
    await control.call(
      changeSite,
      { params: { site: site.id }, body: { redirectToHttps: false } },
      { 'user-agent': 'hofje-cli/1' },
    );
    const { items } = await control.call(listAudit, { query: { object: site.id } });
    expect(items).toMatchObject([
      {
        action: 'PATCH /v1/sites/:site',
        who: 'machine',
        through: 'cli',
        from: '127.0.0.1',
        operator: true,
        kind: 'site',
        account: site.account,
        site: site.id,
        before: { redirectToHttps: true, version: 1 },
        after: { redirectToHttps: false, version: 2 },
      },
      { action: 'POST /v1/sites', through: 'machine', before: null, after: { name: 'a.example', plan: 'small' } },
    ]);
  });

  test('what goes is kept as it was', async () => {
    const mailbox = await control.call(createMailbox, { body: { address: 'x@a.example' } });
    await control.call(deleteMailbox, { params: { mailbox: mailbox.id } });
    const { items } = await control.call(listAudit, { query: { object: mailbox.id } });
    expect(items).toMatchObject([
      { action: 'DELETE /v1/mailboxes/:mailbox', before: { address: 'x@a.example' }, after: null },
      { action: 'POST /v1/mailboxes', before: null, after: { address: 'x@a.example' } },
    ]);
  });

  test('what goes and comes back with its account, each by itself', async () => {
    await control.call(createAccount, { body: { name: 'leaving', email: 'x@example.net' } });
    const site = await control.call(createSite, { body: { domain: 'l.example', account: 'leaving', overrideReason } });
    await control.call(deleteAccount, { params: { account: 'leaving' } });
    await control.call(restoreAccount, { params: { account: 'leaving' } });
    const { items } = await control.call(listAudit, { query: { object: site.id } });
    expect(items).toMatchObject([
      { action: 'POST /v1/accounts/:account/restore', site: site.id, after: { deletedAt: null, version: 3 } },
      { action: 'DELETE /v1/accounts/:account', before: { deletedAt: null, version: 1 }, after: { version: 2 } },
      { action: 'POST /v1/sites' },
    ]);
    const { items: all } = await control.call(listAudit, { query: { account: 'leaving' } });
    expect(all.filter(({ kind }) => kind === 'domain')).toHaveLength(2);
  });

  test('nothing of a change that was not made', async () => {
    const { hash } = await control.call(auditHead, {});
    await control.problem(createSite, { body: { domain: 'a.example', account: 'alice', overrideReason } });
    await expect(
      control.control.context.db.transaction().execute(async (tx) => {
        await auditSystem(control.control.context, tx, 'test', 'x');
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect((await control.call(auditHead, {})).hash).toBe(hash);
  });
});

describe('the list', () => {
  test('is filtered by account, person, object, action and time, and goes on by its cursor', async () => {
    const query = { account: 'alice', limit: 2 };
    const first = await control.call(listAudit, { query });
    const second = await control.call(listAudit, { query: { ...query, cursor: first.next ?? '' } });
    expect(first.items).toHaveLength(2);
    const seen = [...first.items, ...second.items];
    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
    expect(seen.map(({ at }) => at)).toEqual(
      seen
        .map(({ at }) => at)
        .toSorted()
        .toReversed(),
    );
    const at = first.items[0]?.at ?? '';
    const found = async (more: object) => (await control.call(listAudit, { query: more })).items.length;
    expect(await found({ account: 'alice', from: at })).toBeGreaterThan(0);
    expect(await found({ account: 'alice', to: '2001-01-01T00:00:00Z' })).toBe(0);
    expect(await found({ person: 'nobody' })).toBe(0);
    expect(await found({ action: 'POST /v1/accounts' })).toBe(3);
    expect(await control.problem(listAudit, { query: { account: 'nobody' } })).toMatchObject({ status: 404 });
    const forged = Buffer.from(JSON.stringify(['x', 'y'])).toString('base64url');
    expect(await control.problem(listAudit, { query: { cursor: forged } })).toMatchObject({ code: 'cursor.invalid' });
  });
});

describe('the chain', () => {
  test('is verifiable as a whole, and an account’s by itself', async () => {
    const remembered = (await control.call(auditHead, {})).hash;
    const ofAccount = (await control.call(auditHead, { query: { account: 'alice' } })).hash;
    await control.call(createAccount, { body: { name: 'carol', email: 'carol@example.net' } });
    expect(await verdictOf(undefined, remembered)).toMatchObject({ intact: true });
    expect(await verdictOf('alice', ofAccount)).toMatchObject({ intact: true });
    const lines = (await exported('alice')).join('\n');
    expect(lines).not.toContain('carol');
    // Where the operator sits is no business of the account.
    expect(lines).not.toContain('127.0.0.1');
    expect((await exported()).join('\n')).toContain('127.0.0.1');
  });

  test('has no gap, no fork and no circle of locks when many change many things at once', async () => {
    const before = await control.call(auditHead, {});
    const replica = await control.startReplica();
    const url = replica.context.config.publicUrls.client;
    const work = Array.from({ length: 60 }, async (_, n) => {
      const body = { email: `n${n}@example.net` };
      const account = n % 3 === 0 ? 'alice' : 'bob';
      return await control.send('PATCH', `/v1/accounts/${account}`, n % 2 === 0 ? { body } : { body, url });
    });
    expect((await Promise.all(work)).map(({ status }) => status)).toEqual(work.map(() => 200));
    expect((await control.call(auditHead, {})).sequence).toBe(before.sequence + 60);
    expect(await verdictOf(undefined, before.hash)).toMatchObject({ intact: true });
    expect(await verdictOf('bob')).toMatchObject({ intact: true });
  });

  test('texts that JSON and databases quarrel about are the same on both sides', async () => {
    const { db } = control.control.context;
    const after = { 'a\u2028b': '\ud800 \u0000 "\\ \u007f é \u{1f600}', n: [1e21, -0, 0.1], deep: { b: 1, a: null } };
    await auditSystem(control.control.context, db, 'test', 'x', { after });
    expect(await verdictOf()).toMatchObject({ intact: true });
  });
});

describe('whoever can write to the database', () => {
  const { stringify } = JSON;
  afterEach(async () => {
    await sql`alter table audit enable trigger user`.execute(control.control.context.db);
  });

  test('is stopped by mistake, and found by intent', async () => {
    const { db } = control.control.context;
    await control.call(changeAccount, { params: { account: 'alice' }, body: { email: 'last@example.net' } });
    const { rows } = await sql<{ sequence: number; body: string }>`
      select sequence, body from audit order by sequence desc limit 1 offset 1`.execute(db);
    const [row] = rows;
    await expect(sql`delete from audit where sequence = ${row?.sequence}`.execute(db)).rejects.toThrow('not changed');
    await expect(sql`update audit set body = '{}'`.execute(db)).rejects.toThrow('not changed');
    await sql`alter table audit disable trigger user`.execute(db);
    const forged = stringify({ ...JSON.parse(row?.body ?? ''), who: 'per_00000000000000000000' });
    await sql`update audit set body = ${forged} where sequence = ${row?.sequence}`.execute(db);
    expect(await verdictOf()).toMatchObject({ intact: false, fault: { kind: 'altered', sequence: row?.sequence } });
    await sql`update audit set body = ${row?.body} where sequence = ${row?.sequence}`.execute(db);
    expect(await verdictOf()).toMatchObject({ intact: true });
  });
});

describe('pruning by age', () => {
  const DAY_MS = 86_400_000;
  const inDays = (days: number) => ({
    ...control.control.context,
    now: () => new Date(Date.now() + days * DAY_MS),
  });

  test('keeps both chains verifiable, also against a hash that went, and happens in large steps', async () => {
    const remembered = await control.call(auditHead, {});
    const ofAccount = await control.call(auditHead, { query: { account: 'alice' } });
    expect(await pruneAudit(inDays(429))).toBe(0);
    expect(await pruneAudit(inDays(431))).toBe(remembered.sequence);
    expect(await pruneAudit(inDays(431))).toBe(0);
    expect(await verdictOf(undefined, remembered.hash)).toMatchObject({ intact: true });
    expect(await verdictOf('alice', ofAccount.hash)).toMatchObject({ intact: true });
    const { items } = await control.call(listAudit, { query: { account: 'alice' } });
    expect(items).toMatchObject([{ action: PRUNED, who: 'system', after: { hash: ofAccount.hash } }]);
    await control.call(createSite, { body: { domain: 'later.example', account: 'alice', overrideReason } });
    const site = await control.call(suspendSite, { params: { site: 'later.example' } });
    expect(await verdictOf('alice', ofAccount.hash)).toMatchObject({ intact: true, entries: 3 });
    expect(site.suspended).toBe(true);
  });
});
