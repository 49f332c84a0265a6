import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outcome } from './support/acts.ts';
import { ACTS, NodeGround } from './support/node-ground.ts';

let ground: NodeGround;

beforeAll(async () => {
  ground = await NodeGround.begin();
});

afterAll(() => ground.end());

const SITE = '10.66.1.1';

async function siteAnswers(): Promise<boolean> {
  const resident = await ground.inside('s-1');
  await resident.call(ACTS, 'listen', 8080, 'site');
  const node = await ground.node();
  const outcome = (await node.call(ACTS, 'connect', { host: SITE, port: 8080 })) as Outcome;
  await resident.end();
  return outcome.greeting !== undefined;
}

async function interfacesInNode(): Promise<readonly string[]> {
  const links = JSON.parse(await ground.tool('ip', '-json', 'link', 'show')) as { ifname: string }[];
  return links.map(({ ifname }) => ifname).sort();
}

describe('the link of a site', () => {
  it('is found again by the next agent, connections and all', async () => {
    const first = await ground.site('s-1', SITE);
    const site = await ground.inside('s-1');
    await site.call(ACTS, 'listen', 8080, 'site');
    const node = await ground.node();
    await node.call(ACTS, 'connect', { host: SITE, port: 8080, hold: true });
    await ground.site('s-1', SITE);
    expect(await node.call(ACTS, 'echoOnHeld', 'still')).toBe('still');
    await node.call(ACTS, 'letGo');
    await site.end();
    expect(first.interfaceName).toBe('s-1');
  });

  it.each([
    ['the wire is cut', ['ip', 'link', 'delete', 'dev', 's-1']],
    ['the pin is gone', ['umount', 's-1 pin']],
    ['the rules are gone', ['nft', 'flush', 'set', 'inet', 'hofje', 'sites']],
    ['the route is gone', ['ip', 'route', 'delete', `${SITE}/32`]],
    ['the near end is down', ['ip', 'link', 'set', 'dev', 's-1', 'down']],
    ['the far end is down', ['nsenter', '--net=s-1 pin', 'ip', 'link', 'set', 'dev', 'eth0', 'down']],
    ['the far end is gone', ['nsenter', '--net=s-1 pin', 'ip', 'link', 'delete', 'dev', 'eth0']],
  ])('is repaired when %s', async (_, wreck) => {
    await ground.site('s-1', SITE);
    await ground.tool(...wreck.map((word) => word.replace('s-1 pin', ground.pin('s-1'))));
    await ground.site('s-1', SITE);
    expect(await siteAnswers()).toBe(true);
    expect(await interfacesInNode()).toEqual(['host0', 'lo', 's-1']);
  });

  it('is made where a pin was created, but nothing pinned, and where an old namespace still holds the wire', async () => {
    const link = await ground.site('s-1', SITE);
    const straggler = await ground.inside('s-1');
    await ground.tool('umount', link.pin);
    await ground.site('s-1', SITE);
    expect(await siteAnswers()).toBe(true);
    await straggler.end();
    expect(await siteAnswers()).toBe(true);
  });

  it('leaves nothing when it is removed, twice', async () => {
    const link = await ground.site('s-1', SITE);
    await ground.remove(link);
    await ground.remove(link);
    expect(await interfacesInNode()).toEqual(['host0', 'lo']);
    const sets = await ground.tool('nft', 'list', 'sets', 'table', 'inet', 'hofje');
    expect(sets).not.toContain('s-1');
    expect(sets).not.toContain(SITE);
    expect(await ground.tool('ip', 'route', 'show', SITE)).toBe('');
  });

  it('refuses names and paths that it could not handle safely', async () => {
    await expect(ground.site('uplink0', SITE)).rejects.toMatchObject({ code: 'network.interface-name' });
    await expect(ground.site('-s', SITE)).rejects.toMatchObject({ code: 'network.interface-name' });
    await expect(ground.site('much-too-long-a-name', SITE)).rejects.toMatchObject({ code: 'network.interface-name' });
  });
});

describe('what a link costs', () => {
  it('is printed, with few and with many others; when all go, nothing stays', { timeout: 300_000 }, async () => {
    const makeTwenty = async (offset: number): Promise<number> => {
      const times: number[] = [];
      for (let n = 0; n < 20; n++) times.push((await ground.site(`c-${offset + n}`, address(offset + n))).ms);
      return times.sort((one, other) => one - other)[10] ?? 0;
    };
    const first = await makeTwenty(0);
    // Side by side, as when a machine starts.
    const begin = performance.now();
    await Promise.all(Array.from({ length: 80 }, (_, n) => ground.site(`c-${20 + n}`, address(20 + n))));
    const together = (performance.now() - begin) / 80;
    const later = await makeTwenty(100);
    console.log(
      `a link: ${first.toFixed(1)} ms (median of 20), ${later.toFixed(1)} ms with 100 others, ` +
        `${together.toFixed(1)} ms each of 80 side by side`,
    );
    await connectAndTrack(address(119));
    const removal = performance.now();
    for (let n = 0; n < 120; n++)
      await ground.remove({ pin: ground.pin(`c-${n}`), interfaceName: `c-${n}`, address: address(n) });
    console.log(`removing one: ${((performance.now() - removal) / 120).toFixed(1)} ms`);
    expect(await interfacesInNode()).toEqual(['host0', 'lo']);
    await ground.site('s-after', address(130));
    await connectAndTrack(address(130));
    await ground.remove({ pin: ground.pin('s-after'), interfaceName: 's-after', address: address(130) });
  });
});

/** Connection tracking still works: without it the answer would not be let in. */
async function connectAndTrack(host: string): Promise<void> {
  const outcome = (await (await ground.node()).call(ACTS, 'connect', { host, port: 8080 })) as Outcome;
  expect(outcome.error).toBe('ECONNREFUSED');
  expect(outcome.ms).toBeLessThan(1000);
}

function address(n: number): string {
  return `10.80.7.${n + 1}`;
}

describe('the network of a node', () => {
  it.each([
    ['the machine’s end is gone', ['ip', 'link', 'delete', 'dev', 'MACHINE']],
    ['the node’s end is gone', ['nsenter', '--net=PIN', 'ip', 'link', 'delete', 'dev', 'host0']],
    ['its rules are gone', ['nsenter', '--net=PIN', 'nft', 'delete', 'table', 'inet', 'hofje']],
    ['its addresses are gone', ['nsenter', '--net=PIN', 'ip', 'address', 'flush', 'dev', 'host0']],
  ])('is repaired when %s', async (_, wreck) => {
    const words = wreck.map((word) => word.replace('MACHINE', `hofje${ground.slot}`).replace('PIN', ground.pin('net')));
    await ground.machine.call(ACTS, 'tool', ...words);
    await ground.ensureNode();
    const refused = (await ground.machine.call(ACTS, 'connect', { host: ground.addresses.node, port: 80 })) as Outcome;
    // The node is there and says no.
    expect(refused.error).toBe('ECONNREFUSED');
  });

  it('keeps the links of its sites when the next agent starts', async () => {
    await ground.site('s-1', SITE);
    for (let start = 0; start < 20; start++) await ground.ensureNode();
    expect(await siteAnswers()).toBe(true);
  });

  it('is removed from any wreck, and made anew', async () => {
    await ground.machine.call(ACTS, 'tool', 'umount', ground.pin('net'));
    await ground.removeNode();
    await ground.removeNode();
    const links = String(await ground.machine.call(ACTS, 'tool', 'ip', '-json', 'link', 'show'));
    expect(links).not.toContain(`"hofje${ground.slot}"`);
  });
});
