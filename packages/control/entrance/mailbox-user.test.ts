import { afterAll, beforeAll, expect, test } from 'vitest';
import { addDomain, overrideDomain, removeDomain, restoreDomain } from '#contract/api/domain.ts';
import { createMailbox, setPassword } from '#contract/api/mailbox.ts';
import { makePerson, makeVisitor, type Visitor } from '../testing/visitor.ts';
import { startTestWorld, type TestWorld } from '../testing/world.ts';

const PASSWORD = 'een fiets in het hofje';
const NEXT = 'een boot in de gracht';

let world: TestWorld;
let mailbox: string;
let other: string;

beforeAll(async () => {
  world = await startTestWorld();
  const { control } = world;
  await control.call(addDomain, { body: { account: 'alice', name: 'alice.example.net' } });
  await control.call(overrideDomain, { params: { domain: 'alice.example.net' }, body: { reason: 'known to us' } });
  const make = async (address: string) =>
    (await control.call(createMailbox, { body: { address, password: PASSWORD } })).id;
  mailbox = await make('bob@alice.example.net');
  other = await make('carol@alice.example.net');
});
afterAll(async () => await world.stop());

async function logIn(email = 'bob@alice.example.net', password = PASSWORD): Promise<Visitor> {
  const browser = makeVisitor(world.control);
  const answer = await browser.send('POST', '/v1/session', { email, password });
  expect(answer.status).toBe(200);
  return browser;
}

test('the user of a mailbox logs in with address and password, and sees it and nothing else', async () => {
  const browser = await logIn('Bob@Alice.example.net');
  expect((await browser.send('GET', '/v1/session')).body).toMatchObject({
    kind: 'mailbox',
    person: null,
    mailbox: { id: mailbox, address: 'bob@alice.example.net' },
    memberships: [],
  });
  expect((await browser.send('GET', `/v1/mailboxes/${mailbox}`)).status).toBe(200);
  expect(await browser.send('GET', `/v1/mailboxes/${other}`)).toMatchObject({ status: 404 });
  for (const path of ['/v1/accounts/alice', '/v1/domains/alice.example.net', '/v1/nodes', '/v1/factors', '/v1/tokens'])
    expect((await browser.send('GET', path)).status).toBeGreaterThanOrEqual(403);
  expect(await browser.send('DELETE', `/v1/mailboxes/${mailbox}`)).toMatchObject({ status: 403 });
});

test('he changes its password with the old one; his other sessions end', async () => {
  const elsewhere = await logIn();
  const browser = await logIn();
  const change = async (body: object) => await browser.send('PUT', `/v1/mailboxes/${mailbox}/password`, body);
  expect(await change({ password: NEXT })).toMatchObject({ status: 422, body: { code: 'password.wrong' } });
  expect(await change({ password: NEXT, current: 'not it at all' })).toMatchObject({ status: 422 });
  expect((await change({ password: NEXT, current: PASSWORD })).status).toBe(200);
  expect((await browser.send('GET', '/v1/session')).status).toBe(200);
  expect((await elsewhere.send('GET', '/v1/session')).status).toBe(401);
  await logIn('bob@alice.example.net', NEXT);
});

test('whoever manages the mailbox sets another without the old one, and all sessions end', async () => {
  const browser = await logIn('carol@alice.example.net');
  await world.control.call(setPassword, { params: { mailbox: other }, body: { password: NEXT } });
  expect((await browser.send('GET', '/v1/session')).status).toBe(401);
});

test('a person and a mailbox of the same address are told apart by the password', async () => {
  await makePerson(world.control, { email: 'dave@alice.example.net', password: 'een derde wachtwoord hier' });
  await world.control.call(createMailbox, { body: { address: 'dave@alice.example.net', password: PASSWORD } });
  const kind = async (password: string) =>
    (await (await logIn('dave@alice.example.net', password)).send('GET', '/v1/session')).body;
  expect(await kind(PASSWORD)).toMatchObject({ kind: 'mailbox' });
  expect(await kind('een derde wachtwoord hier')).toMatchObject({ kind: 'person' });
});

test('an unproven domain lets nobody in', async () => {
  await world.control.call(addDomain, { body: { account: 'bob', name: 'claimed.example.com' } });
  await world.control.call(createMailbox, { body: { address: 'eve@claimed.example.com', password: PASSWORD } });
  const answer = await makeVisitor(world.control).send('POST', '/v1/session', {
    email: 'eve@claimed.example.com',
    password: PASSWORD,
  });
  expect(answer).toMatchObject({ status: 401, body: { code: 'entrance.wrong' } });
});

test('while the domain is deleted, nobody comes in or stays', async () => {
  const { control } = world;
  const { id } = await control.call(createMailbox, { body: { address: 'dora@alice.example.net', password: PASSWORD } });
  const browser = await logIn('dora@alice.example.net');
  const params = { domain: 'alice.example.net' };
  await control.call(removeDomain, { params });
  expect((await browser.send('GET', '/v1/session')).status).toBe(401);
  expect((await browser.send('GET', `/v1/mailboxes/${id}`)).status).toBe(401);
  await control.call(restoreDomain, { params });
  expect((await browser.send('GET', '/v1/session')).status).toBe(200);
});
