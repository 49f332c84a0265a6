import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Me } from '#contract/api/session.ts';
import type { Token } from '#contract/api/token.ts';
import type { TokenId } from '#model/id.ts';
import { startTestControl, type TestControl } from '../testing/harness.ts';
import { makePerson, makeVisitor, type Visitor } from '../testing/visitor.ts';
import { isTokenText } from './format.ts';

const PASSWORD = 'een fiets in het hofje';

let control: TestControl;
let email: string;
let browser: Visitor;

beforeAll(async () => {
  control = await startTestControl();
});
afterAll(async () => await control.stop());
beforeEach(async () => {
  email = `p${randomBytes(6).toString('hex')}@example.org`;
  await makePerson(control, { email, password: PASSWORD });
  browser = makeVisitor(control);
  await browser.send('POST', '/v1/session', { email, password: PASSWORD });
});

async function make(body: object = {}): Promise<Token & { readonly token: string; readonly id: TokenId }> {
  const made = await browser.send('POST', '/v1/tokens', { name: 'my script', scopes: ['read', 'write'], ...body });
  expect(made.status).toBe(201);
  return made.body as Token & { readonly token: string; readonly id: TokenId };
}

const me = async (token: string) => await control.send('GET', '/v1/session', { token });
const list = async () => ((await browser.send('GET', '/v1/tokens')).body as { items: Token[] }).items;

test('a token is shown once, kept as a hash, and lets its person in', async () => {
  const { token, id, expiresAt } = await make();
  expect(isTokenText(token)).toBe(true);
  expect(Math.round((Date.parse(expiresAt ?? '') - Date.now()) / 86_400_000)).toBe(90);
  expect(await me(token)).toMatchObject({ status: 200, body: { kind: 'person', person: { email }, session: null } });
  expect(JSON.stringify(await list())).not.toContain(token);
  const { db } = control.control.context;
  const rows = [await db.selectFrom('token').selectAll().execute(), await db.selectFrom('audit').selectAll().execute()];
  expect(JSON.stringify(rows)).not.toContain(token);
  expect(control.logged.join('\n')).not.toContain(token);
  expect((await list()).find((each) => each.id === id)?.lastUsedAt).not.toBeNull();
});

test('its last use is written once a minute at most', async () => {
  const { token, id } = await make();
  await me(token);
  const first = (await list()).find((each) => each.id === id)?.lastUsedAt;
  for (let uses = 0; uses < 3; uses += 1) await me(token);
  expect((await list()).find((each) => each.id === id)?.lastUsedAt).toBe(first);
});

test('a revoked or expired token is worth nothing at once', async () => {
  const revoked = await make();
  expect((await browser.send('DELETE', `/v1/tokens/${revoked.id}`)).status).toBe(200);
  expect((await me(revoked.token)).status).toBe(401);
  const expired = await make();
  await control.control.context.db
    .updateTable('token')
    .set({ expires_at: new Date(Date.now() - 1) })
    .where('id', '=', expired.id)
    .execute();
  expect((await me(expired.token)).status).toBe(401);
});

test('a token makes no token, opens no session and touches no factor', async () => {
  const { token } = await make({ scopes: ['read', 'write', 'mail', 'exec'] });
  for (const [method, path, body] of [
    ['POST', '/v1/tokens', { name: 'another', scopes: ['read'] }],
    ['GET', '/v1/sessions', undefined],
    ['DELETE', '/v1/sessions', undefined],
    ['GET', '/v1/factors', undefined],
    ['PUT', '/v1/factors/password', { current: PASSWORD, password: 'een boot in de gracht' }],
    ['POST', '/v1/session/proof', { password: PASSWORD }],
    ['DELETE', '/v1/session', undefined],
  ] as const) {
    expect(await control.send(method, path, { token, body })).toMatchObject({
      status: 403,
      body: { code: 'auth.refused' },
    });
  }
});

test('nobody gets more by a token than he has', async () => {
  const asked = await browser.send('POST', '/v1/tokens', { name: 'all', scopes: ['operator'] });
  expect(asked).toMatchObject({ status: 422, body: { code: 'token.scope' } });
  const foreign = await browser.send('POST', '/v1/tokens', { name: 'x', scopes: ['read'], account: 'nobody-has-it' });
  expect(foreign).toMatchObject({ status: 404, body: { code: 'account.not-found' } });
});

test('nobody sees or revokes the token of somebody else', async () => {
  const mine = await make();
  email = `q${randomBytes(6).toString('hex')}@example.org`;
  await makePerson(control, { email, password: PASSWORD });
  const other = makeVisitor(control);
  await other.send('POST', '/v1/session', { email, password: PASSWORD });
  expect((await other.send('GET', '/v1/tokens')).body).toEqual({ items: [] });
  expect((await other.send('DELETE', `/v1/tokens/${mine.id}`)).status).toBe(404);
  expect((await me(mine.token)).status).toBe(200);
});

test('the token of somebody who is shut out is worth nothing', async () => {
  const { token } = await make();
  const shown = (await me(token)).body as Me;
  await control.control.context.db
    .updateTable('person')
    .set({ disabled_at: new Date() })
    .where('email', '=', shown.person?.email ?? '')
    .execute();
  expect((await me(token)).status).toBe(401);
});

test('an account, one knows of or not, is answered alike', async () => {
  await control.send('POST', '/v1/accounts', { body: { name: 'somebodys', email: 'x@example.net' } });
  const plain = async (account: string) => {
    const { body } = await browser.send('POST', '/v1/tokens', { name: 'x', scopes: ['read'], account });
    return { ...(body as { detail: string }), requestId: '', detail: '' };
  };
  expect(await plain('somebodys')).toEqual(await plain('nobodys'));
});

test('the machine makes a token for somebody; an administrator does not', async () => {
  const body = { name: 'for the backup', scopes: ['read'] };
  const made = await control.send('POST', `/v1/people/${email}/tokens`, { body });
  expect(made.status).toBe(201);
  expect((await me((made.body as { token: string }).token)).body).toMatchObject({ person: { email } });
  const boss = `b${randomBytes(6).toString('hex')}@example.org`;
  await makePerson(control, { email: boss, password: PASSWORD, operatorRole: 'administrator' });
  const other = makeVisitor(control);
  await other.send('POST', '/v1/session', { email: boss, password: PASSWORD });
  expect(await other.send('POST', `/v1/people/${email}/tokens`, body)).toMatchObject({ status: 403 });
  expect((await browser.send('POST', `/v1/people/${boss}/tokens`, body)).status).toBe(404);
});
