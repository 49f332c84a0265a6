import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getAccount } from '#contract/api/account.ts';
import { overrideDomain } from '#contract/api/domain.ts';
import { createForwarder } from '#contract/api/forwarder.ts';
import { registerImage } from '#contract/api/image.ts';
import { createMailbox } from '#contract/api/mailbox.ts';
import { putPlan } from '#contract/api/plan.ts';
import { changeSite, createSite } from '#contract/api/site.ts';
import { type AccountId, makeId, type PersonId, type SiteId } from '#model/id.ts';
import { PLANS } from '#model/plan/plan.ts';
import { PROOF_MS } from '#model/right/decide.ts';
import type { Answer, Headers } from '../testing/harness.ts';
import { makeMember, makeSession, makeTestToken } from '../testing/people.ts';
import { makePerson } from '../testing/visitor.ts';
import { startTestWorld, type TestWorld, testDigest } from '../testing/world.ts';

/** What of a route that is his a customer may not decide, and what he may. */

type Ask = (method: string, path: string, body?: unknown) => Promise<Answer>;

let world: TestWorld;
let owner: PersonId;
let ask: Ask;
let site: SiteId;

beforeAll(async () => {
  world = await startTestWorld();
  const { control } = world;
  owner = await makePerson(control, { email: 'owner@alice.example' });
  await makeMember(control, owner, await accountOf('alice'), 'owner');
  ask = by((await makeSession(control, owner)).headers);
  await control.call(createSite, { body: { domain: 'bob.example', account: 'bob', overrideReason: 'made in a test' } });
  await control.call(createMailbox, { body: { address: 'box@bob.example' } });
  const made = await control.call(createSite, {
    body: { domain: 'alice.example', account: 'alice', overrideReason: 'made in a test' },
  });
  site = made.id as SiteId;
});

afterAll(async () => {
  await world?.stop();
});

const accountOf = async (account: string) =>
  (await world.control.call(getAccount, { params: { account } })).id as AccountId;

function by(headers: Headers): Ask {
  return async (method, path, body) =>
    await world.control.send(method, path, { token: null, headers, ...(body === undefined ? {} : { body }) });
}

const machine: Ask = async (method, path, body) =>
  await world.control.send(method, path, body === undefined ? {} : { body });
const refused = (field: string) => ({ status: 403, body: { code: 'auth.refused', field } });

