import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestControl, type TestControl } from '../testing/harness.ts';
import { makePerson, makeVisitor, type Visitor } from '../testing/visitor.ts';
import { LIMITS } from './throttle.ts';
import { countTry, forgive, tidyThrottle } from './throttle-table.ts';

const PASSWORD = 'een fiets in het hofje';
const tooMany = { status: 429, body: { code: 'entrance.too-many' } };

let control: TestControl;
let email: string;

beforeAll(async () => {
  control = await startTestControl();
});
afterAll(async () => await control.stop());
beforeEach(async () => {
  await control.control.context.db.deleteFrom('throttle').execute();
  email = `p${randomBytes(6).toString('hex')}@example.org`;
  await makePerson(control, { email, password: PASSWORD });
});

const logIn = async (visitor: Visitor, password = PASSWORD, address = email) =>
  await visitor.send('POST', '/v1/session', { email: address, password });

/** Lets strangers' tries count until the person is blocked for them, without hashing each. */
async function guess(): Promise<void> {
  const key = { kind: 'person', of: email } as const;
  for (let tries = 0; tries < LIMITS.person.free; tries += 1) await countTry(control.control.context, [key]);
}

test('whoever guesses one person is stopped, whether or not there is one, and told when to come again', async () => {
  await guess();
  const known = await logIn(makeVisitor(control));
  expect(known).toMatchObject(tooMany);
  expect(known.headers['retry-after']).toBe('60');
  email = 'nobody@example.org';
  await guess();
  const unknown = await logIn(makeVisitor(control));
  const plain = (body: unknown) => ({ ...(body as object), requestId: '' });
  expect(plain(unknown.body)).toEqual(plain(known.body));
});

test('the owner gets in on a device that knows him, while strangers are stopped', async () => {
  const browser = makeVisitor(control);
  await logIn(browser);
  browser.forget('__Host-hofje');
  await guess();
  expect(await logIn(makeVisitor(control))).toMatchObject(tooMany);
  expect((await logIn(browser)).status).toBe(200);
});

test('a device that knows one person is no way around for another, nor is one that somebody made up', async () => {
  const browser = makeVisitor(control);
  await logIn(browser);
  const mine = email;
  email = `v${randomBytes(6).toString('hex')}@example.org`;
  await makePerson(control, { email, password: PASSWORD });
  await guess();
  expect(await logIn(browser)).toMatchObject(tooMany);
  const sealed = browser.cookie('__Host-hofje-device') ?? '';
  for (const text of ['AAAA', `${sealed.slice(0, -4)}AAAA`, 'x'.repeat(5000)]) {
    browser.setCookie('__Host-hofje-device', text);
    expect(await logIn(browser)).toMatchObject(tooMany);
  }
  expect(mine).not.toBe(email);
});

test('headers about where a request comes from move nobody', async () => {
  const key = { kind: 'address', of: '127.0.0.1' } as const;
  for (let tries = 0; tries < LIMITS.address.free; tries += 1) await countTry(control.control.context, [key]);
  for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'true-client-ip', 'cf-connecting-ip']) {
    const value = name === 'forwarded' ? 'for=203.0.113.7' : '203.0.113.7';
    const answer = await makeVisitor(control).send(
      'POST',
      '/v1/session',
      { email, password: PASSWORD },
      { headers: { [name]: value } },
    );
    expect(answer).toMatchObject(tooMany);
  }
});

test('tries at the same time count each: no more are let through than are free', async () => {
  const key = { kind: 'second', of: 'somebody' } as const;
  const tries = Array.from({ length: 40 }, async () => await countTry(control.control.context, [key]));
  const through = (await Promise.allSettled(tries)).filter(({ status }) => status === 'fulfilled');
  expect(through).toHaveLength(LIMITS.second.free);
});

test('what was right does not count, however often', async () => {
  const key = { kind: 'second', of: 'somebody' } as const;
  for (let tries = 0; tries < 3 * LIMITS.second.free; tries += 1) {
    await countTry(control.control.context, [key]);
    await forgive(control.control.context.db, [key]);
  }
});

test('the table forgets what is old, and names nobody', async () => {
  const { context } = control.control;
  await countTry(context, [{ kind: 'person', of: email }]);
  const rows = await context.db.selectFrom('throttle').select('key').execute();
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain(email);
  await tidyThrottle(context.db, new Date());
  expect(await context.db.selectFrom('throttle').select('key').execute()).toHaveLength(1);
  await tidyThrottle(context.db, new Date(Date.now() + 25 * 3600_000));
  expect(await context.db.selectFrom('throttle').select('key').execute()).toEqual([]);
});
