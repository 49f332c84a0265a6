import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Question } from '#contract/agent/messages.ts';
import { getNode } from '#contract/api/node.ts';
import { type NodeProbeReport, type ProbeRow, probeMatrix, runProbes } from '#contract/api/probe.ts';
import { getProof, runProof } from '#contract/api/proof.ts';
import { createSite, deleteSite } from '#contract/api/site.ts';
import type { AccountId, SiteId } from '#model/id.ts';
import { PROBE_IDS } from '#model/probe/catalogue.ts';
import { probe as probeJob } from '../jobs/probe.ts';
import { makeMember, makeSession } from '../testing/people.ts';
import { makePerson } from '../testing/visitor.ts';
import { startTestWorld, type TestWorld, testDigest } from '../testing/world.ts';

type ProbeQuestion = Extract<Question, { readonly ask: 'probe-run' }>;

let world: TestWorld;
let mine: SiteId;
let theirs: SiteId;
const asked: ProbeQuestion[] = [];
/** What the node finds; by default every wall closed. */
let find: (question: ProbeQuestion) => NodeProbeReport | Promise<NodeProbeReport>;
/** Which sites the node says are awake. */
const awake = new Set<string>();

const overrideReason = 'seen in a test';
const DOORS = ['mail-pipe', 'exec', 'upload'] as const;

const closed = (fact = 'nothing seen') => PROBE_IDS.map((probe) => ({ probe, verdict: 'closed' as const, fact }));
const look = (site: string, door: ProbeRow['door'], changes: Partial<ProbeRow> = {}): ProbeRow => ({
  ...{ site, door, decoy: false, instance: 'ins_1', image: testDigest('site-php8.2'), results: closed() },
  ...changes,
});
const withHole = (probe: string, fact: string) =>
  closed().map((result) => (result.probe === probe ? { ...result, verdict: 'open' as const, fact } : result));

function report(rows: readonly ProbeRow[]): NodeProbeReport {
  const sightings = PROBE_IDS.map((probe) => ({ probe, saw: 'seen' as const, fact: `secret of ${probe}` }));
  return {
    rows: [...rows],
    absentBaits: [],
    careless: { found: sightings.length, looked: sightings.length, missed: [], sightings },
  };
}

/** As a node does: from what it is told to look from, through the doors that it is told. */
function findAllClosed({ site, door, among }: ProbeQuestion): NodeProbeReport {
  const doors = door === undefined ? DOORS : [door];
  const sites = site === undefined ? (among?.sites ?? [mine, theirs]) : [site];
  const hasDecoy = among?.decoys ?? site === undefined;
  return report([
    ...(hasDecoy ? [look('site_decoy', 'web', { decoy: true }), look('site_decoy', 'exec', { decoy: true })] : []),
    ...sites.flatMap((each) => doors.map((one) => look(each, one))),
  ]);
}

const inMinutes = (minutes: number) => ({
  ...world.control.control.context,
  now: () => new Date(Date.now() + minutes * 60_000),
});

async function sessionOf(email: string, account: AccountId | undefined) {
  const person = await makePerson(world.control, { email });
  if (account !== undefined) await makeMember(world.control, person, account, 'owner');
  return (await makeSession(world.control, person)).headers;
}

beforeAll(async () => {
  world = await startTestWorld({
    follow: {
      stateOf: ({ id }) => ({ state: awake.has(id) ? 'running' : 'asleep' }),
      onMessage(message, answer) {
        if (message.kind !== 'ask' || message.question.ask !== 'probe-run') return;
        asked.push(message.question);
        const found = Promise.resolve(find(message.question));
        void found.then((value) => answer({ kind: 'answer', id: message.id, ok: true, value }));
      },
    },
  });
  const make = async (domain: string, account: string) =>
    (await world.control.call(createSite, { body: { domain, account, overrideReason }, query: { wait: true } })).id;
  mine = (await make('alice.example', 'alice')) as SiteId;
  theirs = (await make('bob.example', 'bob')) as SiteId;
});

afterAll(async () => {
  await world?.stop();
});

