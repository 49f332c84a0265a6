import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Entrance, Me, Session } from '#contract/api/session.ts';
import type { PersonId } from '#model/id.ts';
import { startTestControl, type TestControl } from '../testing/harness.ts';
import { makePerson, makeVisitor, type Visitor } from '../testing/visitor.ts';

const PASSWORD = 'een fiets in het hofje';
const COOKIE = '__Host-hofje';
const wrong = { status: 401, body: expect.objectContaining({ code: 'entrance.wrong' }) };

let control: TestControl;
let person: PersonId;
let email: string;
let browser: Visitor;

beforeAll(async () => {
  control = await startTestControl();
});
afterAll(async () => await control.stop());
beforeEach(async () => {
  email = `p${randomBytes(6).toString('hex')}@example.org`;
  person = await makePerson(control, { email, password: PASSWORD });
  browser = makeVisitor(control);
  await control.control.context.db.deleteFrom('throttle').execute();
});

const logIn = async (visitor: Visitor = browser, password = PASSWORD) =>
  await visitor.send('POST', '/v1/session', { email, password });
const me = async (visitor: Visitor = browser) => await visitor.send('GET', '/v1/session');

test('address and password let a person in, whose cookie no script reads and no other site sends', async () => {
  const answer = await logIn();
  expect(answer.status).toBe(200);
  const lines = [answer.headers['set-cookie'] ?? []].flat();
  expect(lines).toHaveLength(2);
  for (const line of lines)
    expect(line).toMatch(/^__Host-[^;]+; Max-Age=\d+; Path=\/; Secure; HttpOnly; SameSite=Strict$/);
  const shown = (await me()).body as Me;
  expect(shown).toMatchObject({ kind: 'person', person: { id: person, email }, session: { factors: ['password'] } });
  expect(shown).toEqual((answer.body as Entrance).me);
});

test('the address counts in any case, the password only as it is', async () => {
  email = email.toUpperCase();
  expect((await logIn()).status).toBe(200);
  expect(await logIn(browser, PASSWORD.toUpperCase())).toMatchObject(wrong);
});

test('an address that nobody has and a wrong password get the same answer', async () => {
  const known = await logIn(browser, 'not the password');
  email = 'nobody-at-all@example.org';
  const unknown = await logIn(browser, 'not the password');
  const plain = (body: unknown) => ({ ...(body as object), requestId: '' });
  expect(plain(unknown.body)).toEqual(plain(known.body));
  expect(known).toMatchObject(wrong);
  const names = (headers: object) => Object.keys(headers).sort();
  expect(names(unknown.headers)).toEqual(names(known.headers));
});

test('a planted secret never becomes a session: each log-in makes its own, and ends the one it came with', async () => {
  const planted = randomBytes(32).toString('base64url');
  browser.setCookie(COOKIE, planted);
  await logIn();
  expect(browser.cookie(COOKIE)).not.toBe(planted);
  const first = browser.cookie(COOKIE) ?? '';
  await logIn();
  expect(browser.cookie(COOKIE)).not.toBe(first);
  const thief = makeVisitor(control);
  for (const secret of [planted, first]) {
    thief.setCookie(COOKIE, secret);
    expect((await me(thief)).status).toBe(401);
  }
});

test('two session cookies in one request are none: nobody can put his own before another', async () => {
  await logIn();
  const mine = browser.cookie(COOKIE);
  const headers = { cookie: `${COOKIE}=${randomBytes(32).toString('base64url')}; ${COOKIE}=${mine}` };
  expect((await browser.send('GET', '/v1/session', undefined, { headers })).status).toBe(401);
});

test('a cookie that was stolen is worth nothing after logging out', async () => {
  await logIn();
  const thief = makeVisitor(control);
  thief.setCookie(COOKIE, browser.cookie(COOKIE) ?? '');
  expect((await me(thief)).status).toBe(200);
  expect((await browser.send('DELETE', '/v1/session')).status).toBe(204);
  expect(browser.cookie(COOKIE)).toBeUndefined();
  expect((await me(thief)).status).toBe(401);
});

test('a proof gives a new cookie, and the old one is worth nothing', async () => {
  await logIn();
  const old = browser.cookie(COOKIE) ?? '';
  await control.control.context.db
    .updateTable('session')
    .set({ proven_at: new Date(0) })
    .where('person_id', '=', person)
    .execute();
  expect((await me()).body).toMatchObject({ session: { provenUntil: null } });
  expect(await browser.send('POST', '/v1/session/proof', { password: 'not it at all' })).toMatchObject({
    status: 422,
    body: { code: 'entrance.proof-wrong' },
  });
  const proven = await browser.send('POST', '/v1/session/proof', { password: PASSWORD });
  expect(proven).toMatchObject({ status: 200, body: { session: { provenUntil: expect.any(String) } } });
  expect(browser.cookie(COOKIE)).not.toBe(old);
  const thief = makeVisitor(control);
  thief.setCookie(COOKIE, old);
  expect((await me(thief)).status).toBe(401);
  expect((await me()).status).toBe(200);
});

test('a session ends when it is idle for three days, and in any case in time', async () => {
  await logIn();
  const { db } = control.control.context;
  const set = async (values: { last_seen_at?: Date; expires_at?: Date }) =>
    await db.updateTable('session').set(values).where('person_id', '=', person).execute();
  await set({ last_seen_at: new Date(Date.now() - 3 * 86_400_000 - 1000) });
  expect((await me()).status).toBe(401);
  await set({ last_seen_at: new Date() });
  expect((await me()).status).toBe(200);
  await set({ expires_at: new Date(Date.now() - 1) });
  expect((await me()).status).toBe(401);
});

