import { randomBytes } from 'node:crypto';
import { Agent } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeId } from '#model/id.ts';
import type { ForwarderWish, SiteWish } from '#model/node/desired.ts';
import { enterAsGate, rawExchange, wakeAsGate } from './agent-support/gate-client.ts';
import { ask } from './agent-support/http.ts';
import { TestNode, until } from './agent-support/test-node.ts';

/*
 * The life of sites on a real node: agent, gate and edge as the platform starts them, real images, and a control plane
 * of the test's own.
 */

let node: TestNode;

beforeAll(async () => {
  node = await TestNode.make();
  await node.start();
});
afterAll(async () => {
  await node.destroy();
});

async function makeSite(name: string, limits: Partial<SiteWish['limits']> = {}): Promise<SiteWish> {
  const plain = await node.siteWish(name);
  const wish = { ...plain, limits: { ...plain.limits, ...limits } };
  await node.addSites(wish);
  return wish;
}

async function events(site: SiteWish, event: string): Promise<number> {
  const lines = (await node.log()).split('\n').filter((line) => line.includes(site.id));
  return lines.filter((line) => line.includes(`"event":"${event}"`)).length;
}

async function state(site: SiteWish, wanted: string): Promise<void> {
  await until(`${site.primaryName} is ${wanted}`, () => node.site(site.id)?.state === wanted, 30_000);
}

test('200 first requests at once start one container, and all are answered', async () => {
  const site = await makeSite('wave.example.org');
  const answers = await Promise.all(Array.from({ length: 200 }, () => ask(node.address, site.primaryName)));
  expect(answers.filter((answer) => answer.status !== 200)).toEqual([]);
  expect(await events(site, 'site.woke')).toBe(1);
});

test('falls asleep when idle, and loses no request that comes just then', async () => {
  const site = await makeSite('doze.example.org', { idleSeconds: 1 });
  await node.writeFile(site.id, 'public/slow.php', '<?php usleep((int) $_GET["ms"] * 1000); echo "done";');
  const statuses: number[] = [];
  // The pauses sweep over the moments in which the site is about to be stopped.
  for (let round = 0; round < 14; round += 1) {
    await pause(1000 + round * 110);
    const visitors = [0, 15, 40, 80, 130].map(async (shift) => {
      await pause(shift);
      return (await ask(node.address, site.primaryName, { path: `/slow.php?ms=${shift}` })).status;
    });
    statuses.push(...(await Promise.all(visitors)));
  }
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
  await state(site, 'asleep');
  expect(await events(site, 'site.slept')).toBeGreaterThan(1);
});

test('does not sleep while a request runs longer than the idle time', async () => {
  const site = await makeSite('long.example.org', { idleSeconds: 1 });
  await node.writeFile(site.id, 'public/slow.php', '<?php usleep((int) $_GET["ms"] * 1000); echo "done";');
  expect((await ask(node.address, site.primaryName, { path: '/slow.php?ms=4500' })).text).toBe('done');
  expect(await events(site, 'site.woke')).toBe(1);
});

test('wakes for a large body and hands it over whole', async () => {
  const site = await makeSite('body.example.org');
  await node.writeFile(site.id, 'public/sum.php', '<?php echo hash("sha256", file_get_contents("php://input"));');
  const body = randomBytes(20 * 1024 * 1024);
  const answer = await ask(node.address, site.primaryName, { path: '/sum.php', method: 'POST', body });
  const { createHash } = await import('node:crypto');
  expect(answer.text).toBe(createHash('sha256').update(body).digest('hex'));
});

test('suspended it answers 503 and cannot be woken; resumed it serves', async () => {
  const site = await makeSite('stop.example.org');
  expect((await ask(node.address, site.primaryName)).status).toBe(200);
  await node.replaceSite({ ...site, suspended: true });
  await state(site, 'suspended');
  expect((await ask(node.address, site.primaryName)).status).toBe(503);
  expect(await wakeAsGate(node.folders.agentSocket, site.id)).toMatchObject({ awake: false });
  await node.replaceSite(site);
  await until('it serves', async () => (await ask(node.address, site.primaryName)).status === 200, 20_000);
});

test('one that cannot start answers 503 with Retry-After, says why, and is not tried at once', async () => {
  const site = await makeSite('poor.example.org', { memoryBytes: 16 * 1024 * 1024, processes: 8 });
  const answer = await ask(node.address, site.primaryName);
  expect(answer.status).toBe(503);
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  await state(site, 'failed');
  expect(node.site(site.id)?.reason).toMatch(/memory|ready|ended|cannot be started/);
  await ask(node.address, site.primaryName);
  expect(await events(site, 'site.start-failed')).toBe(1);
  await node.replaceSite({ ...site, limits: { ...site.limits, memoryBytes: 256 * 1024 * 1024, processes: 128 } });
  await until('it serves', async () => (await ask(node.address, site.primaryName)).status === 200, 30_000);
});

test('one that runs out of memory while it starts is not waited for', async () => {
  const site = await makeSite('tight.example.org', { memoryBytes: 12 * 1024 * 1024 });
  const from = performance.now();
  expect((await ask(node.address, site.primaryName)).status).toBe(503);
  const ms = performance.now() - from;
  await state(site, 'failed');
  expect(node.site(site.id)?.reason).toBe('it ran out of memory');
  // Else it is the whole time that a site gets to become ready: 15 s.
  expect(ms).toBeLessThan(10_000);
});

