import { afterAll, beforeAll, expect, test } from 'vitest';
import { listLoads } from '#contract/api/load.ts';
import { createMailbox } from '#contract/api/mailbox.ts';
import { search } from '#contract/api/search.ts';
import { addAlias, createSite } from '#contract/api/site.ts';
import { makePerson, makeVisitor } from '../testing/visitor.ts';
import { startTestWorld, type TestWorld } from '../testing/world.ts';

let world: TestWorld;
const overrideReason = 'seen in a test';
const PASSWORD = 'vier kaarsen op de vensterbank';

beforeAll(async () => {
  world = await startTestWorld();
  const { control } = world;
  for (const [account, domain] of [
    ['alice', 'bakery.example.net'],
    ['bob', 'bakery-next-door.example.org'],
  ] as const) {
    await control.call(createSite, { body: { domain, account, overrideReason }, query: { wait: true } });
    await control.call(createMailbox, { body: { address: `baker@${domain}` } });
  }
  const params = { site: 'bakery.example.net' };
  await control.call(addAlias, { params, body: { name: 'www.bakery.example.net' }, query: { wait: true } });
  const { db } = control.control.context;
  const owner = await makePerson(control, { email: 'alice@people.example.net', password: PASSWORD });
  const { id } = await db.selectFrom('account').select('id').where('name', '=', 'alice').executeTakeFirstOrThrow();
  await db.insertInto('membership').values({ person_id: owner, account_id: id, role: 'owner' }).execute();
});

afterAll(async () => {
  await world?.stop();
});

test('an operator finds everything, each thing once, the exact name first', async () => {
  const { items } = await world.control.call(search, { query: { q: 'Bakery' } });
  expect(items.map(({ kind, name, accountName }) => [kind, name, accountName])).toEqual([
    ['site', 'bakery.example.net', 'alice'],
    ['site', 'bakery-next-door.example.org', 'bob'],
    ['domain', 'bakery.example.net', 'alice'],
    ['domain', 'bakery-next-door.example.org', 'bob'],
    ['mailbox', 'baker@bakery.example.net', 'alice'],
    ['mailbox', 'baker@bakery-next-door.example.org', 'bob'],
  ]);
  const { items: byAlias } = await world.control.call(search, { query: { q: 'www.bakery', kind: 'site' } });
  expect(byAlias).toMatchObject([{ name: 'bakery.example.net', note: 'www.bakery.example.net', state: 'asleep' }]);
  const { items: people } = await world.control.call(search, { query: { q: 'people.example', kind: 'person' } });
  expect(people).toMatchObject([{ name: 'alice@people.example.net', note: 'alice', accountName: 'alice' }]);
});

test('a customer finds his own things alone, and of his neighbour not even that there is one', async () => {
  const visitor = makeVisitor(world.control);
  await visitor.send('POST', '/v1/session', { email: 'alice@people.example.net', password: PASSWORD });
  const { status, body } = await visitor.send('GET', '/v1/search?q=bakery');
  expect(status).toBe(200);
  expect(JSON.stringify(body)).not.toMatch(/next-door|bob/);
  expect(body).toMatchObject({ items: [{ kind: 'site' }, { kind: 'domain' }, { kind: 'mailbox' }] });
  expect((await visitor.send('GET', '/v1/search?q=node1')).body).toEqual({ items: [] });
  expect((await visitor.send('GET', '/v1/loads')).status).toBe(403);
});

test('signs that mean something to the database are letters', async () => {
  for (const q of ['%', '_', '%%%', "'; drop table site; --", '\\']) {
    expect((await world.control.call(search, { query: { q } })).items).toEqual([]);
  }
});

test('a node has what it says, has sold what its sites may use, and uses what they report', async () => {
  const { sites } = await world.agent.desired();
  const site = sites.find(({ hosts }) => hosts[0]?.name === 'bakery.example.net')?.id;
  if (site === undefined) throw new Error('no site');
  const minute = (ago: number, requests: number) => ({
    ...{ site, from: Date.now() - ago * 60_000, seconds: 60, requests, status5xx: 0, latency: [] },
    ...{ memoryBytesPeak: 2 ** 26, cpuMilliseconds: 30_000, diskBytes: 5, wakes: 0, entries: [], faults: [] },
  });
  const facts = { kernel: '6.1', crun: '1.8.1', cgroups: 'v1', memoryBytes: 2 ** 33, processors: 2 } as const;
  await world.agent.report({
    facts: { ...facts, disk: { sizeBytes: 2 ** 36, freeBytes: 2 ** 35 } },
    signals: [minute(2, 7), minute(1, 12)],
  });
  const { items } = await world.control.call(listLoads, { query: { node: 'node1' } });
  const [load] = items;
  expect(load).toMatchObject({
    name: 'node1',
    capacity: { memoryBytes: 2 ** 33, cpuPercent: 200, diskBytes: 2 ** 36 },
    used: { memoryBytes: 2 ** 26, cpuPercent: 50, requests: 12, diskBytes: 2 ** 35 },
  });
  const small = { memoryBytes: 256 * 2 ** 20, cpuPercent: 50, diskBytes: 2 ** 30 };
  expect(load?.sold.sites).toBeGreaterThanOrEqual(2);
  expect(load?.sold.memoryBytes).toBe(small.memoryBytes * (load?.sold.sites ?? 0));
  expect(load?.sold.diskBytes).toBe(small.diskBytes * (load?.sold.sites ?? 0));
  expect(load?.sites.reduce((sum, { count }) => sum + count, 0)).toBe(load?.sold.sites);
  expect((await world.control.call(listLoads, { query: {} })).items).toEqual(items);
});
