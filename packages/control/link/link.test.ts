import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentMessage, EnrolAnswer, SignalWindow } from '#contract/agent/messages.ts';
import { changeAccount } from '#contract/api/account.ts';
import { createNode, enrolNode, getNode, revokeNode } from '#contract/api/node.ts';
import { runProbes } from '#contract/api/probe.ts';
import { listQueue, retryQueue, showQueued } from '#contract/api/queue.ts';
import { siteSignals } from '#contract/api/signal.ts';
import { changeSite, createSite, getSite, siteLogs, sleepSite } from '#contract/api/site.ts';
import { makeId, type SiteId } from '#model/id.ts';
import type { Control } from '../control.ts';
import { enrolTestAgent, makeCsr, type TestAgent, testAgent } from '../testing/agent.ts';
import type { TestControl } from '../testing/harness.ts';
import { startTestWorld, type TestWorld } from '../testing/world.ts';

const answers: Record<string, unknown> = {
  'site-logs': { text: 'one\ntwo\n' },
  'queue-list': {
    messages: [
      {
        id: '1abcde-000001-AB',
        sender: '',
        recipients: ['x@far.example'],
        sizeBytes: 10,
        ageSeconds: 5,
        frozen: false,
      },
    ],
  },
  'queue-show': { headers: 'Subject: x', log: 'deferred' },
  'queue-retry': null,
  'probe-run': {
    rows: [
      { site: 'site_x', door: 'exec', decoy: true, results: [{ probe: 'call.mount', verdict: 'closed', fact: '' }] },
    ],
    absentBaits: [],
    careless: { found: 9, looked: 10, missed: ['call.bpf'] },
  },
  'site-stop': { at: 0 },
};
const asked: { id: string; ask: string }[] = [];

let world: TestWorld;
let control: TestControl;
let agent: TestAgent;
let site: SiteId;

beforeAll(async () => {
  world = await startTestWorld({
    follow: {
      onMessage(message, answer) {
        if (message.kind !== 'ask') return;
        asked.push({ id: message.id, ask: message.question.ask });
        answer({ kind: 'answer', id: message.id, ok: true, value: answers[message.question.ask] });
      },
    },
  });
  ({ control, agent } = world);
  const body = { domain: 'alice.example', account: 'alice', overrideReason: 'made in a test' };
  site = (await control.call(createSite, { body })).id as SiteId;
});

afterAll(async () => {
  await world?.stop();
});

/** Waits until something is so; fails with the last value when it never is. */
async function until<T>(look: () => T | Promise<T>, isSo: (value: T) => boolean, patienceMs = 10_000): Promise<T> {
  for (const deadline = Date.now() + patienceMs; ; await delay(20)) {
    const value = await look();
    if (isSo(value) || Date.now() > deadline) {
      expect(value).toSatisfy(isSo);
      return value;
    }
  }
}

const enrolWith = async (token: string, csr: string) =>
  await control.send('POST', '/agent/v1/enrol', { body: { token, csr }, token: null });

/** Asks a node through this replica, while another node answers the same question first. */
async function askBesideLiar(name: string, { context }: Control): Promise<unknown> {
  const honest = await enrolTestAgent(control, `honest-${name}`);
  const liar = await enrolTestAgent(control, `liar-${name}`);
  let lie: ((answer: AgentMessage) => void) | undefined;
  const liarLink = await liar.follow({
    onMessage: (_message, answer) => {
      lie = answer;
    },
  });
  const link = await honest.follow({
    onMessage: (message, answer) => {
      if (message.kind !== 'ask') return;
      lie?.({ kind: 'answer', id: message.id, ok: true, value: 'a lie' });
      void delay(100).then(() => answer({ kind: 'answer', id: message.id, ok: true, value: 'the truth' }));
    },
  });
  // So that it has a way to speak.
  await context.links.ask(liar.identity.node, { ask: 'queue-list' }, 'for-the-liar', 500).catch(() => undefined);
  expect(lie).toBeDefined();
  const answer = await context.links.ask(honest.identity.node, { ask: 'queue-list' }, 'guessed', 5000);
  await link.close();
  await liarLink.close();
  return answer;
}

