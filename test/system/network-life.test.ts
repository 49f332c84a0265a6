import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Attempt, Outcome } from './support/acts.ts';
import { ACTS, NodeGround, OUTSIDE } from './support/node-ground.ts';
import type { Resident } from './support/resident.ts';

let ground: NodeGround;
let outside: Resident;

beforeAll(async () => {
  ground = await NodeGround.begin();
  outside = await ground.outside();
  await outside.call(ACTS, 'listen', 8000, 'outside');
});

afterAll(() => ground.end());

async function connect(who: Resident, attempt: Attempt): Promise<Outcome> {
  return (await who.call(ACTS, 'connect', attempt)) as Outcome;
}

async function connectMany(who: Resident, count: number, attempt: Attempt): Promise<readonly Outcome[]> {
  return (await who.call(ACTS, 'connectMany', new Array(count).fill(attempt))) as Outcome[];
}

async function trackedConnections(): Promise<number> {
  return Number(await ground.tool('cat', '/proc/sys/net/netfilter/nf_conntrack_count'));
}

describe('a public service', () => {
  const OLD = '10.63.1.1';
  const NEW = '10.63.200.9';

  it('is led from one instance to the next in one step, and sees who is calling', async () => {
    const { host, node } = ground.addresses;
    await ground.service('edge', 'e-old', OLD);
    await ground.service('edge', 'e-new', NEW);
    const [before, after] = await Promise.all([ground.inside('e-old'), ground.inside('e-new')]);
    await before.call(ACTS, 'listen', 8080, 'old');
    await after.call(ACTS, 'listen', 8080, 'new');

    expect((await connect(ground.machine, { host: node, port: 80 })).error).toBe('ECONNREFUSED');
    await ground.publish('edge', OLD);
    expect((await connect(ground.machine, { host: node, port: 80, hold: true })).greeting).toBe(`old ${host}`);
    const during = connectMany(ground.machine, 300, { host: node, port: 80 });
    await ground.publish('edge', NEW);
    const answers = (await during).map(({ greeting, error }) => greeting ?? error);
    expect(answers.filter((each) => each !== `old ${host}` && each !== `new ${host}`)).toEqual([]);
    expect((await connect(ground.machine, { host: node, port: 80 })).greeting).toBe(`new ${host}`);
    // What was open stays with the instance that it began with.
    expect(await ground.machine.call(ACTS, 'echoOnHeld', 'still there')).toBe('still there');

    // The node's own processes come the same way.
    expect((await connect(await ground.node(), { host: node, port: 80 })).greeting).toMatch(/^new /);
    await ground.publish('edge', undefined);
    expect((await connect(ground.machine, { host: node, port: 80 })).error).toBe('ECONNREFUSED');
    await ground.machine.call(ACTS, 'letGo');
  });

  it('sees the address of a visitor whom the machine only passes on', async () => {
    const visitor = '203.0.113.9';
    await ground.publish('edge', NEW);
    const { node } = ground.addresses;
    await ground.machine.call(ACTS, 'tool', 'ip', 'address', 'add', `${visitor}/32`, 'dev', `hofje${ground.slot}`);
    // The uplink of this test would be the way back; a node on its own has none.
    await ground.tool('ip', 'route', 'add', `${visitor}/32`, 'via', ground.addresses.host, 'dev', 'host0');
    const answer = await connect(ground.machine, { host: node, port: 80, localAddress: visitor });
    expect(answer.greeting).toBe(`new ${visitor}`);
    await ground.tool('ip', 'route', 'delete', `${visitor}/32`);
  });

  it('listens on the port of mail as a user without rights', async () => {
    await ground.service('mail', 'm-low', '10.63.1.25');
    const mail = await ground.inside('m-low');
    await mail.call(ACTS, 'received');
    await mail.call(ACTS, 'becomeUser', 0x1000_03e8);
    await mail.call(ACTS, 'listen', 25, 'mail');
    await ground.publish('mail', '10.63.1.25');
    const { host, node } = ground.addresses;
    expect((await connect(ground.machine, { host: node, port: 25 })).greeting).toBe(`mail ${host}`);
  });
});

