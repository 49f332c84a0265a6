import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Factors } from '#contract/api/factor.ts';
import type { Entrance } from '#contract/api/session.ts';
import type { PersonId } from '#model/id.ts';
import { Authenticator } from '#test/support/authenticator.ts';
import { freePort, startTestControl, type TestControl } from '../testing/harness.ts';
import { makePerson, makeVisitor, type Visitor } from '../testing/visitor.ts';
import { totpCode, totpStep } from './totp.ts';

const PASSWORD = 'een fiets in het hofje';

let control: TestControl;
let origin: string;
let person: PersonId;
let email: string;
let browser: Visitor;

beforeAll(async () => {
  const port = await freePort();
  origin = `https://localhost:${port}`;
  control = await startTestControl({
    config: { listen: [{ host: '127.0.0.1', port }], publicUrls: { client: origin, node: origin } },
  });
});
afterAll(async () => await control.stop());
beforeEach(async () => {
  email = `p${randomBytes(6).toString('hex')}@example.org`;
  person = await makePerson(control, { email, password: PASSWORD });
  browser = makeVisitor(control);
  await control.control.context.db.deleteFrom('throttle').execute();
  await logIn();
});

const logIn = async (visitor: Visitor = browser) =>
  await visitor.send('POST', '/v1/session', { email, password: PASSWORD });
const half = async (visitor: Visitor = makeVisitor(control)) => (await logIn(visitor)).body as Entrance;
const second = async (begun: Entrance, given: object, visitor: Visitor = makeVisitor(control)) =>
  await visitor.send('POST', '/v1/session/second', { half: begun.half, ...given });
const factors = async () => (await browser.send('GET', '/v1/factors')).body as Factors;
const unproven = async () =>
  await control.control.context.db
    .updateTable('session')
    .set({ proven_at: new Date(0) })
    .where('person_id', '=', person)
    .execute();
const codeWrong = { status: 401, body: { code: 'entrance.code-wrong' } };
const refused = { status: 422, body: { code: 'passkey.refused' } };
const stepUp = { status: 403, body: { code: 'auth.step-up' } };

/** An authenticator app that is confirmed: its codes (by steps from now), and the recovery codes. */
async function addApp() {
  const begun = await browser.send('POST', '/v1/factors/totp');
  expect(begun.status).toBe(201);
  const { uri, secret } = begun.body as { uri: string; secret: string };
  expect(new URL(uri).searchParams.get('secret')).toBe(secret);
  const key = fromBase32(secret);
  const code = (ahead = 0) => totpCode(key, totpStep(new Date()) + ahead);
  const confirmed = await browser.send('POST', '/v1/factors/totp/confirm', { code: code(-1) });
  expect(confirmed.status).toBe(200);
  return { code, recoveryCodes: (confirmed.body as { recoveryCodes: string[] }).recoveryCodes };
}

async function addPasskey(authenticator: Authenticator, name = 'my phone') {
  const options = (await browser.send('POST', '/v1/factors/passkeys/options')).body as object;
  return await browser.send('POST', '/v1/factors/passkeys', { name, passkey: authenticator.create(options) });
}

function fromBase32(text: string): Buffer {
  const signs = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...text].map((sign) => signs.indexOf(sign).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

test('with an app, a password alone is half a log-in, and each code is good once', async () => {
  const { code } = await addApp();
  expect((await factors()).totp.confirmedAt).not.toBeNull();
  const begun = await half();
  expect(begun).toMatchObject({ me: null, needs: ['totp', 'recovery'], half: expect.any(String) });
  expect(await second(begun, { totp: '000000' })).toMatchObject(codeWrong);
  const used = code();
  expect(await second(begun, { totp: used })).toMatchObject({
    status: 200,
    body: { me: { session: { factors: ['password', 'totp'] } } },
  });
  // The same half again, and the same code with a new one.
  expect(await second(begun, { totp: code(1) })).toMatchObject({ status: 410, body: { code: 'entrance.half-gone' } });
  expect(await second(await half(), { totp: used })).toMatchObject(codeWrong);
});

test('of two who use one code at the same time, one gets in', async () => {
  const { code } = await addApp();
  const begun = [await half(), await half()];
  const answers = await Promise.all(begun.map(async (each) => await second(each, { totp: code() })));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401]);
});

