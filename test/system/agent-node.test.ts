import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { insideNode } from '#agent/node/namespaces.ts';
import { encodeFrame, encodeStream } from '#contract/gate/frame.ts';
import { FRAME } from '#contract/gate/messages.ts';
import { run } from '#host/run.ts';
import { makeId } from '#model/id.ts';
import type { DesiredState, SiteWish } from '#model/node/desired.ts';
import { ask } from './agent-support/http.ts';
import { TestNode, until } from './agent-support/test-node.ts';

/*
 * A node over the life of its agent: killed, started without a control plane, told nonsense, asked to delete, moved to
 * other images, and taken down.
 */

let node: TestNode;
let site: SiteWish;

beforeAll(async () => {
  node = await TestNode.make();
  await node.start();
  site = await node.siteWish('stays.example.org');
  await node.addSites(site);
  await node.writeFile(site.id, 'public/here.php', '<?php echo "here";');
  expect((await ask(node.address, site.primaryName, { path: '/here.php' })).text).toBe('here');
});
afterAll(async () => {
  await node.destroy();
});

const isServed = async () => (await ask(node.address, site.primaryName, { path: '/here.php' })).text === 'here';

test('a killed agent leaves everything running, and the next one finds it', async () => {
  const before = await node.pidsOf(site.id);
  const reports = node.control.reports.length;
  await node.endAgent('SIGKILL');
  expect(await isServed()).toBe(true);
  await node.startAgent();
  await until('a new report', () => node.control.reports.length > reports && node.control.linked);
  await until('it is known to run', () => node.site(site.id)?.state === 'running');
  expect((await node.pidsOf(site.id))[0]).toBe(before[0]);
  expect(await isServed()).toBe(true);
});

test('a killed agent never makes a program take half of its mail for the whole', async () => {
  const domain = { id: makeId('domain', randomBytes(20)), name: site.primaryName, limitBytes: 64 * 1024 * 1024 };
  const pipe = (script: string) => ({
    id: makeId('forwarder', randomBytes(20)),
    domain: domain.id,
    localPart: 'x',
    kind: 'pipe' as const,
    site: site.id,
    command: script,
    argv: ['sh', '-c', script],
  });
  const late = 'until [ -e late ]; do sleep 0.05; done; cp';
  const half = pipe('trap "" HUP TERM PIPE; cat > half.mail; echo $? > half.ended');
  const whole = pipe(`cat > whole.begun; ${late} whole.begun whole.mail`);
  const mail = { ...node.control.desired.mail, domains: [domain], forwarders: [half, whole] };
  await node.apply({ mail }, [site.id]);
  const text = Buffer.alloc(100_000, 'x');
  const send = (forwarder: string, end: Buffer) => {
    const socket = connect(node.folders.agentSocket).on('error', () => undefined);
    socket.write(`${JSON.stringify({ ask: 'enter', door: 'mail-pipe', forwarder, env: {} })}\n`);
    socket.write(Buffer.concat([encodeStream(FRAME.stdin, text), end]));
  };
  send(half.id, Buffer.alloc(0));
  send(whole.id, encodeFrame(FRAME.stdinEnd));
  const home = await node.home(site.id);
  const size = async (name: string) => await node.sizeInside(join(home, name));
  await until('both have what was sent', async () => (await size('half.mail')) === 100_000, 20_000);
  await until('both have what was sent', async () => (await size('whole.begun')) === 100_000, 20_000);

  await node.endAgent('SIGKILL');
  await until('the half one is ended', async () => (await node.entriesWithProcesses(site.id)) === 1, 10_000);
  await node.writeFile(site.id, 'late', '');
  await until('the whole one goes on', async () => (await size('whole.mail')) === 100_000, 10_000);
  expect(await node.existsInside(join(home, 'half.ended'))).toBe(false);
  expect(await node.listInside(node.folders.entries)).toHaveLength(2);

  await node.startAgent();
  await until('it is linked', () => node.control.linked);
  await until('nothing of it is left', async () => (await node.entriesOf(site.id)) === 0, 20_000);
  expect(await node.listInside(node.folders.entries)).toEqual([]);
});

test('an agent that is told to end leaves everything running', async () => {
  await node.endAgent('SIGTERM');
  expect(await isServed()).toBe(true);
  await node.startAgent();
  await until('it is linked', () => node.control.linked);
});

test('a second agent on the same node refuses to work', async () => {
  const main = join(process.cwd(), 'packages/agent/node/main.ts');
  const argv = [...insideNode(node.folders), process.execPath, main, '--root', node.root];
  const [program = '', ...args] = argv;
  const { code, stdout } = await run([program, ...args], { accept: [1] });
  expect(code).toBe(1);
  expect(stdout).toContain('node.agent-runs');
});

test('without a control plane the agent starts from what it knew, and wakes sites', async () => {
  await node.control.close();
  await node.endAgent('SIGKILL');
  const [pid] = await node.pidsOf(site.id);
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
  await node.startAgent();
  await until('the site serves', isServed, 60_000);
  await node.listenControl();
  await until('the agent is linked again', () => node.control.linked);
});