describe('a site that is gone', () => {
  it('refuses the edge at once, as often as it is asked', async () => {
    const address = '10.99.1.7';
    const link = await ground.site('s-gone', address);
    await ground.service('edge', 'e-asks', '10.63.1.77');
    const edge = await ground.inside('e-asks');
    const running = await ground.inside('s-gone');
    await running.call(ACTS, 'listen', 8080, 'site');
    expect((await connect(edge, { host: address, port: 8080 })).greeting).toBe('site 10.64.0.1');
    await running.end();
    // Linked, but nobody listens.
    expect((await connect(edge, { host: address, port: 8080 })).error).toBe('ECONNREFUSED');
    await ground.remove(link);
    const answers = await connectMany(edge, 100, { host: address, port: 8080 });
    expect(new Set(answers.map(({ error }) => error))).toEqual(new Set(['ECONNREFUSED']));
    expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(1000);
    expect(await connect(edge, { host: '10.99.1.8', port: 8080 })).toMatchObject({ error: 'ECONNREFUSED' });
  });
});

describe('the limits of a site', () => {
  it('hold it at its number of connections, while its neighbour connects', async () => {
    await ground.site('s-many', '10.99.2.1', { connectionsMax: 20 });
    await ground.site('s-few', '10.99.2.2', { connectionsMax: 20 });
    const [many, few] = await Promise.all([ground.inside('s-many'), ground.inside('s-few')]);
    const before = await trackedConnections();
    const answers = await connectMany(many, 200, { host: OUTSIDE, port: 8000, hold: true });
    expect(answers.filter(({ greeting }) => greeting !== undefined)).toHaveLength(20);
    expect(answers.filter(({ error }) => error === 'ECONNREFUSED')).toHaveLength(180);
    expect(await trackedConnections()).toBeLessThanOrEqual(before + 20);
    const neighbour = await connectMany(few, 20, { host: OUTSIDE, port: 8000 });
    expect(neighbour.every(({ greeting }) => greeting !== undefined)).toBe(true);

    await many.call(ACTS, 'letGo');
    await expect
      .poll(async () => (await connect(many, { host: OUTSIDE, port: 8000 })).greeting, { timeout: 15_000 })
      .toBeDefined();
  });

  it('hold it without a connection, too: datagrams to everywhere', async () => {
    const site = await ground.inside('s-many');
    const before = await trackedConnections();
    for (let port = 1; port <= 300; port++) await site.call(ACTS, 'send', OUTSIDE, port, 'x');
    expect(await trackedConnections()).toBeLessThanOrEqual(before + 21);
  });

  it('are kept while it has no connection at all', async () => {
    await ground.site('s-quiet', '10.99.2.5', { connectionsMax: 7 });
    // Linux collects idle counters of some kinds of sets once a second.
    await pause(3500);
    const crowded = await ground.tool('nft', 'list', 'set', 'inet', 'hofje', 'crowded');
    expect(crowded).toContain('"s-quiet" ct count over 7');
    const quiet = await ground.inside('s-quiet');
    const answers = await connectMany(quiet, 30, { host: OUTSIDE, port: 8000, hold: true });
    expect(answers.filter(({ greeting }) => greeting !== undefined)).toHaveLength(7);
  });

  it('hold its pace', async () => {
    await ground.site('s-fast', '10.99.2.3', { connectionsPerSecond: 10 });
    const fast = await ground.inside('s-fast');
    const answers = await connectMany(fast, 60, { host: OUTSIDE, port: 8000 });
    const served = answers.filter(({ greeting }) => greeting !== undefined).length;
    // Twenty at once, and ten more for each second that the test took.
    expect(served).toBeGreaterThanOrEqual(20);
    expect(served).toBeLessThan(45);
  });

  it('change with the plan, while it runs', async () => {
    await ground.site('s-plan', '10.99.2.4', { connectionsMax: 3 });
    const site = await ground.inside('s-plan');
    const attempt = { host: OUTSIDE, port: 8000, hold: true };
    const served = async () => (await connectMany(site, 30, attempt)).filter(({ greeting }) => greeting !== undefined);
    expect(await served()).toHaveLength(3);
    await ground.site('s-plan', '10.99.2.4', { connectionsMax: 3 });
    expect(await served()).toHaveLength(0);
    await ground.site('s-plan', '10.99.2.4', { connectionsMax: 12 });
    expect(await served()).toHaveLength(12);
  });
});
