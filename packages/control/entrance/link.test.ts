import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ControlMessage, Question } from '#contract/agent/messages.ts';
import { findOperator, makeLoginLink } from '#contract/api/session.ts';
import type { PersonId } from '#model/id.ts';
import { makePerson, makeVisitor } from '../testing/visitor.ts';
import { startTestWorld, type TestWorld } from '../testing/world.ts';

const PASSWORD = 'een fiets in het hofje';
const NEXT = 'een boot in de gracht';
type Mail = Extract<Question, { ask: 'mail-send' }>;

let world: TestWorld;
let email: string;
let person: PersonId;
const mails: Mail[] = [];

beforeAll(async () => {
  const onMessage = (message: ControlMessage, answer: (answered: never) => void) => {
    if (message.kind !== 'ask' || message.question.ask !== 'mail-send') return;
    mails.push(message.question);
    answer({ kind: 'answer', id: message.id, ok: true, value: null } as never);
  };
  world = await startTestWorld({ follow: { onMessage } });
});
afterAll(async () => await world.stop());
beforeEach(async () => {
  await world.control.control.context.db.deleteFrom('throttle').execute();
  email = `p${randomBytes(6).toString('hex')}@example.org`;
  person = await makePerson(world.control, { email, password: PASSWORD });
});
afterEach(() => void mails.splice(0));

const send = async (path: string, body: object, headers = {}) =>
  await makeVisitor(world.control).send('POST', path, body, { headers });
const secretOf = (text: string) => /#([\w-]{43})$/m.exec(text)?.[1] ?? '';
const gone = { status: 410, body: { code: 'link.gone' } };

async function mailedSecret(): Promise<string> {
  await send('/v1/resets', { email });
  await expect.poll(() => mails.length).toBe(1);
  return secretOf(mails[0]?.text ?? '');
}

test('a link is mailed to the person of an address, and to nobody for one that nobody has', async () => {
  const known = await send('/v1/resets', { email: email.toUpperCase() });
  const unknown = await send('/v1/resets', { email: 'nobody@example.org' });
  expect(known).toMatchObject({ status: 202, body: { sent: 'perhaps' } });
  expect([unknown.status, unknown.text]).toEqual([known.status, known.text]);
  await expect.poll(() => mails.length).toBe(1);
  expect(mails[0]).toMatchObject({ to: email, from: 'noreply@localhost' });
  expect(secretOf(mails[0]?.text ?? '')).not.toBe('');
});

test('where the link leads stands in the configuration, whatever host a request names', async () => {
  const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' };
  await send('/v1/resets', { email }, headers);
  await expect.poll(() => mails.length).toBe(1);
  expect(mails[0]?.text).toContain(`${world.control.url}/reset#`);
  expect(mails[0]?.text).not.toContain('evil');
});

test('a link sets a new password once, and all sessions end', async () => {
  const browser = makeVisitor(world.control);
  await browser.send('POST', '/v1/session', { email, password: PASSWORD });
  const token = await mailedSecret();
  expect(await send('/v1/resets/use', { token, password: 'short' })).toMatchObject({ status: 422 });
  expect((await send('/v1/resets/use', { token, password: NEXT })).status).toBe(204);
  expect((await browser.send('GET', '/v1/session')).status).toBe(401);
  expect((await send('/v1/session', { email, password: PASSWORD })).status).toBe(401);
  expect((await send('/v1/session', { email, password: NEXT })).status).toBe(200);
  expect(await send('/v1/resets/use', { token, password: PASSWORD })).toMatchObject(gone);
});

test('of two who use one link at the same time, one sets the password', async () => {
  const token = await mailedSecret();
  const answers = await Promise.all(
    [NEXT, `${NEXT}!`].map(async (password) => await send('/v1/resets/use', { token, password })),
  );
  expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 410]);
});

test('a link is good for half an hour, and none is after the password was changed', async () => {
  const token = await mailedSecret();
  const { db } = world.control.control.context;
  await db
    .updateTable('login_link')
    .set({ expires_at: new Date(Date.now() - 1) })
    .where('person_id', '=', person)
    .execute();
  expect(await send('/v1/resets/use', { token, password: NEXT })).toMatchObject(gone);
  const browser = makeVisitor(world.control);
  await browser.send('POST', '/v1/session', { email, password: PASSWORD });
  mails.splice(0);
  const later = await mailedSecret();
  await browser.send('PUT', '/v1/factors/password', { current: PASSWORD, password: NEXT });
  expect(await send('/v1/resets/use', { token: later, password: PASSWORD })).toMatchObject(gone);
});

test('one person gets a few mails an hour, whoever asks', async () => {
  for (let times = 0; times < 8; times += 1) await send('/v1/resets', { email });
  await expect.poll(() => mails.length).toBe(3);
  await send('/v1/resets', { email: 'nobody@example.org' });
  expect(mails).toHaveLength(3);
});