beforeEach(async () => {
  find = findAllClosed;
  asked.length = 0;
  const { db } = world.control.control.context;
  await sql`truncate probe_look, probe_control, probe_run`.execute(db);
  await sql`update node set probe_alarms = '[]'`.execute(db);
});

describe('what probes find', () => {
  test('is kept, with whose word it is, and what was seen where walls are missing', async () => {
    const before = await world.control.call(getProof, { params: { site: 'alice.example' } });
    expect(before.walls.every(({ verdict, control }) => verdict === 'not-tested' && control === null)).toBe(true);
    await world.control.call(runProbes, { body: {} });
    const proof = await world.control.call(getProof, { params: { site: 'alice.example' } });
    expect(proof).toMatchObject({ site: mine, image: { digest: testDigest('site-php8.2'), kind: 'site-php8.2' } });
    expect(Date.parse(proof.image.since ?? '')).toBeGreaterThan(0);
    expect(proof.plan.limits.memoryBytes).toBeGreaterThan(0);
    expect(proof.looks.map(({ source, door, current }) => `${source} ${door} ${current}`)).toEqual([
      ...['decoy exec true', 'decoy web true', 'own exec true', 'own mail-pipe true', 'own upload true'],
    ]);
    const wall = proof.walls.find(({ probe }) => probe === 'call.mount');
    expect(wall).toMatchObject({
      theme: 'files',
      verdict: 'closed',
      findings: [
        { source: 'decoy', verdict: 'closed', fact: 'nothing seen' },
        { source: 'own', verdict: 'closed', doors: expect.arrayContaining([...DOORS]) },
      ],
      control: { saw: 'seen', fact: 'secret of call.mount' },
    });
  });

  test('tells a customer nothing of the machine: neither what is seen without walls, nor what a decoy saw', async () => {
    find = () =>
      report([
        look('site_decoy', 'exec', { decoy: true, results: withHole('file.host-name', 'the host name is big7') }),
        look('site_decoy', 'web', {
          decoy: true,
          failure: 'the door did not open: {"path":"/var/lib/big7"}',
          results: [],
        }),
        look(mine, 'exec'),
      ]);
    await world.control.call(runProbes, { body: {} });
    const { id } = await world.control.control.context.db
      .selectFrom('account')
      .select('id')
      .where('name', '=', 'alice')
      .executeTakeFirstOrThrow();
    const headers = await sessionOf('curious@example.net', id);
    const { text, status } = await world.control.send('GET', `/v1/sites/${mine}/proof`, { token: null, headers });
    expect(status).toBe(200);
    expect(text).not.toMatch(/big7|secret of (file\.host|kernel\.sysinfo|network\.listeners)/);
    const asOwner = await world.control.send('POST', '/v1/probes', { token: null, headers, body: { site: mine } });
    expect(asOwner.status).toBe(200);
    expect(asOwner.text).not.toMatch(/secret of/);
  });

  test('stands when a later look fails, which is told beside it', async () => {
    await world.control.call(runProbes, { body: {} });
    find = () => report([look(mine, 'exec', { failure: 'too many processes', results: [] })]);
    await world.control.call(runProbes, { body: {} });
    const { looks, walls } = await world.control.call(getProof, { params: { site: mine } });
    expect(looks.find(({ source, door }) => source === 'own' && door === 'exec')).toMatchObject({
      failure: 'too many processes',
      at: expect.any(String),
    });
    expect(walls.every(({ verdict }) => verdict === 'closed')).toBe(true);
  });

  test('may be any bytes of a customer, and is kept as words', async () => {
    const fact = `\u0000\ud800<script>${'x'.repeat(5000)}`;
    find = () =>
      report([look(mine, 'exec', { results: withHole('call.mount', fact), instance: '\u0000'.repeat(3000) })]);
    await world.control.call(runProbes, { body: {} });
    const { walls } = await world.control.call(getProof, { params: { site: mine } });
    const [finding] = walls.find(({ probe }) => probe === 'call.mount')?.findings ?? [];
    expect(finding?.fact).toMatch(/^\?\?<script>x{290}$/);
  });

  test('of sites of another node, nothing is believed', async () => {
    const { db } = world.control.control.context;
    await sql`insert into node (id, name) values ('node_11111111111111111111', 'elsewhere') on conflict do nothing`.execute(
      db,
    );
    await db.updateTable('site').set({ node_id: 'node_11111111111111111111' }).where('id', '=', theirs).execute();
    try {
      find = () =>
        report([look(theirs, 'exec', { results: withHole('call.mount', 'a lie') }), look('site_nobody', 'exec')]);
      await world.control.call(runProbes, { body: { node: 'node1' } });
      expect((await world.control.call(probeMatrix, {})).items).toEqual([]);
    } finally {
      await db.updateTable('site').set({ node_id: world.agent.identity.node }).where('id', '=', theirs).execute();
    }
  });
});

