import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Attempt, Outcome } from './support/acts.ts';
import { ACTS, CONTROL_PORT, NodeGround, OUTSIDE } from './support/node-ground.ts';
import type { Resident } from './support/resident.ts';

const SITE_A = '10.77.3.9';
const SITE_B = '10.101.40.2';
const EDGE = '10.63.7.3';
const MAIL = '10.63.9.200';
const NOBODY = '10.90.1.1';
/** How soon a refusal must come, in milliseconds, on a machine that is busy with other things. */
const AT_ONCE = 500;

let ground: NodeGround;
let siteA: Resident;
let siteB: Resident;
let edge: Resident;
let mail: Resident;
let outside: Resident;

beforeAll(async () => {
  ground = await NodeGround.begin();
  await ground.site('s-a', SITE_A);
  await ground.site('s-b', SITE_B);
  await ground.service('edge', 'e-1', EDGE);
  await ground.service('mail', 'm-1', MAIL);
  [siteA, siteB, edge, mail] = (await Promise.all(['s-a', 's-b', 'e-1', 'm-1'].map((name) => ground.inside(name)))) as [
    Resident,
    Resident,
    Resident,
    Resident,
  ];
  outside = await ground.outside();
  for (const port of [22, 8080]) await siteA.call(ACTS, 'listen', port, 'site A');
  for (const port of [22, 8080]) await siteB.call(ACTS, 'listen', port, 'site B');
  for (const port of [8079, 8080, 8443]) await edge.call(ACTS, 'listen', port, 'edge');
  for (const port of [25, 2525, 993]) await mail.call(ACTS, 'listen', port, 'mail');
  for (const port of [25, 53, 8000]) await outside.call(ACTS, 'listen', port, 'outside');
  await (await ground.node()).call(ACTS, 'listen', 8888, 'node');
  for (const port of [CONTROL_PORT, 18_444]) await ground.machine.call(ACTS, 'listen', port, 'machine');
});

afterAll(() => ground.end());

async function connect(who: Resident, attempt: Attempt): Promise<Outcome> {
  return (await who.call(ACTS, 'connect', attempt)) as Outcome;
}

async function greeting(who: Resident, host: string, port: number): Promise<string | undefined> {
  return (await connect(who, { host, port })).greeting;
}

async function refusal(who: Resident, host: string, port: number): Promise<string | undefined> {
  const { error, greeting: heard, ms } = await connect(who, { host, port });
  if (heard !== undefined) return `heard ${heard}`;
  return ms < AT_ONCE ? error : `${error} after ${Math.round(ms)} ms`;
}

describe('a site', () => {
  it('is reached by the edge, which it knows by the gateway’s address only', async () => {
    expect(await greeting(edge, SITE_A, 8080)).toBe('site A 10.64.0.1');
    expect(await greeting(edge, SITE_B, 8080)).toBe('site B 10.64.0.1');
  });

  it('is reached by the agent from the gateway’s address', async () => {
    expect(await greeting(await ground.node(), SITE_A, 8080)).toBe('site A 10.64.0.1');
  });

  it('reaches the outside, except port 25', async () => {
    expect(await greeting(siteA, OUTSIDE, 8000)).toMatch(/^outside 198\.18\.0\.2$/);
    expect(await refusal(siteA, OUTSIDE, 25)).toBe('ECONNREFUSED');
  });

  it('gets one and the same refusal from whatever is not the outside', async () => {
    const { host, node } = ground.addresses;
    const targets: readonly (readonly [string, string, number])[] = [
      ['its neighbour’s web server', SITE_B, 8080],
      ['a port of its neighbour', SITE_B, 22],
      ['an address that nobody has', NOBODY, 8080],
      ['its gateway', '10.64.0.1', 8888],
      ['the edge', EDGE, 8080],
      ['the edge’s table of hosts', EDGE, 8079],
      ['the door for sites’ mail', MAIL, 2525],
      ['the gateway of the services', '10.63.0.1', 8888],
      ['the node', node, 8888],
      ['the node’s public port', node, 80],
      ['the control plane', host, CONTROL_PORT],
      ['another port of the machine', host, 18_444],
      ['metadata', '169.254.169.254', 80],
      ['a private network', '192.168.1.1', 80],
      ['the network of the uplink', '198.18.0.1', 8000],
    ];
    for (const [what, address, port] of targets) expect(await refusal(siteA, address, port), what).toBe('ECONNREFUSED');
  });

  it('hears nothing by IPv6, and has no address of it', async () => {
    expect(await siteA.call(ACTS, 'tool', 'ip', '-6', 'address', 'show')).toBe('');
    expect(await ground.tool('ip', '-6', 'address', 'show')).toBe('');
  });

  it('learns nothing from its own interface', async () => {
    const shown = JSON.parse(String(await siteA.call(ACTS, 'tool', 'ip', '-json', 'link', 'show', 'dev', 'eth0')));
    const [second, third, fourth] = SITE_A.split('.').slice(1).map(Number) as [number, number, number];
    expect(shown[0]).toMatchObject({
      ifindex: 2,
      link_index: 0x100_0000 + second * 65_536 + third * 256 + fourth,
      link_netnsid: 0,
      address: '02:00:00:00:00:02',
    });
  });

  it('cannot fill the table of neighbours, which is one for the whole kernel', async () => {
    for (let last = 0; last < 200; last++) {
      await siteA.call(ACTS, 'send', `239.1.1.${last}`, 9, 'x');
      await siteA.call(ACTS, 'send', `203.0.113.${last}`, 9, 'x');
    }
    await siteA.call(ACTS, 'send', OUTSIDE, 9, 'x');
    const neighbours = String(await siteA.call(ACTS, 'tool', 'ip', '-4', 'neigh', 'show', 'nud', 'all'));
    expect(neighbours.trim().split(/ *\n/)).toEqual(['10.64.0.1 dev eth0 lladdr 02:00:00:00:00:01 PERMANENT']);
  });
});

