import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { getAccount } from '#contract/api/account.ts';
import { createForwarder } from '#contract/api/forwarder.ts';
import { createMailbox } from '#contract/api/mailbox.ts';
import { createSite } from '#contract/api/site.ts';
import type { AccountId, MailboxId, PersonId, SiteId } from '#model/id.ts';
import { SCOPES } from '#model/right/role.ts';
import { LIMITS } from '../entrance/throttle.ts';
import type { Answer, Headers } from '../testing/harness.ts';
import { makeMember, makeSession, makeTestToken } from '../testing/people.ts';
import { makePerson } from '../testing/visitor.ts';
import { startTestWorld, type TestWorld } from '../testing/world.ts';

/** What was tried by hand against people, rights and the entrance; each of these is to stay without success. */

const PASSWORD = 'een fiets in het hofje';

let world: TestWorld;
const mailed: string[] = [];
let alice: AccountId;
let bob: AccountId;
let owner: PersonId;
let stranger: PersonId;
let site: SiteId;
let bobsSite: SiteId;
let mailbox: MailboxId;

beforeAll(async () => {
  world = await startTestWorld({
    follow: {
      onMessage(message, answer) {
        if (message.kind !== 'ask') return;
        const { id, question } = message;
        if (question.ask === 'mail-send') mailed.push(question.to);
        answer({ kind: 'answer', id, ok: true, value: {} });
      },
    },
  });
  const { control } = world;
  const accountOf = async (account: string) =>
    (await control.call(getAccount, { params: { account } })).id as AccountId;
  const siteOf = async (domain: string, account: string) =>
    (await control.call(createSite, { body: { domain, account, overrideReason: 'made in a test' } })).id as SiteId;
  [alice, bob] = [await accountOf('alice'), await accountOf('bob')];
  owner = await makePerson(control, { email: 'owner@alice.example', password: PASSWORD });
  stranger = await makePerson(control, { email: 'owner@bob.example' });
  await makeMember(control, owner, alice, 'owner');
  await makeMember(control, stranger, bob, 'owner');
  [site, bobsSite] = [await siteOf('alice.example', 'alice'), await siteOf('bob.example', 'bob')];
  mailbox = (await control.call(createMailbox, { body: { address: 'm@alice.example' } })).id as MailboxId;
});

afterAll(async () => {
  await world?.stop();
});

type Ask = (method: string, path: string, body?: unknown, more?: Headers) => Promise<Answer>;

function by(headers: Headers): Ask {
  return async (method, path, body, more = {}) =>
    await world.control.send(method, path, {
      token: null,
      headers: { ...headers, ...more },
      ...(body === undefined ? {} : { body }),
    });
}

const asOwner = async () => by((await makeSession(world.control, owner)).headers);
const told = ({ status, body }: Answer, ...names: readonly string[]) => {
  const { requestId: _requestId, ...rest } = body as Record<string, unknown>;
  return { status, text: names.reduce((text, name) => text.replaceAll(name, 'NAME'), JSON.stringify(rest)) };
};