describe('enrolment', () => {
  test('a token is good for one key, and an unreadable request does not spend it', async () => {
    const { enrolment, node } = await control.call(createNode, { body: { name: 'enrolling' } });
    const { csr, key } = await makeCsr();
    expect(await enrolWith(enrolment.token, 'no request at all')).toMatchObject({
      status: 400,
      body: { code: 'enrolment.csr-invalid', field: 'csr' },
    });
    const answer = await enrolWith(enrolment.token, csr);
    expect(answer).toMatchObject({
      status: 200,
      body: { node: node.id, installation: control.control.context.installation },
    });
    const other = await makeCsr();
    const refusal = { status: 403, body: { code: 'enrolment.refused' } };
    expect(await enrolWith(enrolment.token, other.csr)).toMatchObject(refusal);
    const enrolled = testAgent(control, answer.body as EnrolAnswer, key);
    expect((await enrolled.report()).status).toBe(204);
  });

  test('an answer that was lost is given again to the same key, until its node has called', async () => {
    const { enrolment } = await control.call(createNode, { body: { name: 'forgetful' } });
    const { csr, key } = await makeCsr();
    const [lost, again] = [await enrolWith(enrolment.token, csr), await enrolWith(enrolment.token, csr)];
    expect([lost.status, again.status]).toEqual([200, 200]);
    // The first answer may come after all: it is as good.
    for (const { body } of [lost, again]) {
      expect((await testAgent(control, body as EnrolAnswer, key).report()).status).toBe(204);
    }
    const link = await testAgent(control, again.body as EnrolAnswer, key).follow();
    await until(
      () => enrolWith(enrolment.token, csr),
      ({ status }) => status === 403,
    );
    await link.close();
  });

  test('who was revoked does not come back by the token that it came by', async () => {
    const { enrolment } = await control.call(createNode, { body: { name: 'expelled' } });
    const { csr } = await makeCsr();
    expect((await enrolWith(enrolment.token, csr)).status).toBe(200);
    await control.call(revokeNode, { params: { node: 'expelled' } });
    expect((await enrolWith(enrolment.token, csr)).status).toBe(403);
  });

  test('an old token ends with the next one, and by time', async () => {
    const { enrolment } = await control.call(createNode, { body: { name: 'late' } });
    const { csr } = await makeCsr();
    const next = await control.call(enrolNode, { params: { node: 'late' } });
    expect((await enrolWith(enrolment.token, csr)).status).toBe(403);
    const { db } = control.control.context;
    await db
      .updateTable('node_enrolment')
      .set({ expires_at: new Date(Date.now() - 1000) })
      .execute();
    expect((await enrolWith(next.token, csr)).status).toBe(403);
  });

  test('two keys at once: one certificate', async () => {
    const { enrolment } = await control.call(createNode, { body: { name: 'twins' } });
    const keys = [await makeCsr(), await makeCsr()];
    const both = await Promise.all(keys.map(({ csr }) => enrolWith(enrolment.token, csr)));
    expect(both.map((answer) => answer.status).sort()).toEqual([200, 403]);
  });

  test('a certificate is renewed, and the older one is good to its end', async () => {
    const renewing = await enrolTestAgent(control, 'renewing');
    const { csr, key } = await makeCsr();
    const answer = await renewing.send('POST', '/agent/v1/renew', { csr });
    expect(answer.status).toBe(200);
    const renewed = testAgent(control, answer.body as EnrolAnswer, key);
    expect((await renewed.report()).status).toBe(204);
    expect((await renewing.report()).status).toBe(204);
  });

  test('enrolling again ends what was before', async () => {
    const lost = await enrolTestAgent(control, 'lost-key');
    const { token } = await control.call(enrolNode, { params: { node: 'lost-key' } });
    const { csr } = await makeCsr();
    expect((await enrolWith(token, csr)).status).toBe(200);
    expect((await lost.report()).status).toBe(403);
  });
});