describe('an owner', () => {
  test('makes a site and a mailbox of his own', async () => {
    const made = await ask('POST', '/v1/sites', { domain: 'mine.example', account: 'alice' });
    expect(made).toMatchObject({ status: 201, body: { name: 'mine.example', plan: 'small' } });
    const box = await ask('POST', '/v1/mailboxes', { address: 'me@alice.example' });
    expect(box).toMatchObject({ status: 201, body: { password: expect.any(String) } });
    expect(await ask('POST', '/v1/mailboxes', { address: 'me@bob.example' })).toMatchObject({
      status: 404,
      body: { code: 'domain.not-found', field: 'address' },
    });
  });

  test('does not vouch for a name himself', async () => {
    const overrideReason = 'It is mine.';
    const body = { domain: 'gmail.example', account: 'alice', overrideReason };
    expect(await ask('POST', '/v1/sites', body)).toMatchObject(refused('overrideReason'));
    expect(await ask('POST', '/v1/domains', { name: 'gmail.example', account: 'alice', overrideReason })).toMatchObject(
      refused('overrideReason'),
    );
    expect(await ask('POST', `/v1/sites/${site}/aliases`, { name: 'www.gmail.example', overrideReason })).toMatchObject(
      refused('overrideReason'),
    );
    expect((await ask('POST', '/v1/domains/alice.example/override', { reason: overrideReason })).status).toBe(403);
  });

  test('chooses among the plans that are his to choose', async () => {
    const [small] = PLANS;
    const change = async (plan: string) => await ask('PATCH', `/v1/sites/${site}`, { plan });
    const given = { params: { plan: 'given' }, body: { limits: small.limits } };
    await world.control.call(putPlan, given);
    const plans = async () =>
      ((await ask('GET', '/v1/plans')).body as { items: { name: string }[] }).items.map(({ name }) => name);
    expect(await plans()).toEqual(['small']);
    const hidden = await change('given');
    expect(hidden).toMatchObject({ status: 404, body: { code: 'plan.not-found' } });
    expect((await change('none')).body).toMatchObject({ detail: 'There is no plan none.' });
    // What an operator has given to one of his sites, he may give to another.
    await world.control.call(changeSite, { params: { site: 'mine.example' }, body: { plan: 'given' } });
    expect(await plans()).toEqual(['given', 'small']);
    expect((await change('given')).body).toMatchObject({ plan: 'given' });
    await world.control.call(putPlan, { ...given, body: { ...given.body, orderable: true } });
    expect((await machine('GET', '/v1/plans')).body).toMatchObject({ items: expect.arrayContaining([]) });
  });

  test('runs the images that are current, or that he has', async () => {
    const old = testDigest('site-php8.2');
    const kept = testDigest('kept-back');
    await world.control.call(registerImage, { body: { kind: 'site-php8.2', digest: kept } });
    const change = async (image: string) => await ask('PATCH', `/v1/sites/${site}`, { image });
    expect(await change(kept)).toMatchObject({ status: 404, body: { code: 'image.not-found' } });
    const images = async () =>
      ((await ask('GET', '/v1/images')).body as { items: { digest: string }[] }).items.map(({ digest }) => digest);
    expect(await images()).toEqual([old]);
    await world.control.call(registerImage, { body: { kind: 'site-php8.2', digest: kept, current: true } });
    expect((await images()).sort()).toEqual([old, kept].sort());
    expect((await change(kept)).body).toMatchObject({ image: kept });
    expect((await change('edge')).status).toBe(422);
  });

  test('knows no nodes, and has the limits of his plan', async () => {
    for (const [method, path, body] of [
      ['POST', '/v1/sites', { domain: 'n.example', account: 'alice', node: 'node1' }],
      ['POST', '/v1/domains', { name: 'n.example', account: 'alice', node: 'node1' }],
      ['GET', '/v1/sites?node=node1', undefined],
    ] as const) {
      expect(await ask(method, path, body)).toMatchObject({ status: 404, body: { code: 'node.not-found' } });
    }
    expect((await ask('GET', '/v1/nodes')).status).toBe(403);
    expect(await ask('PATCH', '/v1/domains/alice.example', { mailLimitBytes: 2 ** 40 })).toMatchObject(
      refused('mailLimitBytes'),
    );
    expect((await ask('PATCH', '/v1/domains/alice.example', { mail: true })).status).toBe(200);
  });

  test('resumes what he suspended, and not what an operator did', async () => {
    const act = async (who: Ask, act: string) => await who('POST', `/v1/sites/${site}/${act}`);
    expect((await act(ask, 'suspend')).body).toMatchObject({ suspended: true, suspendedBy: 'account' });
    expect((await act(ask, 'resume')).body).toMatchObject({ suspended: false, suspendedBy: null });
    expect((await act(machine, 'suspend')).body).toMatchObject({ suspendedBy: 'operator' });
    expect((await act(ask, 'suspend')).body).toMatchObject({ suspendedBy: 'operator' });
    expect(await act(ask, 'resume')).toMatchObject(refused('site'));
    expect((await act(machine, 'resume')).body).toMatchObject({ suspended: false });
  });

  test('deletes for good at once only with a fresh proof', async () => {
    const provenAt = new Date(Date.now() - PROOF_MS - 60_000);
    const stale = by((await makeSession(world.control, owner, { provenAt })).headers);
    await ask('POST', '/v1/sites', { domain: 'brief.example', account: 'alice' });
    const path = '/v1/sites/brief.example';
    expect(await stale('DELETE', `${path}?grace=0`)).toMatchObject({ status: 403, body: { code: 'auth.step-up' } });
    expect((await stale('DELETE', path)).status).toBe(200);
    expect(await stale('DELETE', `/v1/accounts/alice`)).toMatchObject({ status: 403, body: { code: 'auth.step-up' } });
  });

  test('hears that mail would go in a circle, but not through whose hands', async () => {
    const { control } = world;
    await control.call(overrideDomain, { params: { domain: 'mine.example' }, body: { reason: 'made in a test' } });
    await control.call(createForwarder, { body: { address: 'secret@bob.example', to: ['round@alice.example'] } });
    const far = await ask('POST', '/v1/forwarders', { address: 'round@alice.example', to: ['secret@bob.example'] });
    expect(far).toMatchObject({ status: 422, body: { code: 'forwarder.loop', detail: 'Mail would go in a circle.' } });
    await ask('POST', '/v1/forwarders', { address: 'a@alice.example', to: ['b@mine.example'] });
    const near = await ask('POST', '/v1/forwarders', { address: 'b@mine.example', to: ['a@alice.example'] });
    expect((near.body as { detail: string }).detail).toContain('a@alice.example');
  });

  test('makes no pipe with a token that may not run programs, nor into somebody else’s site', async () => {
    const program = by(await makeTestToken(world.control, owner, ['mail']));
    const body = { address: 'pipe@alice.example', pipe: '/bin/cat', site };
    expect((await program('POST', '/v1/forwarders', body)).body).toMatchObject({ code: 'auth.refused' });
    expect((await ask('POST', '/v1/forwarders', { ...body, site: 'bob.example' })).body).toMatchObject({
      code: 'site.not-found',
      detail: 'There is no site bob.example.',
    });
    expect(
      (await by(await makeTestToken(world.control, owner, ['mail', 'exec']))('POST', '/v1/forwarders', body)).status,
    ).toBe(201);
  });
});

