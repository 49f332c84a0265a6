import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAccount } from '#contract/api/account.ts';
import { createSite } from '#contract/api/site.ts';
import type { AccountId, PersonId, SiteId } from '#model/id.ts';
import { type OperatorRole, SCOPES } from '#model/right/role.ts';
import type { Answer, Headers } from '../testing/harness.ts';
import { makeMember, makeSession, makeTestToken } from '../testing/people.ts';
import { makePerson, makeVisitor } from '../testing/visitor.ts';
import { startTestWorld, type TestWorld } from '../testing/world.ts';

const PASSWORD = 'four ducks cross a quiet canal';

let world: TestWorld;
let site: SiteId;
let foreign: SiteId;

beforeAll(async () => {
  world = await startTestWorld({
    follow: {
      onMessage(message, answer) {
        if (message.kind === 'ask') answer({ kind: 'answer', id: message.id, ok: true, value: { text: '' } });
      },
    },
  });
  const made = async (domain: string, account: string) =>
    (await world.control.call(createSite, { body: { domain, account } })).id as SiteId;
  site = await made('house.example', 'alice');
  foreign = await made('other.example', 'bob');
});

afterAll(async () => {
  await world?.stop();
});

let counter = 0;
async function newPerson(operatorRole?: OperatorRole): Promise<{ id: PersonId; email: string }> {
  counter += 1;
  const email = `p${counter}@example.org`;
  return { id: await makePerson(world.control, { email, ...(operatorRole && { operatorRole }) }), email };
}

/** A fresh account with one owner. */
async function newAccount(): Promise<{ id: AccountId; owner: PersonId; ask: Ask }> {
  counter += 1;
  const { id } = await world.control.call(createAccount, { body: { name: `acc${counter}`, email: 'x@example.org' } });
  const owner = (await newPerson()).id;
  await makeMember(world.control, owner, id as AccountId, 'owner');
  return { id: id as AccountId, owner, ask: await asking(owner) };
}

type Ask = (method: string, path: string, body?: unknown) => Promise<Answer>;

function by(headers: Headers): Ask {
  return async (method, path, body) =>
    await world.control.send(method, path, { token: null, headers, ...(body === undefined ? {} : { body }) });
}

async function asking(person: PersonId, provenAt = new Date()): Promise<Ask> {
  return by((await makeSession(world.control, person, { provenAt })).headers);
}

/** The machine itself. */
const machine: Ask = async (method, path, body) =>
  await world.control.send(method, path, body === undefined ? {} : { body });

const secretOf = ({ body }: Answer) => (body as { url: string }).url.split('#')[1] ?? '';
const codeOf = ({ body }: Answer) => (body as { code?: string } | undefined)?.code;

describe('people', () => {
  test('are made by an administrator, with one address each', async () => {
    const made = await machine('POST', '/v1/people', { email: 'Dora@Example.ORG', name: 'Dora', language: 'nl' });
    expect(made).toMatchObject({
      status: 201,
      body: { email: 'dora@example.org', language: 'nl', operatorRole: null, version: 1 },
    });
    expect(await machine('POST', '/v1/people', { email: 'dora@example.org', name: 'D' })).toMatchObject({
      status: 409,
      body: { code: 'person.exists' },
    });
    expect(await machine('GET', '/v1/people/dora@example.org')).toMatchObject({ status: 200, body: { name: 'Dora' } });
  });

  test('change how they are called, and nothing that gives rights', async () => {
    const { id } = await newPerson();
    const ask = await asking(id);
    expect(await ask('PATCH', `/v1/people/${id}`, { name: 'Ed', language: 'nl' })).toMatchObject({
      status: 200,
      body: { name: 'Ed', language: 'nl' },
    });
    for (const more of [{ operatorRole: 'administrator' }, { email: 'x@example.org' }, { disabled: false }]) {
      expect(await ask('PATCH', `/v1/people/${id}`, { name: 'F', ...more })).toMatchObject({
        status: 403,
        body: { code: 'auth.refused', field: Object.keys(more)[0] },
      });
    }
    expect(await ask('GET', `/v1/people/${id}`)).toMatchObject({ body: { name: 'Ed', operatorRole: null } });
  });

  test('who is disabled is out at once, by session and token', async () => {
    const { id } = await newPerson();
    const ask = await asking(id);
    const program = by(await makeTestToken(world.control, id, ['read']));
    expect((await ask('GET', '/v1/sites')).status).toBe(200);
    expect((await program('GET', '/v1/sites')).status).toBe(200);
    expect((await machine('PATCH', `/v1/people/${id}`, { disabled: true })).status).toBe(200);
    expect((await ask('GET', '/v1/sites')).status).toBe(401);
    expect((await program('GET', '/v1/sites')).status).toBe(401);
    await machine('PATCH', `/v1/people/${id}`, { disabled: false });
    expect((await ask('GET', '/v1/sites')).status).toBe(401);
  });

  test('an administrator needs a fresh proof to give rights', async () => {
    const admin = await newPerson('administrator');
    const stale = await asking(admin.id, new Date(Date.now() - 11 * 60_000));
    const { id } = await newPerson();
    expect(codeOf(await stale('PATCH', `/v1/people/${id}`, { operatorRole: 'support' }))).toBe('auth.step-up');
    expect(codeOf(await stale('POST', '/v1/people', { email: 'q@example.org', name: 'Q' }))).toBe('auth.step-up');
    expect((await stale('PATCH', `/v1/people/${id}`, { name: 'New' })).status).toBe(200);
    const program = by(await makeTestToken(world.control, admin.id, SCOPES));
    expect((await program('PATCH', `/v1/people/${id}`, { operatorRole: 'administrator' })).status).toBe(403);
    expect((await program('PATCH', `/v1/people/${id}`, { name: 'Newer' })).status).toBe(200);
  });
});