describe('who may see it', () => {
  test('an owner sees his own site; the neighbour’s is to him as if it did not exist, and the matrix is the operator’s', async () => {
    const { db } = world.control.control.context;
    await world.control.call(runProbes, { body: {} });
    const { id } = await db.selectFrom('account').select('id').where('name', '=', 'bob').executeTakeFirstOrThrow();
    const headers = await sessionOf('bob@example.net', id);
    const get = async (path: string) => await world.control.send('GET', path, { token: null, headers });
    const own = await get(`/v1/sites/${theirs}/proof`);
    expect(own.status).toBe(200);
    expect(own.text).not.toMatch(new RegExp(`${mine}|alice`));
    const missing = 'site_00000000000000000000';
    for (const method of ['GET', 'POST']) {
      const send = async (site: string) =>
        await world.control.send(method, `/v1/sites/${site}/proof`, { token: null, headers });
      const [other, none] = [await send(mine), await send(missing)];
      const same = ({ text }: { text: string }) => text.replace(/"requestId":"[^"]*"/, '').replaceAll(mine, missing);
      expect([other.status, same(other)]).toEqual([none.status, same(none)]);
      expect(other.status).toBe(404);
    }
    expect((await get('/v1/probes/matrix')).status).toBe(403);
  });
});

describe('a run that is asked for', () => {
  test('goes through every door, tells how far it is, and comes once a minute', async () => {
    const seen: number[] = [];
    const { db } = world.control.control.context;
    find = async (question) => {
      const run = await db.selectFrom('probe_run').select('done').where('site_id', '=', mine).executeTakeFirst();
      seen.push(run?.done ?? -1);
      return findAllClosed(question);
    };
    const proof = await world.control.call(runProof, { params: { site: mine } });
    expect(asked).toEqual([
      { ask: 'probe-run', among: { decoys: true, sites: [] } },
      ...DOORS.map((door) => ({ ask: 'probe-run', site: mine, door })),
    ]);
    expect(proof.run).toMatchObject({ done: 4, steps: 4, endedAt: expect.any(String), trouble: null });
    expect(proof.nextRunAt).not.toBeNull();
    expect(seen).toEqual([0, 1, 2, 3]);
    expect(await world.control.problem(runProof, { params: { site: mine } })).toMatchObject({
      status: 429,
      code: 'probe.too-soon',
    });
    // The decoy was looked from just now.
    await world.control.call(runProof, { params: { site: theirs } });
    expect(asked.slice(4).every(({ site }) => site === theirs)).toBe(true);
  });

  test('that comes to no end says why', async () => {
    find = () => ({ rows: [] }) as unknown as NodeProbeReport;
    expect(await world.control.problem(runProof, { params: { site: mine } })).toMatchObject({ code: 'node.refused' });
    const { run } = await world.control.call(getProof, { params: { site: mine } });
    expect(run).toMatchObject({ done: 0, trouble: expect.stringContaining('shape'), endedAt: expect.any(String) });
  });
});