test('a recovery code is good once, also when two use it at the same time; new ones end the old', async () => {
  const { recoveryCodes } = await addApp();
  expect(recoveryCodes).toHaveLength(10);
  const [first = '', next = '', last = ''] = recoveryCodes;
  const begun = [await half(), await half()];
  const answers = await Promise.all(begun.map(async (each) => await second(each, { recovery: first.toUpperCase() })));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401]);
  expect((await factors()).recoveryCodesLeft).toBe(9);
  expect((await second(await half(), { recovery: next })).status).toBe(200);
  const made = (await browser.send('POST', '/v1/factors/recovery-codes')).body as { recoveryCodes: string[] };
  expect(made.recoveryCodes).toHaveLength(10);
  expect(await second(await half(), { recovery: last })).toMatchObject(codeWrong);
  expect((await second(await half(), { recovery: made.recoveryCodes[0] })).status).toBe(200);
});

test('secrets of factors stand nowhere in the database as they are', async () => {
  const { recoveryCodes } = await addApp();
  const { db } = control.control.context;
  const rows = JSON.stringify([
    await db.selectFrom('person').selectAll().where('id', '=', person).execute(),
    await db.selectFrom('recovery_code').selectAll().where('person_id', '=', person).execute(),
    await db.selectFrom('audit').selectAll().execute(),
  ]);
  for (const code of recoveryCodes) expect(rows).not.toContain(code);
  expect(rows).not.toContain(PASSWORD);
});

test('what opens doors asks for a fresh proof', async () => {
  await addApp();
  await unproven();
  for (const [method, path, body] of [
    ['POST', '/v1/factors/recovery-codes', undefined],
    ['DELETE', '/v1/factors/totp', undefined],
    ['DELETE', '/v1/factors/password', undefined],
    ['POST', '/v1/factors/passkeys/options', undefined],
    ['POST', '/v1/tokens', { name: 'x', scopes: ['read'] }],
  ] as const)
    expect(await browser.send(method, path, body)).toMatchObject(stepUp);
  expect(await browser.send('POST', '/v1/session/proof/options')).toMatchObject({
    body: { means: ['password', 'totp'] },
  });
  expect((await browser.send('POST', '/v1/session/proof', { password: PASSWORD })).status).toBe(200);
  expect((await browser.send('POST', '/v1/factors/recovery-codes')).status).toBe(201);
});

test('a code for a log-in cannot be used for a proof again', async () => {
  const { code } = await addApp();
  const visitor = makeVisitor(control);
  const used = code();
  expect((await second(await half(), { totp: used }, visitor)).status).toBe(200);
  expect(await visitor.send('POST', '/v1/session/proof', { totp: used })).toMatchObject(codeWrong);
});

test('without the app the password is enough again, and the recovery codes are gone', async () => {
  const { recoveryCodes } = await addApp();
  expect(await browser.send('POST', '/v1/factors/totp')).toMatchObject({ status: 409, body: { code: 'totp.exists' } });
  expect((await browser.send('DELETE', '/v1/factors/totp')).status).toBe(200);
  expect(await factors()).toMatchObject({ totp: { confirmedAt: null }, recoveryCodesLeft: 0 });
  expect(recoveryCodes).toHaveLength(10);
  expect((await half()).me).not.toBeNull();
});

test('a half-done log-in is worth nothing after the password was changed', async () => {
  const { code } = await addApp();
  const begun = await half();
  await browser.send('PUT', '/v1/factors/password', { current: PASSWORD, password: 'een boot in de gracht' });
  expect(await second(begun, { totp: code() })).toMatchObject({ status: 410 });
});