describe('the last owner of an account', () => {
  test('cannot leave, be removed or become something else', async () => {
    const { id, owner, ask } = await newAccount();
    for (const answer of [
      await ask('POST', `/v1/accounts/${id}/leave`),
      await ask('PATCH', `/v1/accounts/${id}/members/${owner}`, { role: 'reader' }),
      await ask('DELETE', `/v1/accounts/${id}/members/${owner}`),
      await machine('DELETE', `/v1/accounts/${id}/members/${owner}`),
    ]) {
      expect(answer).toMatchObject({ status: 409, body: { code: 'membership.last-owner' } });
    }
    expect((await ask('GET', `/v1/accounts/${id}/members`)).body).toMatchObject({ items: [{ role: 'owner' }] });
  });

  test('is not outweighed by an owner who is disabled', async () => {
    const { id, ask } = await newAccount();
    const second = await newPerson();
    await makeMember(world.control, second.id, id, 'owner');
    await machine('PATCH', `/v1/people/${second.id}`, { disabled: true });
    expect(codeOf(await ask('POST', `/v1/accounts/${id}/leave`))).toBe('membership.last-owner');
  });

  test.each([1, 2, 3])('of two owners who go at the same moment, one stays (%i)', async () => {
    const { id, ask } = await newAccount();
    const second = await newPerson();
    await makeMember(world.control, second.id, id, 'owner');
    const other = await asking(second.id);
    const answers = await Promise.all([
      ask('POST', `/v1/accounts/${id}/leave`),
      other('PATCH', `/v1/accounts/${id}/members/${second.id}`, { role: 'reader' }),
    ]);
    expect(answers.filter(({ status }) => status < 300)).toHaveLength(1);
    expect(answers.map(codeOf)).toContain('membership.last-owner');
  });

  test('hands over, and stays as a reader or leaves', async () => {
    const { id, owner, ask } = await newAccount();
    const heir = await newPerson();
    expect(codeOf(await ask('POST', `/v1/accounts/${id}/hand-over`, { to: heir.id }))).toBe('person.not-found');
    await makeMember(world.control, heir.id, id, 'reader');
    expect(await ask('POST', `/v1/accounts/${id}/hand-over`, { to: heir.id })).toMatchObject({
      status: 200,
      body: { person: heir.id, role: 'owner' },
    });
    expect((await ask('PATCH', `/v1/accounts/${id}`, { email: 'mine@example.org' })).status).toBe(403);
    const next = await asking(heir.id);
    expect((await next('POST', `/v1/accounts/${id}/hand-over`, { to: owner, leave: true })).status).toBe(200);
    expect((await next('GET', `/v1/accounts/${id}`)).status).toBe(404);
  });
});

describe('members', () => {
  test('a collaborator works on named sites of the account, and loses them with the role', async () => {
    const alice = await machine('GET', '/v1/accounts/alice');
    const account = (alice.body as { id: AccountId }).id;
    const { id } = await newPerson();
    const add = (body: object) => machine('POST', `/v1/accounts/${account}/members`, { person: id, ...body });
    expect(codeOf(await add({ role: 'collaborator' }))).toBe('request.invalid');
    expect(codeOf(await add({ role: 'reader', sites: [site] }))).toBe('request.invalid');
    expect(codeOf(await add({ role: 'collaborator', sites: [foreign] }))).toBe('site.not-found');
    expect(await add({ role: 'collaborator', sites: [site] })).toMatchObject({ status: 201, body: { sites: [site] } });
    expect(codeOf(await add({ role: 'owner' }))).toBe('membership.exists');
    const ask = await asking(id);
    expect((await ask('GET', '/v1/sites')).body).toMatchObject({ items: [{ id: site }] });
    expect((await ask('GET', `/v1/accounts/${account}/members`)).status).toBe(403);
    expect((await machine('PATCH', `/v1/accounts/${account}/members/${id}`, { role: 'reader' })).body).toMatchObject({
      role: 'reader',
      sites: [],
    });
    expect((await ask('POST', `/v1/accounts/${account}/leave`)).status).toBe(204);
    expect((await ask('GET', '/v1/sites')).body).toMatchObject({ items: [] });
  });
});