describe('what is of another account is as what is not there, wherever a request may name it', () => {
  const missing = 'site_00000000000000000000';

  test.each<[string, string, (reference: string) => object, string, string]>([
    [
      'POST',
      '/v1/forwarders',
      (to) => ({ address: 'p@alice.example', pipe: '/bin/cat', site: to }),
      'bob.example',
      'eve.example',
    ],
    ['POST', '/v1/mailboxes', (to) => ({ address: `x@${to}` }), 'bob.example', 'eve.example'],
    ['POST', '/v1/forwarders', (to) => ({ address: `x@${to}`, to: ['a@b.example'] }), 'bob.example', 'eve.example'],
    ['POST', '/v1/sites', (to) => ({ domain: 'new.example', account: to }), 'bob', 'eve'],
    ['POST', '/v1/domains', (to) => ({ name: 'new.example', account: to }), 'bob', 'eve'],
    ['POST', '/v1/tokens', (to) => ({ name: 'x', scopes: ['read'], account: to }), 'bob', 'eve'],
  ])('%s %s', async (method, path, body, theirs, nobodys) => {
    const ask = await asOwner();
    const [there, not] = [await ask(method, path, body(theirs)), await ask(method, path, body(nobodys))];
    expect(there.status).toBe(404);
    expect(told(there, theirs)).toEqual(told(not, nobodys));
  });

  test('sites in an invitation and in a membership', async () => {
    const ask = await asOwner();
    const asked = async (id: string) =>
      told(await ask('POST', '/v1/accounts/alice/invitations', { role: 'collaborator', sites: [site, id] }), id);
    expect(await asked(bobsSite)).toEqual(await asked(missing));
    expect((await asked(bobsSite)).status).toBe(404);
  });

  test.each([
    '/v1/sites?account=',
    '/v1/mailboxes?domain=',
    '/v1/forwarders?domain=',
    '/v1/audit?account=',
    '/v1/audit/export?account=',
    '/v1/audit/head?account=',
  ])('GET %s', async (path) => {
    const ask = await asOwner();
    const [theirs, nobodys] = path.includes('domain') ? ['bob.example', 'eve.example'] : ['bob', 'eve'];
    const there = await ask('GET', path + theirs);
    expect(there.status).toBe(404);
    expect(told(there, theirs)).toEqual(told(await ask('GET', path + nobodys), nobodys));
  });

  test('a circle of forwarders through somebody else’s domain is refused without his addresses', async () => {
    const { control } = world;
    await control.call(createForwarder, { body: { address: 'hidden@bob.example', to: ['deep@bob.example'] } });
    await control.call(createForwarder, { body: { address: 'deep@bob.example', to: ['loop@alice.example'] } });
    const ask = await asOwner();
    const answer = await ask('POST', '/v1/forwarders', { address: 'loop@alice.example', to: ['hidden@bob.example'] });
    expect(answer).toMatchObject({ status: 422, body: { code: 'forwarder.loop' } });
    expect(answer.text).not.toContain('deep@');
  });

  test('a cursor from somebody else’s list leads to nothing of his', async () => {
    await world.control.call(createSite, {
      body: { domain: 'second.bob.example', account: 'bob', overrideReason: 'made in a test' },
    });
    const theirs = by((await makeSession(world.control, stranger)).headers);
    const { next } = (await theirs('GET', '/v1/sites?limit=1')).body as { next: string };
    expect(next).toEqual(expect.any(String));
    const answer = await (await asOwner())('GET', `/v1/sites?cursor=${next}`);
    expect(answer.text).not.toContain('bob');
    const mixed = await (await asOwner())('GET', `/v1/audit?cursor=${next}`);
    expect(mixed).toMatchObject({ status: 400, body: { code: 'cursor.invalid' } });
  });
});

describe('tokens', () => {
  test('one for an account tells nothing of what its person does elsewhere', async () => {
    await (await asOwner())('PATCH', `/v1/people/${owner}`, { name: 'Somebody Else' });
    const whole = by(await makeTestToken(world.control, owner, SCOPES));
    const bound = by(await makeTestToken(world.control, owner, SCOPES, { account: alice }));
    expect((await whole('GET', '/v1/audit')).text).toContain('PATCH /v1/people/:person');
    expect((await bound('GET', '/v1/audit')).text).not.toContain('PATCH /v1/people/:person');
    expect((await bound('GET', '/v1/audit')).status).toBe(200);
  });

  test('the cookie beside a wrong token is not looked at', async () => {
    const ask = await asOwner();
    const answer = await ask('GET', '/v1/accounts', undefined, { authorization: 'Basic eDp4' });
    expect(answer.status).toBe(401);
  });
});

describe('a mailbox’s own user', () => {
  test('is nobody to what is for people', async () => {
    const ask = by((await makeSession(world.control, mailbox)).headers);
    for (const [method, path, body] of [
      ['GET', '/v1/factors'],
      ['POST', '/v1/tokens', { name: 'x', scopes: ['read'] }],
      ['GET', '/v1/audit'],
      ['POST', '/v1/invitations/accept', { token: 'x' }],
      ['PATCH', `/v1/mailboxes/${mailbox}`, { quotaBytes: 2_000_000 }],
      ['DELETE', `/v1/mailboxes/${mailbox}`],
      ['GET', '/v1/sites'],
      ['GET', '/v1/domains/alice.example'],
    ] as const) {
      const answer = await ask(method, path, body);
      expect([403, 404], `${method} ${path} ${answer.text}`).toContain(answer.status);
    }
  });
});

