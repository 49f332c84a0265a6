import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeId } from '#model/id.ts';
import type { ImageDigest } from '#model/node/desired.ts';
import { enterAsGate } from './agent-support/gate-client.ts';
import { ask } from './agent-support/http.ts';
import { TestNode, until } from './agent-support/test-node.ts';

/* The services of a node: asked questions, moved to other images, and kept when the next image is no good. */

let node: TestNode;

beforeAll(async () => {
  node = await TestNode.make();
  await node.start();
});
afterAll(async () => {
  await node.destroy();
});

test('the queue can be listed and retried, and nonsense is refused', async () => {
  expect(await node.control.ask({ ask: 'queue-list' })).toMatchObject({ ok: true, value: { messages: [] } });
  expect(await node.control.ask({ ask: 'queue-retry' })).toMatchObject({ ok: true });
  expect(await node.control.ask({ ask: 'queue-show', message: '1sK2Xw-000000AB3xy-1aBc' })).toMatchObject({
    ok: false,
  });
});

test('a site can be woken, read about and stopped by questions', async () => {
  const site = await node.siteWish('asked.example.org');
  await node.addSites(site);
  expect(await node.control.ask({ ask: 'site-wake', site: site.id })).toMatchObject({
    ok: true,
    value: { awake: true },
  });
  await ask(node.address, site.primaryName, { path: '/not-there' });
  const logs = await node.control.ask({ ask: 'site-logs', site: site.id, lines: 20 });
  expect(logs).toMatchObject({ ok: true });
  expect(JSON.stringify(logs)).toContain('/not-there');
  await node.control.ask({ ask: 'site-stop', site: site.id });
  await until('it sleeps', () => node.site(site.id)?.state === 'asleep', 10_000);
});

test('a stream that was ordered can be entered once, by its ticket', async () => {
  const site = await node.siteWish('stream.example.org');
  await node.addSites(site);
  const ticket = randomBytes(24).toString('base64url');
  const url = `wss://127.0.0.1:1/stream/v1/${ticket}`;
  const argv = ['sh', '-c', 'read line; echo "$line" "$GREETING"; exit 7'];
  node.control.send({ kind: 'stream', ticket, url, site: site.id, door: 'exec', argv, env: { GREETING: 'hello' } });
  const enter = async () =>
    await enterAsGate(
      node.folders.agentSocket,
      { ask: 'enter', door: 'ticket', ticket },
      { stdin: Buffer.from('well\n') },
    );
  let answer = await enter();
  // The order and this connection are on their way at the same time.
  for (let tries = 0; answer.outcome?.kind === 'not-started' && tries < 50; tries += 1) answer = await enter();
  expect(answer.outcome).toEqual({ kind: 'exited', status: 7 });
  expect(answer.stdout.toString()).toBe('well hello\n');
  expect((await enter()).outcome).toMatchObject({ kind: 'not-started', reason: 'unknown-site' });
});

test('an image that is not there changes nothing but the alarms', async () => {
  const image: ImageDigest = `sha256:${randomBytes(32).toString('hex')}`;
  const before = node.control.desired.services;
  node.control.change({ services: { edge: { image }, mail: { image } } });
  await until('the alarm', () => (node.control.report?.alarms.length ?? 0) > 0, 20_000);
  expect(node.serviceState('edge')).toBe('running');
  expect(await greeting()).toMatch(/^220 /);
  await node.apply({ services: before });
  expect(node.control.report?.alarms).toEqual([]);
});

test('an entry of mail that cannot be written is an alarm, and keeps no site from counting as applied', async () => {
  const domain = makeId('domain', randomBytes(20));
  const mailbox = {
    domain,
    passwordHash: '{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$c2FsdA$aGFzaA',
    quotaBytes: 1024 ** 2,
  };
  const good = { ...mailbox, id: makeId('mailbox', randomBytes(20)), localPart: 'info' };
  const poisoned = { ...mailbox, id: makeId('mailbox', randomBytes(20)), localPart: 'In Fo' };
  const domains = [{ id: domain, name: 'poisoned.example', limitBytes: 64 * 1024 ** 2 }];
  const before = node.control.desired.mail;
  // Returns when the node counts the whole as applied.
  await node.apply({ mail: { domains, mailboxes: [good, poisoned], forwarders: [] } });
  await until('the alarm', () => node.control.report?.alarms[0]?.code === 'mail.held-back', 10_000);
  expect(node.control.report?.alarms).toMatchObject([{ message: expect.stringContaining(poisoned.id) }]);
  await node.apply({ mail: { ...before, domains } });
  await until('no alarm', () => node.control.report?.alarms.length === 0, 10_000);
});

test('the edge moves to another image while visitors are served', async () => {
  const [other] = await node.olderImages('edge');
  if (other === undefined) return;
  const site = await node.siteWish('moved.example.org');
  await node.addSites(site);
  await ask(node.address, site.primaryName);
  const statuses: number[] = [];
  let isOver = false;
  const visitor = (async () => {
    while (!isOver) statuses.push((await ask(node.address, site.primaryName)).status);
  })();
  const { mail } = node.control.desired.services;
  node.control.change({ services: { edge: { image: other }, mail } });
  const edge = () => node.control.report?.services.find((one) => one.kind === 'edge');
  await until('the other edge serves', () => edge()?.image === other && edge()?.state === 'running', 60_000);
  await new Promise((resolve) => setTimeout(resolve, 300));
  isOver = true;
  await visitor;
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
  expect(statuses.length).toBeGreaterThan(10);
});

/** What the mail server says first. */
function greeting(): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: node.address, port: 25, timeout: 30_000 });
    socket.once('data', (bytes) => {
      socket.destroy();
      resolve(String(bytes));
    });
    socket.once('error', reject);
    socket.once('timeout', () => reject(new Error('no greeting')));
  });
}