test('an operator has a day, others two weeks', async () => {
  const lasts = async () => {
    const { session } = ((await logIn()).body as { me: Me }).me;
    return Math.round((Date.parse(session?.expiresAt ?? '') - Date.parse(session?.createdAt ?? '')) / 86_400_000);
  };
  expect(await lasts()).toBe(14);
  await control.control.context.db
    .updateTable('person')
    .set({ operator_role: 'support' })
    .where('id', '=', person)
    .execute();
  expect(await lasts()).toBe(1);
});

test('a disabled person is out at once, and does not get in', async () => {
  await logIn();
  await control.control.context.db
    .updateTable('person')
    .set({ disabled_at: new Date() })
    .where('id', '=', person)
    .execute();
  expect((await me()).status).toBe(401);
  expect(await logIn()).toMatchObject(wrong);
});

test('sessions are listed for their own person, who can end one, or all others', async () => {
  const others = [makeVisitor(control), makeVisitor(control), makeVisitor(control)];
  for (const each of [browser, ...others]) await logIn(each);
  const list = async () => ((await browser.send('GET', '/v1/sessions')).body as { items: Session[] }).items;
  const items = await list();
  expect(items).toHaveLength(4);
  expect(items.filter(({ current }) => current)).toHaveLength(1);
  const one = items.find(({ current }) => !current);
  expect((await browser.send('DELETE', `/v1/sessions/${one?.id}`)).status).toBe(204);
  expect(await list()).toHaveLength(3);
  expect((await browser.send('DELETE', '/v1/sessions')).body).toEqual({ ended: 2 });
  for (const each of others) expect((await me(each)).status).toBe(401);
  expect((await me()).status).toBe(200);
});

test('nobody ends, or learns of, the session of somebody else', async () => {
  await logIn();
  const mine = ((await me()).body as Me).session?.id;
  email = `q${randomBytes(6).toString('hex')}@example.org`;
  await makePerson(control, { email, password: PASSWORD });
  const other = makeVisitor(control);
  await logIn(other);
  const strange = await other.send('DELETE', `/v1/sessions/${mine}`);
  const missing = await other.send('DELETE', '/v1/sessions/ses_00000000000000000000');
  expect(strange.status).toBe(404);
  expect({ ...(strange.body as object), requestId: '' }).toEqual({ ...(missing.body as object), requestId: '' });
  expect((await me()).status).toBe(200);
});

test('a change of the password ends all other sessions, and needs the old one', async () => {
  const other = makeVisitor(control);
  await logIn(other);
  await logIn();
  const old = browser.cookie(COOKIE);
  const change = async (current: string | undefined, password: string) =>
    await browser.send('PUT', '/v1/factors/password', { ...(current !== undefined && { current }), password });
  expect(await change('not the old one', 'een boot in de gracht')).toMatchObject({
    status: 422,
    body: { code: 'password.wrong' },
  });
  expect(await change(undefined, 'een boot in de gracht')).toMatchObject({
    status: 422,
    body: { code: 'password.wrong' },
  });
  expect(await change(PASSWORD, 'Password123')).toMatchObject({ status: 422, body: { code: 'password.weak' } });
  expect((await me(other)).status).toBe(200);
  expect((await change(PASSWORD, 'een boot in de gracht')).status).toBe(200);
  expect((await me(other)).status).toBe(401);
  expect((await me()).status).toBe(200);
  expect(browser.cookie(COOKIE)).not.toBe(old);
  expect(await logIn()).toMatchObject(wrong);
  expect((await logIn(browser, 'een boot in de gracht')).status).toBe(200);
});

test('what another site sends with the cookie, or begins in a browser, is refused', async () => {
  await logIn();
  const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://elsewhere.example' };
  for (const [method, path, body] of [
    ['DELETE', '/v1/session', undefined],
    ['POST', '/v1/session', { email, password: PASSWORD }],
    ['POST', '/v1/session/passkey', { passkey: { id: 'a', rawId: 'a', type: 'public-key', response: {} } }],
    ['POST', '/v1/resets', { email }],
  ] as const) {
    const answer = await browser.send(method, path, body, { headers });
    expect(answer).toMatchObject({ status: 403, body: { code: 'auth.cross-site' } });
    expect(answer.headers['set-cookie']).toBeUndefined();
  }
  expect((await me()).status).toBe(200);
});

test('line breaks in what is typed, and in what a browser says of itself, forge no header, no log line and no session', async () => {
  for (const text of ['a\r\nSet-Cookie: x=1', 'a\nb@example.org', '\u0000', '\u2028']) {
    const answer = await browser.send('POST', '/v1/session', { email: text, password: text });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.headers['set-cookie']).toBeUndefined();
  }
  for (const line of control.logged) expect(() => JSON.parse(line)).not.toThrow();
});

test('no password, cookie or link is logged', async () => {
  await logIn();
  await logIn(browser, 'a wrong secret of mine');
  const logged = control.logged.join('\n');
  for (const secret of [PASSWORD, 'a wrong secret of mine', browser.cookie(COOKIE) ?? '?', email])
    expect(logged).not.toContain(secret);
});

test('a hash of lower cost is replaced when its password is shown', async () => {
  const { hash } = await import('@node-rs/argon2');
  const { db } = control.control.context;
  const cheap = `{ARGON2ID}${await hash(PASSWORD, { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 })}`;
  await db.updateTable('person').set({ password_hash: cheap }).where('id', '=', person).execute();
  expect((await logIn()).status).toBe(200);
  const row = await db.selectFrom('person').select('password_hash').where('id', '=', person).executeTakeFirst();
  expect(row?.password_hash).toMatch(/^\{ARGON2ID\}\$argon2id\$v=19\$m=65536,t=3,p=1\$/);
  expect((await logIn()).status).toBe(200);
});