describe('by itself the platform looks', () => {
  const reportStates = async () => {
    const { revision, sites } = await world.agent.desired();
    await world.agent.report({
      revision,
      sites: sites.map(({ id, image }) => ({
        ...{ id, image, instance: 'ins_00000000000000000000' as const, applied: revision },
        state: awake.has(id) ? ('running' as const) : ('asleep' as const),
      })),
    });
  };

  test('from decoys every hour, from awake sites about once a day, and from no site that sleeps', async () => {
    awake.add(mine);
    await reportStates();
    expect(await probeJob(inMinutes(0))).toEqual({ decoys: 1, sites: 1, troubles: 0 });
    expect(asked.map(({ among }) => among)).toEqual([
      { decoys: true, sites: [] },
      { decoys: false, sites: [mine] },
    ]);
    expect(await probeJob(inMinutes(10))).toEqual({ decoys: 0, sites: 0, troubles: 0 });
    expect(await probeJob(inMinutes(60))).toEqual({ decoys: 1, sites: 0, troubles: 0 });
    awake.add(theirs);
    await reportStates();
    expect(await probeJob(inMinutes(60))).toMatchObject({ sites: 1 });
    expect(await probeJob(inMinutes(25 * 60))).toMatchObject({ decoys: 1, sites: 2 });
    awake.clear();
    await reportStates();
  });

  test('and a hole is an alarm of the node until it is closed', async () => {
    find = () =>
      report([look('site_decoy', 'exec', { decoy: true, results: withHole('call.mount', 'mount succeeded') })]);
    await probeJob(inMinutes(0));
    const alarmed = await world.control.call(getNode, { params: { node: 'node1' } });
    expect(alarmed.health).toBe('alarmed');
    expect(alarmed.alarms).toMatchObject([{ code: 'probe.open', message: expect.stringContaining('call.mount') }]);
    expect(world.control.logged.join('')).toMatch(/"event":"alarm\.raised".*call\.mount/);
    find = () => report([look('site_decoy', 'exec', { decoy: true })]);
    await probeJob(inMinutes(60));
    expect(await world.control.call(getNode, { params: { node: 'node1' } })).toMatchObject({
      health: 'ok',
      alarms: [],
    });
  });
});

describe('the matrix', () => {
  test('has a row for each place and door, decoys first, page by page, and shows holes alone when asked', async () => {
    find = () =>
      report([
        look(mine, 'exec', { results: withHole('call.mount', 'mount succeeded') }),
        look(mine, 'upload', { results: closed().slice(1) }),
        look('site_decoy', 'web', { decoy: true }),
      ]);
    await world.control.call(runProbes, { body: {} });
    const first = await world.control.call(probeMatrix, { query: { limit: 2 } });
    expect(first.items.map(({ kind, door }) => `${kind} ${door}`)).toEqual(['decoy web', 'site exec']);
    expect(first).toMatchObject({
      looks: 3,
      holes: 1,
      controls: [{ node: 'node1', found: PROBE_IDS.length, missed: [] }],
    });
    expect(first.probes.map(({ probe }) => probe)).toEqual(PROBE_IDS);
    const second = await world.control.call(probeMatrix, { query: { limit: 2, cursor: first.next ?? '' } });
    expect(second).toMatchObject({ items: [{ door: 'upload', notTested: [PROBE_IDS[0]] }], next: null });
    const holes = await world.control.call(probeMatrix, { query: { holes: true } });
    expect(holes.items).toMatchObject([
      {
        kind: 'site',
        site: { id: mine, name: 'alice.example' },
        door: 'exec',
        open: [{ probe: 'call.mount', fact: 'mount succeeded' }],
      },
    ]);
  });

  test('forgets a site that is purged', async () => {
    const body = { domain: 'short.example', account: 'bob', overrideReason };
    const { id } = await world.control.call(createSite, { body, query: { wait: true } });
    find = () => report([look(id, 'exec')]);
    await world.control.call(runProbes, { body: {} });
    await world.control.call(deleteSite, { params: { site: id } });
    expect(await world.control.problem(getProof, { params: { site: id } })).toMatchObject({ code: 'site.deleted' });
    await world.control.control.context.db
      .deleteFrom('site')
      .where('id', '=', id as SiteId)
      .execute();
    expect((await world.control.call(probeMatrix, {})).items).toEqual([]);
  });
});