describe('support', () => {
  test('ends with its time, changes nothing unless allowed, and reaches no other account', async () => {
    const { control } = world;
    const operator = await makePerson(control, { email: 'help@desk.example', operatorRole: 'support' });
    const ask = by((await makeSession(control, operator)).headers);
    const logs = async (id: string) => (await ask('GET', `/v1/sites/${id}/logs`)).status;
    expect(await logs(site)).toBe(403);
    const started = await ask('POST', '/v1/accounts/alice/support', { reason: 'asked to', minutes: 1 });
    expect(started.status).toBe(201);
    const access = (started.body as { id: string }).id;
    expect(await logs(site)).not.toBe(403);
    expect(await logs(bobsSite)).toBe(403);
    expect((await ask('PATCH', `/v1/sites/${site}`, { redirectToHttps: true })).status).toBe(403);
    expect((await ask('POST', `/v1/accounts/alice/support/${access}/allow`, { writes: true })).status).toBe(403);
    await (await asOwner())('POST', `/v1/accounts/alice/support/${access}/allow`, { writes: true });
    expect((await ask('PATCH', `/v1/sites/${site}`, { redirectToHttps: true })).status).toBe(200);
    expect((await ask('PATCH', `/v1/sites/${bobsSite}`, { redirectToHttps: true })).status).toBe(403);
    await control.control.context.db
      .updateTable('support_access')
      .set({ expires_at: new Date(Date.now() - 1) })
      .where('id', '=', access as never)
      .execute();
    expect((await ask('PATCH', `/v1/sites/${site}`, { redirectToHttps: false })).status).toBe(403);
    expect(await logs(site)).toBe(403);
  });
});

describe('invitations', () => {
  test('nobody is made more than he was invited to be', async () => {
    const ask = await asOwner();
    const path = '/v1/accounts/alice/invitations';
    expect((await ask('POST', path, { role: 'reader', operatorRole: 'administrator' })).status).toBe(400);
    expect((await ask('POST', path, { role: 'administrator' })).status).toBe(400);
    expect((await ask('POST', '/v1/invitations', { operatorRole: 'approver' })).status).toBe(403);
    const made = await ask('POST', path, { role: 'reader' });
    const token = (made.body as { url: string }).url.split('#')[1] ?? '';
    const guest = { token, email: 'guest@people.example', name: 'Guest', password: PASSWORD };
    const nobody = by({});
    for (const more of [{ role: 'owner' }, { operatorRole: 'administrator' }, { account: bob }, { sites: [] }]) {
      const answer = await nobody('POST', '/v1/invitations/accept', { ...guest, ...more });
      expect(answer).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
    }
    const before = { origin: 'https://evil.example' };
    expect((await nobody('POST', '/v1/invitations/accept', guest, before)).status).toBe(403);
  });

  test('the platform mails nobody without end in somebody’s name', async () => {
    const ask = await asOwner();
    const to = 'victim@elsewhere.example';
    const tries = LIMITS.mail.free + 3;
    for (let count = 0; count < tries; count += 1) {
      const answer = await ask('POST', '/v1/accounts/alice/invitations', { role: 'reader', email: to });
      expect(answer.status).toBe(201);
    }
    await expect
      .poll(() => world.control.logged.filter((line) => line.includes('invitation.not-mailed')).length)
      .toBe(3);
    expect(mailed.filter((each) => each === to)).toHaveLength(LIMITS.mail.free);
  });

  test('a name does not turn the text beside it round, nor break its line', async () => {
    const ask = await asOwner();
    for (const name of ['x\u202egpj.exe', 'x\u2066', 'x\u2028y', 'x\u2029', 'x\ny', 'x\u0085']) {
      expect((await ask('PATCH', `/v1/people/${owner}`, { name })).status, JSON.stringify(name)).toBe(400);
    }
    for (const name of ['<img src=x onerror=alert(1)>', 'Ünïcödé', 'עברית', '👩‍👩‍👧']) {
      expect((await ask('PATCH', `/v1/people/${owner}`, { name })).status, name).toBe(200);
    }
  });
});