test('a reset is no log-in link, and a log-in link no reset', async () => {
  const token = await mailedSecret();
  expect(await send('/v1/session/link', { token })).toMatchObject(gone);
  const link = await world.control.call(makeLoginLink, { body: { person: email } });
  expect(await send('/v1/resets/use', { token: secretOf(link.url), password: NEXT })).toMatchObject(gone);
  expect((await send('/v1/resets/use', { token, password: NEXT })).status).toBe(204);
});

test('a log-in link of the machine lets its person in once, also when two use it at the same time', async () => {
  const link = await world.control.call(makeLoginLink, { body: { person: email } });
  expect(link).toMatchObject({ person, url: expect.stringMatching(/\/welcome#[\w-]{43}$/) });
  const token = secretOf(link.url);
  const answers = await Promise.all([1, 2].map(async () => await send('/v1/session/link', { token })));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 410]);
  expect(answers.find(({ status }) => status === 200)?.body).toMatchObject({
    me: { person: { email }, session: { factors: ['link'] } },
  });
});

test('only the machine makes such links, no administrator does', async () => {
  const boss = `b${randomBytes(6).toString('hex')}@example.org`;
  await makePerson(world.control, { email: boss, password: PASSWORD, operatorRole: 'administrator' });
  const browser = makeVisitor(world.control);
  await browser.send('POST', '/v1/session', { email: boss, password: PASSWORD });
  expect(await browser.send('POST', '/v1/login-links', { person: email })).toMatchObject({
    status: 403,
    body: { code: 'auth.refused' },
  });
  expect(await send('/v1/login-links', { person: email })).toMatchObject({ status: 401 });
});

test('no link is logged or written into the audit', async () => {
  const token = await mailedSecret();
  const link = await world.control.call(makeLoginLink, { body: { person: email } });
  await send('/v1/session/link', { token: secretOf(link.url) });
  await send('/v1/resets/use', { token, password: NEXT });
  const { db } = world.control.control.context;
  const kept = JSON.stringify([await db.selectFrom('audit').selectAll().execute(), world.control.logged]);
  for (const secret of [token, secretOf(link.url), NEXT]) expect(kept).not.toContain(secret);
});

test('the first administrator is invited by the machine; later links let one in', async () => {
  const { db } = world.control.control.context;
  await db.deleteFrom('person').where('operator_role', 'is not', null).execute();
  expect(await world.control.call(findOperator, {})).toEqual({ exists: false });
  const before = await world.control.call(makeLoginLink, { body: { operator: true } });
  const link = await world.control.call(makeLoginLink, { body: { operator: true } });
  expect(link).toMatchObject({ person: null, url: expect.stringMatching(/\/invitation#[\w-]{43}$/) });
  const who = { name: 'The Operator', email: `o${randomBytes(6).toString('hex')}@example.org`, password: PASSWORD };
  const accept = async (url: string) => await send('/v1/invitations/accept', { token: secretOf(url), ...who });
  expect((await accept(before.url)).status).toBeGreaterThanOrEqual(400);
  const answers = await Promise.all([accept(link.url), accept(link.url)]);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(await world.control.call(findOperator, {})).toEqual({ exists: true });
  const again = await world.control.call(makeLoginLink, { body: { operator: true } });
  expect(again.url).toContain('/welcome#');
  const browser = makeVisitor(world.control);
  await browser.send('POST', '/v1/session/link', { token: secretOf(again.url) });
  expect((await browser.send('GET', '/v1/nodes')).status).toBe(200);
});

test('an invitation with an address is mailed, with a link to our own panel', async () => {
  const body = { role: 'owner', email: 'guest@example.org' };
  const made = await world.control.send('POST', '/v1/accounts/alice/invitations', {
    body,
    headers: { 'x-forwarded-host': 'evil.example' },
  });
  expect(made.status).toBe(201);
  await expect.poll(() => mails.length).toBe(1);
  expect(mails[0]).toMatchObject({ to: 'guest@example.org', subject: 'An invitation to Hofje' });
  expect(mails[0]?.text).toContain((made.body as { url: string }).url);
  expect(mails[0]?.text).toContain('the account alice');
});

test('whoever has lost the password sets a new one after a link of the machine, for ten minutes', async () => {
  const { db } = world.control.control.context;
  const browser = makeVisitor(world.control);
  const link = await world.control.call(makeLoginLink, { body: { person: email } });
  await browser.send('POST', '/v1/session/link', { token: secretOf(link.url) });
  const change = async () => await browser.send('PUT', '/v1/factors/password', { password: NEXT });
  await db
    .updateTable('session')
    .set({ proven_at: new Date(0) })
    .where('person_id', '=', person)
    .execute();
  expect(await change()).toMatchObject({ status: 403, body: { code: 'auth.step-up' } });
  await db.updateTable('session').set({ proven_at: new Date() }).where('person_id', '=', person).execute();
  expect((await change()).status).toBe(200);
  expect((await send('/v1/session', { email, password: NEXT })).status).toBe(200);
  // Now there is one that is known, and it is asked for.
  expect(await change()).toMatchObject({ status: 422, body: { code: 'password.wrong' } });
});