describe('a forged source address', () => {
  it('does not leave the site’s link', async () => {
    await outside.call(ACTS, 'collect', 9000);
    await withAddress(siteA, SITE_B, () => siteA.call(ACTS, 'send', OUTSIDE, 9000, 'as the neighbour', SITE_B));
    await withAddress(siteA, '192.0.2.77', () =>
      siteA.call(ACTS, 'send', OUTSIDE, 9000, 'as a stranger', '192.0.2.77'),
    );
    const asEdge = await withAddress(siteA, EDGE, () =>
      connect(siteA, { host: SITE_B, port: 8080, localAddress: EDGE, timeoutMs: 500 }),
    );
    expect(asEdge.error).toBe('TIMEOUT');
    // The control: the same way with the right address.
    await siteA.call(ACTS, 'send', OUTSIDE, 9000, 'as itself', SITE_A);
    await expect.poll(() => outside.call(ACTS, 'received')).toEqual([{ from: '198.18.0.2', text: 'as itself' }]);
  });

  it('leaves no trace in connection tracking', async () => {
    const before = await trackedConnections();
    await withAddress(siteA, '192.0.2.77', async () => {
      for (let port = 1; port <= 100; port++) await siteA.call(ACTS, 'send', OUTSIDE, port, 'x', '192.0.2.77');
    });
    expect(await trackedConnections()).toBeLessThanOrEqual(before);
  });
});

async function withAddress<T>(who: Resident, address: string, act: () => Promise<T>): Promise<T> {
  await who.call(ACTS, 'tool', 'ip', 'address', 'add', `${address}/32`, 'dev', 'eth0');
  try {
    return await act();
  } finally {
    await who.call(ACTS, 'tool', 'ip', 'address', 'delete', `${address}/32`, 'dev', 'eth0');
  }
}

async function trackedConnections(): Promise<number> {
  return Number(await ground.tool('cat', '/proc/sys/net/netfilter/nf_conntrack_count'));
}

describe('the services', () => {
  it('reach of the sites only the web server, and nothing of each other, the node or the machine', async () => {
    const { host, node } = ground.addresses;
    expect(await refusal(edge, SITE_A, 22)).toBe('ECONNREFUSED');
    expect(await refusal(mail, SITE_A, 8080)).toBe('ECONNREFUSED');
    expect(await refusal(edge, MAIL, 2525)).toBe('ECONNREFUSED');
    expect(await refusal(mail, EDGE, 8079)).toBe('ECONNREFUSED');
    for (const service of [edge, mail])
      for (const [address, port] of [
        [host, CONTROL_PORT],
        [host, 18_444],
        [node, 8888],
        ['10.63.0.1', 8888],
      ] as const)
        expect(await refusal(service, address, port)).toBe('ECONNREFUSED');
  });

  it('reach the outside where it is their work', async () => {
    expect(await greeting(mail, OUTSIDE, 25)).toBe('outside 198.18.0.2');
    expect(await greeting(mail, OUTSIDE, 53)).toBe('outside 198.18.0.2');
    expect(await refusal(mail, OUTSIDE, 8000)).toBe('ECONNREFUSED');
    expect(await refusal(edge, OUTSIDE, 8000)).toBe('ECONNREFUSED');
  });

  it('are spoken to on their inner ports by the node alone, from the services’ gateway', async () => {
    const node = await ground.node();
    expect(await greeting(node, EDGE, 8079)).toBe('edge 10.63.0.1');
    expect(await greeting(node, MAIL, 2525)).toBe('mail 10.63.0.1');
    for (const port of [8079, 8080, 2525, 8888])
      expect(await refusal(ground.machine, ground.addresses.node, port)).toBe('ECONNREFUSED');
  });
});

describe('the node’s own processes', () => {
  it('reach the control plane as root, and nothing else of the machine', async () => {
    const node = await ground.node();
    expect(await greeting(node, ground.addresses.host, CONTROL_PORT)).toBe(`machine ${ground.addresses.node}`);
    expect(await refusal(node, ground.addresses.host, 18_444)).toBe('ECONNREFUSED');
  });

  it('reach, without rights, only the door for sites’ mail', async () => {
    const gate = await ground.inside('net');
    // Loaded before it gives up the right to read this folder.
    await gate.call(ACTS, 'received');
    await gate.call(ACTS, 'becomeUser', 0x1000_2710);
    expect(await greeting(gate, MAIL, 2525)).toBe('mail 10.63.0.1');
    expect(await refusal(gate, MAIL, 25)).toBe('ECONNREFUSED');
    expect(await refusal(gate, EDGE, 8079)).toBe('ECONNREFUSED');
    expect(await refusal(gate, SITE_A, 8080)).toBe('ECONNREFUSED');
    expect(await refusal(gate, ground.addresses.host, CONTROL_PORT)).toBe('ECONNREFUSED');
  });
});