describe('what another site lets a browser send', () => {
  test.each<[string, Headers]>([
    ['a form that looks like text', { 'content-type': 'text/plain', origin: 'https://evil.example' }],
    ['a form of a page without an origin', { 'content-type': 'text/plain', origin: 'null' }],
    ['an old browser', { origin: 'https://evil.example' }],
    ['nothing said at all', {}],
    ['a page of a customer beside the panel', { 'sec-fetch-site': 'same-site' }],
    ['another method in a header', { 'x-http-method-override': 'GET', origin: 'https://evil.example' }],
    ['an address that was typed', { 'sec-fetch-site': 'none' }],
  ])('%s changes nothing', async (_name, headers) => {
    const { cookie = '' } = (await makeSession(world.control, owner)).headers;
    const ask = by({ cookie });
    const answer = await ask('POST', `/v1/sites/${site}/suspend`, undefined, headers);
    expect(answer).toMatchObject({ status: 403, body: { code: 'auth.cross-site' } });
    const events = await ask('GET', '/v1/events', undefined, { ...headers, accept: 'text/event-stream' });
    expect(events).toMatchObject({ status: 403, body: { code: 'auth.cross-site' } });
  });

  test.each(['cross-site', 'same-site', 'none'])('no log-in in a stranger’s name from %s', async (from) => {
    const body = { email: 'owner@alice.example', password: PASSWORD };
    const answer = await by({})('POST', '/v1/session', body, { 'sec-fetch-site': from });
    expect(answer).toMatchObject({ status: 403, body: { code: 'auth.cross-site' } });
  });
});

describe('answers', () => {
  test('are kept by nobody, are not packed beside a secret, and say who may show them', async () => {
    const ask = await asOwner();
    for (const path of ['/v1/session', '/v1/sites', '/v1/factors', '/v1/nowhere', '/v1/nodes', '/v1/audit/export']) {
      const { headers } = await ask('GET', path, undefined, { 'accept-encoding': 'gzip, br' });
      expect(headers, path).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
      });
      expect(headers['content-encoding'], path).toBeUndefined();
      expect(headers['access-control-allow-origin'], path).toBeUndefined();
    }
  });
});

describe('whoever is nobody does not make everybody wait', () => {
  test.each([
    '/v1/session',
    '/v1/session/second',
    '/v1/resets',
    '/v1/invitations/accept',
    '/v1/invitations/look',
    '/agent/v1/enrol',
  ])('%s reads no more than it may need', async (path) => {
    const body = Object.fromEntries(Array.from({ length: 8000 }, (_, index) => [`k${index}`, 1]));
    expect(await by({})('POST', path, body)).toMatchObject({ status: 413, body: { code: 'request.too-large' } });
  });

  test('a body of more values than any has is refused before each of them is found wrong', async () => {
    const ask = await asOwner();
    const to = Array.from({ length: 100_000 }, () => 1);
    const answer = await ask('POST', '/v1/forwarders', { address: 'x@alice.example', to });
    expect(answer).toMatchObject({ status: 400, body: { code: 'request.invalid', field: 'to' } });
    expect(answer.text).toContain('too many values');
    const argv = Array.from({ length: 4096 }, () => 'x');
    expect((await ask('POST', `/v1/sites/${site}/exec`, { argv })).text).not.toContain('too many values');
  });

  test('the names of objects’ own prototype are no fields', async () => {
    const ask = await asOwner();
    const asked = await ask('GET', '/v1/sites?__proto__=x&constructor=y');
    expect(asked).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
    const raw = await world.control.control.app.inject({
      method: 'POST',
      url: '/v1/invitations/look',
      headers: { 'content-type': 'application/json' },
      payload: '{"token":"x","constructor":{"prototype":{"polluted":true}}}',
    });
    expect(raw.statusCode).toBe(400);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