describe('the link', () => {
  test('a change is heard at once, not by and by', async () => {
    const took: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      const heard = world.link.messages.length;
      const began = performance.now();
      await control.call(changeSite, { params: { site }, body: { redirectToHttps: round % 2 === 0 } });
      await until(() => world.link.messages.slice(heard).some((message) => message.kind === 'changed'), Boolean);
      took.push(performance.now() - began);
    }
    // Well below any interval at which somebody might look.
    expect(Math.min(...took)).toBeLessThan(500);
  });

  test('a second connection of a node takes the first one’s place', async () => {
    const double = await enrolTestAgent(control, 'double');
    const first = await double.follow();
    const second = await double.follow();
    expect(await first.closed).toBe(4001);
    await second.close();
  });

  test('revoking a node ends its connection', async () => {
    const guilty = await enrolTestAgent(control, 'guilty');
    const link = await guilty.follow();
    await control.call(revokeNode, { params: { node: 'guilty' } });
    expect(await link.closed).toBe(4003);
    await expect(guilty.follow()).rejects.toThrow('403');
  });

  test('health follows what the node says', async () => {
    const watched = await enrolTestAgent(control, 'watched');
    const params = { node: 'watched' };
    expect(await control.call(getNode, { params })).toMatchObject({ health: 'waiting', linked: false });
    await watched.report();
    expect(await control.call(getNode, { params })).toMatchObject({ health: 'ok', facts: { crun: '1.8.1' } });
    await watched.report({ alarms: [{ code: 'desired.refused', message: 'older than applied', since: 0 }] });
    expect(await control.call(getNode, { params })).toMatchObject({
      health: 'alarmed',
      alarms: [{ code: 'desired.refused' }],
    });
  });

  test('questions are answered, and carry the id of their request', async () => {
    const requestId = { 'x-request-id': 'request-of-a-test' };
    expect(await control.call(siteLogs, { params: { site } }, requestId)).toEqual({ lines: ['one', 'two'] });
    expect(asked.at(-1)).toMatchObject({ ask: 'site-logs', id: expect.stringMatching(/^request-of-a-test\//) });
    expect(await control.call(sleepSite, { params: { site } })).toMatchObject({ state: 'asleep' });
    const query = { node: 'node1' };
    expect((await control.call(listQueue, { query })).items).toMatchObject([{ node: 'node1', id: '1abcde-000001-AB' }]);
    expect(await control.call(showQueued, { params: { message: '1abcde-000001-AB' }, query })).toMatchObject({
      node: 'node1',
    });
    expect(await control.call(retryQueue, { body: {}, query })).toEqual({ nodes: ['node1'] });
    expect(await control.call(runProbes, { body: { node: 'node1' } })).toMatchObject({
      passed: true,
      nodes: [{ node: 'node1', report: { careless: { found: 9 } } }],
    });
  });

  test('a site that a visitor wakes again at once is said to run, and nobody waits for its sleep', async () => {
    const at = Date.now() + 1000;
    answers['site-stop'] = { at };
    const running = { id: site, state: 'running', image: 'sha256:0', applied: 1 } as const;
    const sites = [{ ...running, instance: makeId('instance', Buffer.alloc(20)) }];
    await agent.report({ at: at - 1, sites });
    const from = performance.now();
    const sleeping = control.call(sleepSite, { params: { site } });
    await expect.poll(() => asked.at(-1)?.ask).toBe('site-stop');
    await agent.report({ at, sites });
    expect(await sleeping).toMatchObject({ state: 'running' });
    // Else it is the whole time that a caller waits for a change: 30 s.
    expect(performance.now() - from).toBeLessThan(10_000);
    await agent.report({ at, sites: sites.map((one) => ({ ...one, state: 'asleep' })) });
    answers['site-stop'] = { at: 0 };
  });

  test('a long answer comes whole', async () => {
    const before = answers['site-logs'];
    answers['site-logs'] = { text: `${'\u0001'.repeat(2 * 1024 * 1024)}\n` };
    expect((await control.call(siteLogs, { params: { site } })).lines[0]).toHaveLength(2 * 1024 * 1024);
    answers['site-logs'] = before;
  });

  test('an answer of another shape is the node’s fault, not passed on', async () => {
    const before = answers['site-logs'];
    answers['site-logs'] = { text: 7 };
    expect(await control.problem(siteLogs, { params: { site } })).toMatchObject({ status: 502, code: 'node.refused' });
    answers['site-logs'] = before;
  });

  test('a node that is not there is said to be so', async () => {
    await enrolTestAgent(control, 'away');
    const { silent } = await control.call(listQueue, {});
    expect(silent).toContain('away');
  });

  test('a late answer is late', async () => {
    const slow = await enrolTestAgent(control, 'slow');
    const link = await slow.follow({ onMessage: () => undefined });
    const { links } = control.control.context;
    await expect(links.ask(slow.identity.node, { ask: 'queue-list' }, 'x', 50)).rejects.toMatchObject({
      code: 'node.answer-late',
    });
    await link.close();
  });

  test('a node cannot answer for another', async () => {
    expect(await askBesideLiar('here', control.control)).toBe('the truth');
  });

  test('what an agent says that is no answer does no harm', async () => {
    const odd = await enrolTestAgent(control, 'odd');
    const link = await odd.follow({
      onMessage: (message, answer) => {
        for (const nonsense of [null, 1, {}, { kind: 'answer' }, { kind: 'answer', id: 'unknown', ok: true }])
          answer(nonsense as never);
        if (message.kind === 'ask') answer({ kind: 'answer', id: message.id, ok: true, value: 'fine' });
      },
    });
    const { links } = control.control.context;
    expect(await links.ask(odd.identity.node, { ask: 'queue-list' }, 'y', 2000)).toBe('fine');
    await link.close();
  });
});

describe('several replicas', () => {
  let other: Control;
  beforeAll(async () => {
    other = await control.startReplica();
  });
  const urlOfOther = () => other.context.config.publicUrls.client;

  test('a change at one is heard by agents of the other', async () => {
    const heard = world.link.messages.length;
    const { body: before } = await control.send('GET', `/v1/sites/${site}`, { url: urlOfOther() });
    const answer = await control.send('PATCH', `/v1/sites/${site}`, {
      url: urlOfOther(),
      body: { redirectToHttps: true },
    });
    expect(answer.status).toBe(200);
    expect((answer.body as { version: number }).version).toBe((before as { version: number }).version + 1);
    await until(() => world.link.messages.slice(heard).some((message) => message.kind === 'changed'), Boolean);
  });

  test('only the node that was asked through the other replica answers', async () => {
    expect(await askBesideLiar('elsewhere', other)).toBe('the truth');
  });

  test('a question at one reaches an agent of the other, and the answer comes back', async () => {
    const answer = await control.send('GET', `/v1/sites/${site}/logs`, { url: urlOfOther() });
    expect(answer).toMatchObject({ status: 200, body: { lines: ['one', 'two'] } });
    const left = await control.control.context.db.selectFrom('relay').select('id').execute();
    expect(left).toEqual([]);
  });
});

describe('reports', () => {
  const window = (changes: Partial<SignalWindow> = {}): SignalWindow => ({
    site,
    from: Math.floor(Date.now() / 60_000) * 60_000 - 60_000,
    seconds: 60,
    requests: 12,
    status5xx: 1,
    latency: [1, 2, 3, 4, 2, 0, 0, 0, 0, 0, 0],
    memoryBytesPeak: 50_000_000,
    cpuMilliseconds: 120,
    diskBytes: 1_000_000,
    wakes: 1,
    wakeMilliseconds: [80],
    mail: [{ outcome: 'delivered', count: 2 }],
    entries: [{ door: 'mail-pipe', outcome: 'exited', count: 2 }],
    faults: [{ signature: 'php-fatal', count: 1 }],
    ...changes,
  });

  test('a window is kept once, shown, and counted once', async () => {
    const count = async () => {
      const text = (await control.send('GET', '/metrics')).text;
      return Number(/^hofje_requests_total (\d+)$/m.exec(text)?.[1]);
    };
    const before = await count();
    const same = window();
    for (let round = 0; round < 3; round += 1) expect((await agent.report({ signals: [same] })).status).toBe(204);
    expect((await count()) - before).toBe(12);
    const { items, latencyBoundsMs } = await control.call(siteSignals, { params: { site } });
    expect(items).toMatchObject([
      { requests: 12, status5xx: 1, entries: [{ door: 'mail-pipe', count: 2 }], faults: [{ count: 1 }] },
    ]);
    expect(latencyBoundsMs.length + 1).toBe(items[0]?.latency.length);
    const text = (await control.send('GET', '/metrics')).text;
    expect(text).toContain('hofje_entries_total{door="mail-pipe",outcome="exited"} 2');
    expect(text).toContain('hofje_mail_total{outcome="delivered"} 2');
    expect(text).toContain('hofje_wake_seconds_count 1');
    expect(text).toMatch(/hofje_sites\{state="asleep"\} [1-9]/);
  });

  test('what is said of a site of another node is refused whole; of one that is gone, dropped', async () => {
    const stranger = await enrolTestAgent(control, 'stranger');
    const answer = await stranger.report({ signals: [window({ requests: 999 })] });
    expect(answer).toMatchObject({ status: 403, body: { code: 'auth.foreign-object' } });
    const gone = makeId('site', crypto.getRandomValues(new Uint8Array(20)));
    expect((await agent.report({ signals: [window({ site: gone })] })).status).toBe(204);
  });

  test('an older report does not replace a newer one', async () => {
    const said = (at: number, state: 'running' | 'failed') => ({
      at,
      sites: [
        { id: site, state, instance: makeId('instance', Buffer.alloc(20)), image: 'sha256:0' as const, applied: 1 },
      ],
    });
    const now = Date.now() + 60_000;
    await agent.report(said(now, 'running'));
    await agent.report(said(now - 1000, 'failed'));
    expect(await control.call(getSite, { params: { site } })).toMatchObject({ state: 'running' });
  });

  test.each([
    ['no body', null],
    ['a number for a list', { sites: 1 }],
    ['a state that does not exist', { sites: [{ id: site, state: 'dancing' }] }],
    ['negative counts', { signals: [{ ...window(), requests: -1 }] }],
    ['counts that no number holds', { signals: [{ ...window(), cpuMilliseconds: 1e300 }] }],
  ])('%s is refused by name', async (_what, changes) => {
    const body =
      changes === null
        ? null
        : {
            node: agent.identity.node,
            at: 1,
            revision: 1,
            alarms: [],
            services: [],
            sites: [],
            signals: [],
            facts: { kernel: '', crun: '', cgroups: 'v1', memoryBytes: 1, processors: 1 },
            ...changes,
          };
    const answer = await agent.send('POST', '/agent/v1/report', body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
  });
});

test('the database goes and comes: the process says so, agents stay linked, and no change is missed', async () => {
  const health = async (path: string) => (await control.send('GET', path, { token: null })).status;
  await control.postgres.kill();
  expect(await health('/healthz')).toBe(200);
  expect(await health('/readyz')).toBe(503);
  const account = { params: { account: 'alice' }, body: { email: 'new@example.net' } };
  expect(await control.problem(changeAccount, account)).toMatchObject({ status: 503, code: 'unavailable' });
  await control.postgres.start();
  await until(
    () => health('/readyz'),
    (status) => status === 200,
  );
  const heard = world.link.messages.length;
  await control.call(changeSite, { params: { site }, body: { redirectToHttps: false } });
  await until(() => world.link.messages.slice(heard).some((message) => message.kind === 'changed'), Boolean);
});