describe('invitations', () => {
  const invite = async (ask: Ask, account: AccountId, body: object) =>
    await ask('POST', `/v1/accounts/${account}/invitations`, body);

  test('make a new person who is logged in, and are good once', async () => {
    const { id, ask } = await newAccount();
    const made = await invite(ask, id, { role: 'owner', email: 'New@example.org' });
    expect(made).toMatchObject({ status: 201, body: { invitation: { state: 'open', email: 'new@example.org' } } });
    const token = secretOf(made);
    const visitor = makeVisitor(world.control);
    expect(await visitor.send('POST', '/v1/invitations/look', { token })).toMatchObject({
      status: 200,
      body: { role: 'owner', email: 'new@example.org' },
    });
    expect(
      await visitor.send('POST', '/v1/invitations/accept', { token, name: 'New', password: PASSWORD }),
    ).toMatchObject({ status: 200, body: { account: id, isNew: true } });
    expect((await visitor.send('GET', `/v1/accounts/${id}/members`)).status).toBe(200);
    expect(codeOf(await visitor.send('POST', '/v1/invitations/accept', { token }))).toBe('invitation.gone');
    const again = await makeVisitor(world.control).send('POST', '/v1/invitations/look', { token });
    expect(codeOf(again)).toBe('invitation.gone');
    expect((await ask('GET', `/v1/accounts/${id}/invitations`)).body).toMatchObject({ items: [{ state: 'accepted' }] });
    expect(world.control.logged.join('\n')).not.toContain(token);
  });

  test('add whoever is logged in, and tell a newcomer with a known address to log in', async () => {
    const { id, ask } = await newAccount();
    const { id: person, email } = await newPerson();
    const token = secretOf(await invite(ask, id, { role: 'reader' }));
    const stranger = makeVisitor(world.control);
    const newcomer = { token, email, name: 'X', password: PASSWORD };
    expect(codeOf(await stranger.send('POST', '/v1/invitations/accept', newcomer))).toBe('person.exists');
    expect(stranger.cookie('__Host-hofje')).toBeUndefined();
    const other = await asking(person);
    expect(await other('POST', '/v1/invitations/accept', { token })).toMatchObject({ body: { person, isNew: false } });
    const second = secretOf(await invite(ask, id, { role: 'owner' }));
    expect(codeOf(await other('POST', '/v1/invitations/accept', { token: second }))).toBe('membership.exists');
  });

  test('are accepted by one of many who try at the same moment', async () => {
    const { id, ask } = await newAccount();
    const token = secretOf(await invite(ask, id, { role: 'reader' }));
    const answers = await Promise.all(
      Array.from({ length: 4 }, async () =>
        (await asking((await newPerson()).id))('POST', '/v1/invitations/accept', { token }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404, 404, 404]);
    expect(((await ask('GET', `/v1/accounts/${id}/members`)).body as { items: unknown[] }).items).toHaveLength(2);
  });

  test('end when they are revoked, or whoever invited has lost the right', async () => {
    const { id, owner, ask } = await newAccount();
    const look = async (token: string) => codeOf(await machine('POST', '/v1/invitations/look', { token }));
    const made = await invite(ask, id, { role: 'reader' });
    const invitation = (made.body as { invitation: { id: string } }).invitation.id;
    const path = `/v1/accounts/${id}/invitations/${invitation}`;
    const { ask: stranger, id: strangers } = await newAccount();
    expect(codeOf(await stranger('DELETE', `/v1/accounts/${strangers}/invitations/${invitation}`))).toBe(
      'invitation.not-found',
    );
    expect((await ask('DELETE', path)).body).toMatchObject({ state: 'revoked' });
    expect(codeOf(await ask('DELETE', path))).toBe('invitation.over');
    expect(await look(secretOf(made))).toBe('invitation.gone');

    const kept = secretOf(await invite(ask, id, { role: 'owner' }));
    expect(await look(kept)).toBeUndefined();
    const heir = await newPerson();
    await makeMember(world.control, heir.id, id, 'owner');
    expect((await (await asking(heir.id))('DELETE', `/v1/accounts/${id}/members/${owner}`)).status).toBe(204);
    expect(await look(kept)).toBe('invitation.gone');
  });

  test('of operators come from administrators only, and no token invites', async () => {
    const admin = await newPerson('administrator');
    const ask = await asking(admin.id);
    const token = secretOf(await ask('POST', '/v1/invitations', { operatorRole: 'support' }));
    const { id } = await newPerson();
    expect((await (await asking(id))('POST', '/v1/invitations/accept', { token })).status).toBe(200);
    expect((await machine('GET', `/v1/people/${id}`)).body).toMatchObject({ operatorRole: 'support' });
    expect((await (await asking(id))('POST', '/v1/invitations', { operatorRole: 'administrator' })).status).toBe(403);
    const program = by(await makeTestToken(world.control, admin.id, ['read', 'write', 'operator']));
    expect((await program('POST', '/v1/invitations', { operatorRole: 'administrator' })).status).toBe(403);
  });

  test('another site cannot accept one in somebody’s browser', async () => {
    const { id, ask } = await newAccount();
    const token = secretOf(await invite(ask, id, { role: 'reader' }));
    const { headers } = await makeSession(world.control, (await newPerson()).id);
    for (const site of ['cross-site', 'same-site', 'none']) {
      const answer = await by({ ...headers, 'sec-fetch-site': site })('POST', '/v1/invitations/accept', { token });
      expect(codeOf(answer)).toBe('auth.cross-site');
    }
  });
});

describe('support', () => {
  test('looks with a reason and for a time; an owner sees it, allows changes, and ends it', async () => {
    const { id, ask } = await newAccount();
    const helper = await newPerson('support');
    const help = await asking(helper.id);
    await world.control.call(createSite, { body: { domain: `s${counter}.example`, account: id } });
    const path = `/v1/sites/s${counter}.example`;
    expect((await help('PUT', `${path}/tls`, { chain: 'x', key: 'y' })).status).toBe(403);
    expect((await help('GET', `${path}/logs`)).status).toBe(403);
    expect((await help('POST', `/v1/accounts/${id}/support`, { reason: 'x' })).status).toBe(400);
    const started = await help('POST', `/v1/accounts/${id}/support`, { reason: 'The mail does not come.', minutes: 5 });
    expect(started).toMatchObject({ status: 201, body: { writes: false, person: helper.id } });
    const access = (started.body as { id: string }).id;
    expect((await help('GET', `${path}/logs`)).status).toBe(200);
    expect((await help('PUT', `${path}/tls`, { chain: 'x', key: 'y' })).status).toBe(403);
    expect((await help('POST', `/v1/accounts/${id}/support/${access}/allow`, { writes: true })).status).toBe(403);

    expect((await ask('GET', `/v1/accounts/${id}/support`)).body).toMatchObject({
      items: [{ id: access, reason: 'The mail does not come.', endedAt: null }],
    });
    expect((await ask('POST', `/v1/accounts/${id}/support/${access}/allow`, { writes: true })).body).toMatchObject({
      writes: true,
    });
    expect(codeOf(await help('PUT', `${path}/tls`, { chain: 'x', key: 'y' }))).toBe('tls.invalid');
    // What decides who belongs to the account stays with its owners.
    expect((await help('DELETE', `/v1/accounts/${id}`)).status).toBe(403);
    expect((await help('POST', `/v1/accounts/${id}/invitations`, { role: 'owner' })).status).toBe(403);

    expect((await ask('POST', `/v1/accounts/${id}/support/${access}/end`)).status).toBe(200);
    expect((await help('PUT', `${path}/tls`, { chain: 'x', key: 'y' })).status).toBe(403);
    expect(codeOf(await ask('POST', `/v1/accounts/${id}/support/${access}/allow`, { writes: true }))).toBe(
      'support.over',
    );
  });

  test('is over when its time is, when the operator is none any more, and in other sessions', async () => {
    const { id } = await newAccount();
    const helper = await newPerson('support');
    const help = await asking(helper.id);
    const other = await asking(helper.id);
    await world.control.call(createSite, { body: { domain: `s${counter}.example`, account: id } });
    const logs = async (ask: Ask) => (await ask('GET', `/v1/sites/s${counter}.example/logs`)).status;
    const { body } = await help('POST', `/v1/accounts/${id}/support`, { reason: 'To look.' });
    expect(await logs(help)).toBe(200);
    expect(await logs(other)).toBe(403);
    const { db } = world.control.control.context;
    const past = new Date(Date.now() - 1000);
    const { id: access } = body as { id: `sup_${string}` };
    await db.updateTable('support_access').set({ expires_at: past }).where('id', '=', access).execute();
    expect(await logs(help)).toBe(403);
    await help('POST', `/v1/accounts/${id}/support`, { reason: 'To look again.' });
    expect(await logs(help)).toBe(200);
    await machine('PATCH', `/v1/people/${helper.id}`, { operatorRole: null });
    expect(await logs(help)).toBe(404);
  });
});