test('states that cannot be meant are refused with an alarm, and everything runs on', async () => {
  const good = node.control.desired;
  const more = await Promise.all(Array.from({ length: 30 }, (_, at) => node.siteWish(`many${at}.example.org`)));
  await node.addSites(...more);
  const { revision, sites } = node.control.desired;
  const refused: readonly [string, Partial<DesiredState>][] = [
    ['desired.foreign-installation', { installation: makeId('installation', randomBytes(20)) }],
    ['desired.foreign-node', { node: makeId('node', randomBytes(20)) }],
    ['desired.older-revision', { revision: 1 }],
    ['desired.empty', { sites: [] }],
    ['desired.mass-removal', { sites: sites.slice(0, 10) }],
  ];
  for (const [code, changes] of refused) {
    node.control.want({ ...good, sites, revision: revision + 100, ...changes });
    await until(code, () => node.control.report?.alarms.some((alarm) => alarm.code === code) ?? false, 10_000);
    expect(await isServed()).toBe(true);
  }
  node.control.want({ ...good, sites, revision: revision + 101 });
  await until('no alarm', () => !node.control.report?.alarms.some(({ code }) => code.startsWith('desired.')), 10_000);

  // What an operator confirms is applied; what vanished without a tombstone stays, with an alarm for each.
  await writeFile(node.folders.confirmedRevision, String(revision + 102));
  node.control.want({ ...good, sites: sites.slice(0, 10), revision: revision + 102 });
  const absent = () => node.control.report?.alarms.filter(({ code }) => code === 'site.unexplained-absence') ?? [];
  await until('the alarms', () => absent().length === sites.length - 10, 10_000);
  expect(existsSync(node.folders.confirmedRevision)).toBe(false);
  const gone = sites.at(-1)?.primaryName ?? '';
  expect((await ask(node.address, gone)).status).toBe(200);
  node.control.want({ ...good, sites, revision: revision + 103 });
  await until('no alarm', () => absent().length === 0, 10_000);
});

test('a tombstone stops, a restore brings back, and only after its time it purges', async () => {
  const doomed = await node.siteWish('doomed.example.org');
  await node.addSites(doomed);
  await node.writeFile(doomed.id, 'public/here.php', '<?php echo "here";');
  const read = async () => await ask(node.address, doomed.primaryName, { path: '/here.php' });
  expect((await read()).text).toBe('here');
  const others = node.control.desired.sites.filter((one) => one.id !== doomed.id);
  const home = await node.home(doomed.id);
  const bury = (purgeAfter: number) =>
    node.control.change({
      sites: others,
      tombstones: [{ kind: 'site', id: doomed.id, deletedAt: Date.now(), purgeAfter }],
    });
  bury(Date.now() + 3600_000);
  await until('it is gone from the edge', async () => (await read()).status === 421, 10_000);
  await until('it is stopped', () => node.site(doomed.id)?.state === 'suspended');
  expect(await node.existsInside(home)).toBe(true);

  await node.apply({ sites: [...others, doomed], tombstones: [] }, [doomed.id]);
  expect((await read()).text).toBe('here');

  bury(Date.now() - 1);
  await until('it is purged', async () => (await node.record(doomed.id)).uid === undefined, 20_000);
  expect(await node.existsInside(home)).toBe(false);
  expect(await isServed()).toBe(true);
});

test('a flip to another image serves on', async () => {
  const [former] = await node.olderImages('site-php8.2');
  if (former === undefined) return;
  const before = await node.record(site.id);
  const statuses: number[] = [];
  let isOver = false;
  const visitor = (async () => {
    while (!isOver) statuses.push((await ask(node.address, site.primaryName, { path: '/here.php' })).status);
  })();
  await node.replaceSite({ ...site, image: former });
  await until('the report', () => node.site(site.id)?.image === former, 60_000);
  await pause(500);
  isOver = true;
  await visitor;
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
  const after = await node.record(site.id);
  expect(after.uid).toBe(before.uid);
  expect(after.instances?.map((one) => one.phase).sort()).toEqual(['current', 'draining']);
  await node.replaceSite(site);
  await until('the way back', () => node.site(site.id)?.image === site.image, 60_000);
  expect(await isServed()).toBe(true);
});

test('an edge that dies comes back with all it knew', async () => {
  const edge = node.control.report?.services.find((one) => one.kind === 'edge');
  const ledger = JSON.parse(await readFile(node.folders.ledger, 'utf8')) as {
    services: { id: string; name: string }[];
  };
  const name = ledger.services.find((one) => one.id === edge?.instance)?.name;
  const group = `/sys/fs/cgroup/freezer/hofje-${node.slot}/node1/${name}/web/cgroup.procs`;
  const [pid] = (await readFile(group, 'utf8')).split('\n');
  process.kill(Number(pid), 'SIGKILL');
  await until('it serves again', async () => await isServed().catch(() => false), 30_000);
});

test('down leaves nothing of the node but its data', async () => {
  await node.endGate();
  await node.control.close();
  await run([process.execPath, 'packages/agent/node/teardown.ts', '--root', node.root]);
  expect(existsSync(`/sys/class/net/hofje${node.slot}`)).toBe(false);
  expect(existsSync(`/sys/fs/cgroup/freezer/hofje-${node.slot}`)).toBe(false);
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  expect(mounts).not.toContain(node.root);
  expect((await run(['losetup', '--list'])).stdout).not.toContain(node.root);
  expect(existsSync(node.folders.diskImage)).toBe(true);

  // And up again, as after a power cut.
  await node.start();
  await until('the site serves', isServed, 60_000);
});
