import { X509Certificate } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAccount, deleteAccount, getAccount } from '#contract/api/account.ts';
import { createMailbox } from '#contract/api/mailbox.ts';
import { createSite, deleteSite, getSite } from '#contract/api/site.ts';
import type { TestControl } from '../testing/harness.ts';
import { startTestWorld, type TestWorld } from '../testing/world.ts';
import { startJobs } from './jobs.ts';
import { prune } from './prune.ts';
import { purge } from './purge.ts';
import { renewHostCertificates } from './renew.ts';

let world: TestWorld;
let control: TestControl;
const overrideReason = 'made in a test';
const DAY_MS = 86_400_000;

beforeAll(async () => {
  world = await startTestWorld();
  control = world.control;
});

afterAll(async () => {
  await world?.stop();
});

/** The same control plane, some days later. */
const inDays = (days: number) => ({ ...control.control.context, now: () => new Date(Date.now() + days * DAY_MS) });

test('what was deleted is forgotten long after its grace period, and not a day before', async () => {
  const site = await control.call(createSite, { body: { domain: 'kept.example', account: 'alice', overrideReason } });
  await control.call(createAccount, { body: { name: 'leaving', email: 'x@example.net' } });
  const gone = await control.call(createSite, { body: { domain: 'gone.example', account: 'leaving', overrideReason } });
  await control.call(createMailbox, { body: { address: 'x@gone.example' } });
  await control.call(deleteSite, { params: { site: site.id } });
  await control.call(deleteAccount, { params: { account: 'leaving' } });
  expect(await purge(inDays(7 + 29))).toEqual({ sites: 0, domains: 0, accounts: 0 });
  expect((await world.agent.desired()).tombstones).toHaveLength(3);
  expect(await purge(inDays(7 + 31))).toEqual({ sites: 2, domains: 1, accounts: 1 });
  expect((await world.agent.desired()).tombstones).toEqual([]);
  for (const id of [site.id, gone.id])
    expect(await control.problem(getSite, { params: { site: id } })).toMatchObject({ status: 404 });
  expect(await control.problem(getAccount, { params: { account: 'leaving' } })).toMatchObject({ status: 404 });
});

test('signals go by age', async () => {
  const { context } = control.control;
  const site = await control.call(createSite, { body: { domain: 'busy.example', account: 'alice', overrideReason } });
  await sql`insert into signal (site_id, started_at, seconds, requests, status_5xx, latency, memory_bytes_peak, cpu_milliseconds,
    disk_bytes, wakes, entries, faults)
    select ${site.id}, now() - make_interval(days => n), 60, 1, 0, '{}', 1, 1, 1, 0, '[]', '[]' from generate_series(0, 59) n`.execute(
    context.db,
  );
  expect((await prune(context)).signals).toBe(30);
});

test('host certificates are made anew a month before they end', async () => {
  const site = await control.call(createSite, {
    body: { domain: 'renewed.example', account: 'alice', overrideReason },
  });
  const certificateNow = async () => {
    const wish = (await world.agent.desired()).sites.find((each) => each.id === site.id);
    return new X509Certificate(wish?.hosts[0]?.certificate.chain ?? '');
  };
  const before = await certificateNow();
  expect((await renewHostCertificates(inDays(330))).renewed).toBe(0);
  expect((await renewHostCertificates(inDays(340))).renewed).toBeGreaterThan(0);
  const after = await certificateNow();
  expect(after.serialNumber).not.toBe(before.serialNumber);
  expect(after.checkHost('renewed.example')).toBe('renewed.example');
});

test('the queue keeps its schedule in the database, and stops at once', async () => {
  const jobs = await startJobs(control.control.context);
  const rows = await sql<{ name: string }>`select name from pgboss.schedule order by name`.execute(
    control.control.context.db,
  );
  expect(rows.rows.map((row) => row.name)).toEqual(['probe', 'prune', 'purge', 'renew']);
  const began = performance.now();
  await jobs.stop();
  expect(performance.now() - began).toBeLessThan(3000);
});
