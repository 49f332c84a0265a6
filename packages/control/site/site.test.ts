import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAccount, deleteAccount, restoreAccount } from '#contract/api/account.ts';
import {
  addAlias,
  changeSite,
  createSite,
  deleteSite,
  getSite,
  listSites,
  removeAlias,
  restoreSite,
  resumeSite,
  suspendSite,
} from '#contract/api/site.ts';
import type { TestAgent } from '../testing/agent.ts';
import type { TestControl } from '../testing/harness.ts';
import { startTestWorld, type TestWorld } from '../testing/world.ts';

let world: TestWorld;
let control: TestControl;
let agent: TestAgent;

beforeAll(async () => {
  world = await startTestWorld();
  ({ control, agent } = world);
});

afterAll(async () => {
  await world?.stop();
});

const vouched = { overrideReason: 'made in a test' };

test('a site is made with its domain, reaches the node, and the caller hears when it is so', async () => {
  const site = await control.call(createSite, {
    body: { domain: 'Alice.Example.', account: 'alice', aliases: ['www.alice.example'], ...vouched },
    query: { wait: true },
  });
  expect(site).toMatchObject({ name: 'alice.example', plan: 'small', state: 'asleep', settled: { applied: true } });
  expect(site.hosts.map(({ name, role, served }) => ({ name, role, served }))).toEqual([
    { name: 'alice.example', role: 'primary', served: true },
    { name: 'www.alice.example', role: 'alias', served: true },
  ]);
  const desired = await agent.desired();
  const wish = desired.sites.find((each) => each.id === site.id);
  expect(wish).toMatchObject({ primaryName: 'alice.example', suspended: false });
  expect(wish?.hosts[0]?.certificate.key).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  expect(desired.mail.domains.map((domain) => domain.name)).toContain('alice.example');
});

test('a name that is not proven is neither served nor local for mail', async () => {
  const site = await control.call(createSite, { body: { domain: 'claimed.example', account: 'alice' } });
  expect(site.hosts[0]?.served).toBe(false);
  const desired = await agent.desired();
  expect(desired.sites.find((each) => each.id === site.id)?.hosts).toEqual([]);
  expect(desired.mail.domains.map((domain) => domain.name)).not.toContain('claimed.example');
});

test.each(['alice.example', 'shop.alice.example', 'www.alice.example'])(
  '%s belongs to alice, so bob does not get it',
  async (domain) => {
    const problem = await control.problem(createSite, { body: { domain, account: 'bob', ...vouched } });
    expect(problem).toMatchObject({ status: 409, code: 'domain.taken', field: 'domain' });
  },
);

test('suspending, resuming and changing settle on the node', async () => {
  const suspended = await control.call(suspendSite, { params: { site: 'alice.example' }, query: { wait: true } });
  expect(suspended).toMatchObject({ suspended: true, state: 'suspended', settled: { applied: true } });
  const resumed = await control.call(resumeSite, { params: { site: 'alice.example' }, query: { wait: true } });
  expect(resumed).toMatchObject({ suspended: false, state: 'asleep' });
  const changed = await control.call(changeSite, {
    params: { site: 'alice.example' },
    body: { plan: 'standard', redirectToHttps: false },
  });
  expect(changed).toMatchObject({ plan: 'standard', redirectToHttps: false });
});

test('aliases come and go', async () => {
  const params = { site: 'alice.example' };
  const added = await control.call(addAlias, { params, body: { name: 'blog.alice.example' } });
  expect(added.hosts.map((host) => host.name)).toContain('blog.alice.example');
  const removed = await control.call(removeAlias, { params: { ...params, name: 'blog.alice.example' } });
  expect(removed.hosts.map((host) => host.name)).not.toContain('blog.alice.example');
  expect(await control.problem(removeAlias, { params: { ...params, name: 'alice.example' } })).toMatchObject({
    code: 'site.primary-name',
  });
});

describe('versions', () => {
  test('a change based on an older version is refused', async () => {
    const params = { site: 'alice.example' };
    const { version } = await control.call(getSite, { params });
    const body = { redirectToHttps: true, version };
    const changed = await control.call(changeSite, { params, body });
    expect(changed.version).toBe(version + 1);
    expect(await control.problem(changeSite, { params, body })).toMatchObject({
      status: 409,
      code: 'version.conflict',
    });
    const stale = { 'if-match': `"${version}"` };
    expect(await control.problem(suspendSite, { params }, stale)).toMatchObject({
      status: 412,
      code: 'version.outdated',
    });
  });
});

test('a deleted site leaves a tombstone and comes back', async () => {
  const site = await control.call(createSite, { body: { domain: 'brief.example', account: 'bob', ...vouched } });
  const deleted = await control.call(deleteSite, { params: { site: site.id }, query: { wait: true } });
  expect(deleted).toMatchObject({ state: 'deleted', settled: { applied: true } });
  const desired = await agent.desired();
  expect(desired.sites.map((each) => each.id)).not.toContain(site.id);
  expect(desired.tombstones).toMatchObject([{ kind: 'site', id: site.id }]);
  const restored = await control.call(restoreSite, { params: { site: 'brief.example' }, query: { wait: true } });
  expect(restored).toMatchObject({ id: site.id, state: 'asleep' });
  expect((await agent.desired()).tombstones).toEqual([]);
});

test('a site whose grace period is over does not come back', async () => {
  const site = await control.call(createSite, { body: { domain: 'gone.example', account: 'bob', ...vouched } });
  await control.call(deleteSite, { params: { site: site.id }, query: { grace: 0 } });
  expect(await control.problem(restoreSite, { params: { site: site.id } })).toMatchObject({
    status: 410,
    code: 'site.purged',
  });
});

test('an account is deleted and restored with what it holds, and with nothing else', async () => {
  await control.call(createAccount, { body: { name: 'carol', email: 'carol@example.net' } });
  const kept = await control.call(createSite, { body: { domain: 'carol.example', account: 'carol', ...vouched } });
  const before = await control.call(createSite, { body: { domain: 'earlier.example', account: 'carol', ...vouched } });
  await control.call(deleteSite, { params: { site: before.id } });
  await control.call(deleteAccount, { params: { account: 'carol' } });
  expect(await control.call(getSite, { params: { site: kept.id } })).toMatchObject({ state: 'deleted' });
  await control.call(restoreAccount, { params: { account: 'carol' } });
  expect(await control.call(getSite, { params: { site: kept.id } })).toMatchObject({ deletedAt: null });
  expect(await control.call(getSite, { params: { site: before.id } })).toMatchObject({ state: 'deleted' });
});

test('lists are cut into pages by name', async () => {
  const all = (await control.call(listSites, { query: { limit: 500 } })).items.map((site) => site.name);
  expect(all).toEqual([...all].sort());
  const seen: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await control.call(listSites, { query: { limit: 2, ...(cursor === undefined ? {} : { cursor }) } });
    seen.push(...page.items.map((site) => site.name));
    if (page.next === null) break;
    cursor = page.next;
  }
  expect(seen).toEqual(all);
});

test('a creation that is repeated with its key makes nothing twice', async () => {
  const key = { 'idempotency-key': 'once-and-no-more' };
  const body = { domain: 'once.example', account: 'alice', ...vouched };
  const both = await Promise.all([1, 2].map(() => control.call(createSite, { body }, key)));
  expect(both[0]?.id).toBe(both[1]?.id);
  const other = { body: { ...body, domain: 'other.example' } };
  expect(await control.problem(createSite, other, key)).toMatchObject({
    status: 422,
    code: 'idempotency.different-request',
  });
});