test('a passkey alone lets a person in without a name, once per challenge', async () => {
  const phone = new Authenticator(origin);
  const added = await addPasskey(phone);
  expect(added).toMatchObject({
    status: 201,
    body: { factors: { passkeys: [{ name: 'my phone', lastUsedAt: null }] } },
  });
  expect((added.body as { recoveryCodes: string[] }).recoveryCodes).toHaveLength(10);
  const visitor = makeVisitor(control);
  const options = (await visitor.send('POST', '/v1/session/passkey/options')).body as object;
  const passkey = phone.get(options);
  expect(await visitor.send('POST', '/v1/session/passkey', { passkey })).toMatchObject({
    status: 200,
    body: { me: { person: { id: person }, session: { factors: ['passkey'] } } },
  });
  expect(await makeVisitor(control).send('POST', '/v1/session/passkey', { passkey })).toMatchObject(refused);
  expect((await factors()).passkeys[0]?.lastUsedAt).not.toBeNull();
});

test('of two who show one answer at the same time, one gets in', async () => {
  const phone = new Authenticator(origin);
  await addPasskey(phone);
  const options = (await makeVisitor(control).send('POST', '/v1/session/passkey/options')).body as object;
  const passkey = phone.get(options);
  const answers = await Promise.all(
    [1, 2, 3].map(async () => await makeVisitor(control).send('POST', '/v1/session/passkey', { passkey })),
  );
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 422, 422]);
});

test('a half-done log-in is finished once, also by two right codes at the same time', async () => {
  const { recoveryCodes } = await addApp();
  const begun = await half();
  const answers = await Promise.all(
    recoveryCodes.slice(0, 3).map(async (recovery) => await second(begun, { recovery })),
  );
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 410, 410]);
  // Those that came too late are not spent.
  expect((await factors()).recoveryCodesLeft).toBe(9);
});

test('a passkey is the second step after a password, and a proof', async () => {
  const phone = new Authenticator(origin);
  await addPasskey(phone);
  const begun = await half();
  expect(begun.needs).toEqual(['passkey', 'recovery']);
  const visitor = makeVisitor(control);
  expect((await second(begun, { passkey: phone.get(begun.passkey ?? {}) }, visitor)).status).toBe(200);
  await unproven();
  const asked = (await visitor.send('POST', '/v1/session/proof/options')).body as { passkey: object };
  const proof = phone.get(asked.passkey);
  expect((await visitor.send('POST', '/v1/session/proof', { passkey: proof })).status).toBe(200);
  expect(await visitor.send('POST', '/v1/session/proof', { passkey: proof })).toMatchObject(refused);
});

test.each([
  ['on another site', { origin: 'https://evil.example' }],
  ['on another port', { origin: 'https://localhost:1' }],
  ['for another site', { rpId: 'evil.example' }],
  ['without a finger or PIN', { verified: false }],
  ['with a count that has been', { counter: 1 }],
  ['to a challenge of its own', { challenge: randomBytes(32).toString('base64url') }],
])('an answer %s is refused, and uses its challenge up', async (_what, behaviour) => {
  const phone = new Authenticator(origin);
  await addPasskey(phone);
  const visitor = makeVisitor(control);
  const options = (await visitor.send('POST', '/v1/session/passkey/options')).body as { challenge: string };
  expect(await visitor.send('POST', '/v1/session/passkey', { passkey: phone.get(options, behaviour) })).toMatchObject(
    refused,
  );
  if ('challenge' in behaviour) return;
  expect(await visitor.send('POST', '/v1/session/passkey', { passkey: phone.get(options) })).toMatchObject(refused);
});

test('where the platform is comes from its configuration, never from the request', async () => {
  const phone = new Authenticator('https://evil.example');
  const visitor = makeVisitor(control);
  const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' };
  const options = (await visitor.send('POST', '/v1/session/passkey/options', undefined, { headers })).body as {
    rpId: string;
  };
  expect(options.rpId).toBe('localhost');
  expect(await addPasskey(phone)).toMatchObject(refused);
});