test('a collaborator keeps his site in order, and decides nothing that it costs', async () => {
  const person = await makePerson(world.control, { email: 'helper@example.org' });
  await makeMember(world.control, person, await accountOf('alice'), 'collaborator', [site]);
  const helper = by((await makeSession(world.control, person)).headers);
  expect((await helper('PATCH', `/v1/sites/${site}`, { redirectToHttps: false })).status).toBe(200);
  expect(await helper('PATCH', `/v1/sites/${site}`, { plan: 'small' })).toMatchObject(refused('plan'));
  expect((await helper('DELETE', `/v1/sites/${site}`)).status).toBe(403);
  expect((await helper('GET', '/v1/sites/mine.example')).status).toBe(404);
  expect((await helper('GET', '/v1/mailboxes/me@alice.example')).status).toBe(200);
  expect((await helper('DELETE', '/v1/mailboxes/me@alice.example')).status).toBe(403);
  expect((await helper('POST', '/v1/sites', { domain: 'x.example', account: 'alice' })).status).toBe(403);
});

test('what is hidden costs as many queries as what is not there', async () => {
  const { random } = world.control.control.context;
  const query = pg.Client.prototype.query;
  let count = 0;
  async function counted(path: string): Promise<number> {
    count = 0;
    expect((await ask('GET', path)).status).toBe(404);
    return count;
  }
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    count += 1;
    return Reflect.apply(query, this, args);
  } as typeof query;
  try {
    const bobs = await world.control.call(createSite, { body: { domain: 'more.bob.example', account: 'bob' } });
    for (const [hidden, missing] of [
      [`/v1/sites/${bobs.id}`, `/v1/sites/${makeId('site', random(20))}`],
      ['/v1/sites/more.bob.example', '/v1/sites/more.eve.example'],
      ['/v1/domains/bob.example', '/v1/domains/eve.example'],
      ['/v1/mailboxes/box@bob.example', '/v1/mailboxes/box@eve.example'],
      ['/v1/accounts/bob', '/v1/accounts/eve'],
      ['/v1/accounts/bob/members', '/v1/accounts/eve/members'],
      ['/v1/people/helper@example.org', '/v1/people/nobody@example.org'],
      ['/v1/sites?account=bob', '/v1/sites?account=eve'],
      ['/v1/mailboxes?domain=bob.example', '/v1/mailboxes?domain=eve.example'],
    ] as const) {
      // A node may report meanwhile; what is not so by chance stays so.
      const difference = async () => (await counted(hidden)) - (await counted(missing));
      await expect.poll(difference, { message: hidden, timeout: 5000 }).toBe(0);
      expect(count).toBeGreaterThan(0);
    }
  } finally {
    pg.Client.prototype.query = query;
  }
});