test('notices that its container died, and wakes again', async () => {
  const site = await makeSite('mortal.example.org');
  await ask(node.address, site.primaryName);
  const [pid] = await node.pidsOf(site.id);
  if (pid === undefined) throw new Error('it does not run');
  process.kill(pid, 'SIGKILL');
  await state(site, 'asleep');
  expect(node.site(site.id)?.reason).toBe('its first process ended');
  expect((await ask(node.address, site.primaryName)).status).toBe(200);
  // And when the agent has not noticed yet; a request on the broken connection itself may fail.
  const [again] = await node.pidsOf(site.id);
  if (again === undefined) throw new Error('it does not run');
  process.kill(again, 'SIGKILL');
  await until('it serves', async () => (await ask(node.address, site.primaryName)).status === 200, 900);
});

test('a plan that is smaller than what a site holds is applied by a successor, and no request is lost', async () => {
  const site = await makeSite('shrinks.example.org', { memoryBytes: 256 * 1024 * 1024 });
  const memoryBytes = 48 * 1024 * 1024;
  await node.writeFile(site.id, 'public/index.html', 'here');
  // What lies in /tmp is memory that nothing can take back.
  await node.writeFile(
    site.id,
    'public/fill.php',
    '<?php echo file_put_contents("/tmp/x", str_repeat("x", 50 << 20));',
  );
  const filled = async () => (await ask(node.address, site.primaryName, { path: '/fill.php' })).text;
  await until('it is filled', async () => (await filled()) === `${50 << 20}`, 30_000);
  const before = node.site(site.id)?.instance;
  const statuses: number[] = [];
  let isOver = false;
  const visitor = (async () => {
    while (!isOver) statuses.push((await ask(node.address, site.primaryName)).status);
  })();
  await node.replaceSite({ ...site, limits: { ...site.limits, memoryBytes } });
  isOver = true;
  await visitor;
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(node.site(site.id)?.instance).not.toBe(before);
  expect(await node.memoryLimitOf(site.id)).toBe(memoryBytes);
});

test('a pipe wakes its site, gets what was sent, and says how it ended', async () => {
  const site = await makeSite('pipe.example.org', { entries: 2 });
  const domain = { id: makeId('domain', randomBytes(20)), name: site.primaryName, limitBytes: 64 * 1024 * 1024 };
  const pipe = (...argv: string[]): ForwarderWish => ({
    id: makeId('forwarder', randomBytes(20)),
    domain: domain.id,
    localPart: 'x',
    kind: 'pipe',
    site: site.id,
    command: argv.join(' '),
    argv,
  });
  const wishes = {
    copy: pipe('cat'),
    env: pipe('env'),
    status: pipe('sh', '-c', 'echo wrong >&2; exit 3'),
    missing: pipe('/no/such/program'),
    endless: pipe('sleep', '1000'),
    silent: pipe('true'),
  };
  const mail = { ...node.control.desired.mail, domains: [domain], forwarders: Object.values(wishes) };
  await node.apply({ mail }, [site.id]);
  const socket = node.folders.agentSocket;
  const enter = async (wish: ForwarderWish, stdin?: Buffer) =>
    await enterAsGate(
      socket,
      { ask: 'enter', door: 'mail-pipe', forwarder: wish.id, env: { SENDER: 'a@b', LD_PRELOAD: '/evil' } },
      stdin === undefined ? {} : { stdin },
    );
  const message = randomBytes(3 * 1024 * 1024);
  const copied = await enter(wishes.copy, message);
  expect(copied.outcome).toEqual({ kind: 'exited', status: 0 });
  expect(copied.stdout.equals(message)).toBe(true);
  const variables = (await enter(wishes.env)).stdout.toString();
  expect(variables).toContain('SENDER=a@b');
  expect(variables).not.toContain('LD_PRELOAD');
  expect(await enter(wishes.status)).toMatchObject({ outcome: { kind: 'exited', status: 3 } });
  expect((await enter(wishes.missing)).outcome).toEqual({ kind: 'no-program' });
  expect((await enter(wishes.silent, message)).outcome).toEqual({ kind: 'exited', status: 0 });

  // A gate that goes away takes the program with it, and one bad client harms nobody.
  const gone = enterAsGate(
    socket,
    { ask: 'enter', door: 'mail-pipe', forwarder: wishes.endless.id, env: {} },
    { meanwhile: (connection) => setTimeout(() => connection.destroy(), 500) },
  ).catch(() => undefined);
  for (const bytes of ['{}\n', 'nonsense\n', '{"ask":"wake","site":"../etc"}\n', `${'x'.repeat(300_000)}`]) {
    expect((await rawExchange(socket, Buffer.from(bytes))).length).toBe(0);
  }
  const frames = `{"ask":"enter","door":"mail-pipe","forwarder":"${wishes.copy.id}","env":{}}\n\xff\xff\xff\xff\xff`;
  expect((await rawExchange(socket, Buffer.from(frames, 'latin1'))).length).toBe(0);
  await gone;
  await until('nothing of it is left', async () => (await node.entriesOf(site.id)) === 0, 10_000);
  expect((await enter(wishes.status)).outcome).toEqual({ kind: 'exited', status: 3 });
});

test('a hundred changes of other sites leave requests of this one alone', async () => {
  const site = await makeSite('calm.example.org');
  const agent = new Agent({ keepAlive: true });
  await ask(node.address, site.primaryName, { agent });
  const statuses: number[] = [];
  let isOver = false;
  const visitor = (async () => {
    while (!isOver) statuses.push((await ask(node.address, site.primaryName, { agent })).status);
  })();
  for (let round = 0; round < 4; round += 1) {
    const wishes = await Promise.all(
      Array.from({ length: 5 }, (_, at) => node.siteWish(`n${round}-${at}.example.org`)),
    );
    await node.addSites(...wishes);
  }
  isOver = true;
  await visitor;
  agent.destroy();
  expect(statuses.length).toBeGreaterThan(20);
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
});
