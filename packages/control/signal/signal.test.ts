import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { siteSignals } from '#contract/api/signal.ts';
import { createSite, type Site } from '#contract/api/site.ts';
import type { TestControl } from '../testing/harness.ts';
import { startTestWorld, type TestWorld } from '../testing/world.ts';
import { spansQuery } from './queries.ts';

let world: TestWorld;
let control: TestControl;
let site: Site;
const since = '2026-01-05T00:00:00.000Z';
const until = '2026-01-11T23:59:59.000Z';

beforeAll(async () => {
  world = await startTestWorld();
  control = world.control;
  const overrideReason = 'made in a test';
  site = await control.call(createSite, { body: { domain: 'a.example', account: 'alice', overrideReason } });
  const other = await control.call(createSite, { body: { domain: 'b.example', account: 'alice', overrideReason } });
  const { db } = control.control.context;
  // A week of minutes, with a day of sleep in it.
  for (const { id } of [site, other]) {
    await sql`insert into signal (site_id, started_at, seconds, requests, status_5xx, latency, memory_bytes_peak,
        cpu_milliseconds, disk_bytes, wakes, entries, faults)
      select ${id}, at, 60, 10, extract(minute from at)::integer % 2, '{1,2,3,4,0,0,0,0,0,0,0}', extract(hour from at) * 1000 + 5000000000,
        100, extract(epoch from at), case when extract(minute from at) = 0 then 1 else 0 end,
        '[{"door":"cron","outcome":"exited","count":1},{"door":"exec","outcome":"exited","count":2}]',
        jsonb_build_array(jsonb_build_object('signature', 'fault ' || extract(minute from at) % 30, 'count', 1))
      from generate_series(${since}::timestamptz, ${until}::timestamptz, '1 minute') at
      where at::date <> '2026-01-08'`.execute(db);
  }
  // Many other sites, as there are.
  await sql`insert into site (id, account_id, node_id, plan, image, name, revision)
    select 'site_' || n, account_id, node_id, plan, image, n || '.example', 1 from site, generate_series(1, 30) n
    where id = ${other.id}`.execute(db);
  await sql`insert into signal select 'site_' || n, started_at, seconds, requests, status_5xx, latency, memory_bytes_peak,
      cpu_milliseconds, disk_bytes, wakes, '[]', '[]' from signal, generate_series(1, 30) n
    where site_id = ${other.id} and started_at < '2026-01-06'`.execute(db);
  await sql`analyze signal`.execute(db);
});

afterAll(async () => {
  await world?.stop();
});

const ask = async (query: object) => await control.call(siteSignals, { params: { site: site.id }, query });

test('hours of a week are sums, peaks and last sizes; an hour without a report is left out', async () => {
  const { items } = await ask({ since, until, resolution: 3600 });
  expect(items).toHaveLength(6 * 24);
  expect(items[25]).toMatchObject({
    from: '2026-01-06T01:00:00.000Z',
    seconds: 3600,
    requests: 600,
    status5xx: 30,
    latency: [60, 120, 180, 240, 0, 0, 0, 0, 0, 0, 0],
    memoryBytesPeak: 5_000_001_000,
    cpuMilliseconds: 6000,
    diskBytes: Date.parse('2026-01-06T01:59:00.000Z') / 1000,
    wakes: 1,
    entries: [
      { door: 'cron', outcome: 'exited', count: 60 },
      { door: 'exec', outcome: 'exited', count: 120 },
    ],
  });
  expect(items[25]?.faults).toHaveLength(20);
  expect(items[25]?.faults[0]).toEqual({ signature: 'fault 0', count: 2 });
});

test('longer and shorter spans add up to the same', async () => {
  const total = async (resolution: number) => {
    const { items } = await ask({ since, until, resolution });
    return [items.length, items.reduce((sum, { requests }) => sum + requests, 0)];
  };
  expect(await total(86_400)).toEqual([6, 86_400]);
  expect(await total(21_600)).toEqual([24, 86_400]);
  expect(await total(900)).toEqual([576, 86_400]);
  const { items } = await ask({ since: '2026-01-05T10:00:00Z', until: '2026-01-05T10:59:00Z', resolution: 60 });
  expect(items).toHaveLength(60);
  expect((await ask({ since: '2026-01-05T10:00:00Z', until: '2026-01-05T10:59:00Z' })).items).toHaveLength(60);
});

test('what nobody can look at is not asked for', async () => {
  const refused = async (query: object) => await control.problem(siteSignals, { params: { site: site.id }, query });
  expect(await refused({ since, until, resolution: 60 })).toMatchObject({
    code: 'request.invalid',
    field: 'resolution',
  });
  expect(await refused({ resolution: 7 })).toMatchObject({ code: 'request.invalid' });
});

test('only the minutes of the site and the time are read', async () => {
  const { db } = control.control.context;
  const query = spansQuery(
    { site: site.id as never, since: new Date(since), until: new Date('2026-01-05T12:00:00Z') },
    300,
  );
  const { rows } = await sql<{ 'QUERY PLAN': string }>`explain ${query}`.execute(db);
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toMatch(/(Index Scan using|Bitmap Index Scan on) signal_pkey/);
  expect(plan).not.toMatch(/Seq Scan on signal/);
});