test('a challenge is good for what it was asked for, and for its person', async () => {
  const phone = new Authenticator(origin);
  const options = (await browser.send('POST', '/v1/factors/passkeys/options')).body as object;
  const made = phone.create(options);
  // Another person shows the answer that was made for this one.
  const stranger = makeVisitor(control);
  const other = `q${randomBytes(6).toString('hex')}@example.org`;
  await makePerson(control, { email: other, password: PASSWORD });
  await stranger.send('POST', '/v1/session', { email: other, password: PASSWORD });
  expect(await stranger.send('POST', '/v1/factors/passkeys', { name: 'stolen', passkey: made })).toMatchObject(refused);
  await addPasskey(phone);
  const login = (await makeVisitor(control).send('POST', '/v1/session/passkey/options')).body as object;
  expect(await browser.send('POST', '/v1/session/proof', { passkey: phone.get(login) })).toMatchObject(refused);
});

test('a passkey of one person is never the second step of another', async () => {
  const phone = new Authenticator(origin);
  await addPasskey(phone);
  const victim = `v${randomBytes(6).toString('hex')}@example.org`;
  await makePerson(control, { email: victim, password: PASSWORD });
  const hers = makeVisitor(control);
  await hers.send('POST', '/v1/session', { email: victim, password: PASSWORD });
  const options = (await hers.send('POST', '/v1/factors/passkeys/options')).body as object;
  await hers.send('POST', '/v1/factors/passkeys', { name: 'hers', passkey: new Authenticator(origin).create(options) });
  const begun = (await makeVisitor(control).send('POST', '/v1/session', { email: victim, password: PASSWORD }))
    .body as Entrance;
  expect(await second(begun, { passkey: phone.get(begun.passkey ?? {}) })).toMatchObject(refused);
});

test('the last means of logging in stays', async () => {
  const phone = new Authenticator(origin);
  expect(await browser.send('DELETE', '/v1/factors/password')).toMatchObject({
    status: 409,
    body: { code: 'factor.last' },
  });
  await addPasskey(phone);
  expect((await browser.send('DELETE', '/v1/factors/password')).status).toBe(200);
  const [passkey] = (await factors()).passkeys;
  expect(await browser.send('DELETE', `/v1/factors/passkeys/${passkey?.id}`)).toMatchObject({
    status: 409,
    body: { code: 'factor.last' },
  });
  expect(await logIn(makeVisitor(control))).toMatchObject({ status: 401, body: { code: 'entrance.wrong' } });
  expect(await browser.send('PUT', '/v1/factors/password', { password: 'een boot in de gracht' })).toMatchObject({
    status: 200,
  });
  expect((await browser.send('DELETE', `/v1/factors/passkeys/${passkey?.id}`)).status).toBe(200);
  expect(await factors()).toMatchObject({ passkeys: [], recoveryCodesLeft: 0, password: { set: true } });
});

test('of two last means that are removed at the same time, one stays', async () => {
  await addPasskey(new Authenticator(origin));
  const [passkey] = (await factors()).passkeys;
  const answers = await Promise.all([
    browser.send('DELETE', '/v1/factors/password'),
    browser.send('DELETE', `/v1/factors/passkeys/${passkey?.id}`),
  ]);
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
});

test('a passkey is called what its owner likes, and only by him', async () => {
  await addPasskey(new Authenticator(origin));
  const [passkey] = (await factors()).passkeys;
  const name = '<img src=x onerror=alert(1)>';
  expect(await browser.send('PATCH', `/v1/factors/passkeys/${passkey?.id}`, { name })).toMatchObject({
    body: { passkeys: [{ name }] },
  });
  const stranger = makeVisitor(control);
  const other = `q${randomBytes(6).toString('hex')}@example.org`;
  await makePerson(control, { email: other, password: PASSWORD });
  await stranger.send('POST', '/v1/session', { email: other, password: PASSWORD });
  for (const [method, body] of [
    ['PATCH', { name }],
    ['DELETE', undefined],
  ] as const)
    expect(await stranger.send(method, `/v1/factors/passkeys/${passkey?.id}`, body)).toMatchObject({ status: 404 });
});
