import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAccount } from '#contract/api/account.ts';
import { createSite } from '#contract/api/site.ts';
import { isRelated } from '#model/domain/name.ts';
import { startTestWorld, type TestWorld } from '../testing/world.ts';

let world: TestWorld;

beforeAll(async () => {
  world = await startTestWorld({ logLevel: 'error', config: { waitSeconds: 10 } });
});

afterAll(async () => {
  await world?.stop();
});

/** A row of numbers that is the same each time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const NAMES = ['one.example', 'shop.one.example', 'two.example', 'mail.two.example'];
const overrideReason = 'made in a test';

/** Any change that anybody may think of, on few objects, so that they meet. */
function anyRequest(next: () => number): [string, string, unknown?] {
  const pick = <T>(of: readonly [T, ...T[]]): T => of[Math.floor(next() * of.length)] ?? of[0];
  const name = pick(NAMES as [string, ...string[]]);
  const account = pick(['alice', 'bob']);
  return pick<[string, string, unknown?]>([
    ['POST', '/v1/sites', { domain: name, account, overrideReason, aliases: [`www.${name}`] }],
    ['POST', '/v1/sites', { domain: name, account }],
    ['DELETE', `/v1/sites/${name}`],
    ['POST', `/v1/sites/${name}/restore`],
    ['POST', `/v1/sites/${name}/suspend`],
    ['POST', `/v1/sites/${name}/aliases`, { name: `a${Math.floor(next() * 5)}.${name}`, overrideReason }],
    ['PATCH', `/v1/sites/${name}`, { plan: pick(['small', 'standard']) }],
    ['POST', '/v1/domains', { name, account, overrideReason }],
    ['POST', `/v1/domains/${name}/override`, { reason: overrideReason }],
    ['PATCH', `/v1/domains/${name}`, { mail: next() < 0.5 }],
    ['DELETE', `/v1/domains/${name}`],
    ['POST', `/v1/domains/${name}/restore`],
    ['POST', '/v1/forwarders', { address: `f${Math.floor(next() * 5)}@${name}`, pipe: 'cat' }],
    ['POST', '/v1/forwarders', { address: `f${Math.floor(next() * 5)}@${name}`, to: ['x@far.example'] }],
    ['DELETE', `/v1/forwarders/f${Math.floor(next() * 5)}@${name}`],
    ['DELETE', `/v1/accounts/${account}`],
    ['POST', `/v1/accounts/${account}/restore`],
    [
      'PUT',
      '/v1/plans/standard',
      {
        limits: {
          memoryBytes: 1,
          cpuPercent: 1,
          processes: 1,
          entryReservePercent: 1,
          diskBytes: 1,
          ioPerSecond: 1,
          entries: 1,
          idleSeconds: 1,
          mailPerHour: 1,
          mailBytes: 2 ** 30,
        },
      },
    ],
  ]);
}

test('a crowd of changes on the same objects: each is done or refused, none waits in a circle, and what is established never overlaps', async () => {
  const { control, agent } = world;
  const next = numbers(20_261_124);
  let revision = 0;
  for (let round = 0; round < 15; round += 1) {
    const crowd = Array.from({ length: 20 }, () => anyRequest(next));
    const answers = await Promise.all(
      crowd.map(([method, path, body]) => control.send(method, path, body === undefined ? {} : { body })),
    );
    answers.forEach((answer, index) => {
      expect(answer.status, `${crowd[index]?.slice(0, 2).join(' ')}: ${answer.text}`).toBeLessThan(500);
    });
    const rows = await control.control.context.db
      .selectFrom('domain')
      .select(['account_id', 'name'])
      .where('established_at', 'is not', null)
      .where('deleted_at', 'is', null)
      .execute();
    for (const one of rows) {
      for (const other of rows) {
        if (one.account_id !== other.account_id)
          expect(isRelated(one.name, other.name), `${one.name} ${other.name}`).toBe(false);
      }
    }
    const desired = await agent.desired();
    expect(desired.revision).toBeGreaterThanOrEqual(revision);
    revision = desired.revision;
    const hosts = desired.sites.flatMap((site) => site.hosts.map((host) => host.name));
    expect(new Set(hosts).size).toBe(hosts.length);
    const domains = desired.mail.domains.map((domain) => domain.name);
    expect(new Set(domains).size).toBe(domains.length);
    const ids = new Set(desired.mail.domains.map((domain) => domain.id));
    for (const forwarder of desired.mail.forwarders) expect(ids).toContain(forwarder.domain);
  }
});

test('creations side by side settle, each with its own revision', async () => {
  const bodies = Array.from({ length: 20 }, (_, index) => ({
    domain: `side${index}.example`,
    account: 'carol',
    overrideReason,
  }));
  await world.control.call(createAccount, { body: { name: 'carol', email: 'carol@example.net' } });
  const sites = await Promise.all(
    bodies.map((body) => world.control.call(createSite, { body, query: { wait: true } })),
  );
  expect(sites.map((site) => site.settled)).toEqual(sites.map(() => ({ applied: true })));
});
