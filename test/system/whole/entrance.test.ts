import { spawn } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAccount } from '#contract/api/account.ts';
import { createMailbox } from '#contract/api/mailbox.ts';
import { createPerson, listPeople } from '#contract/api/person.ts';
import type { Me } from '#contract/api/session.ts';
import { run } from '#host/run.ts';
import { awaitLetter } from '#platform/demo/mail.ts';
import { doorLinks } from '#platform/demo/people.ts';
import { makeTestSite, openWhole, upAgain, type Whole } from './stage.ts';

const HERE = 'door.example';
const OPERATOR = { name: 'The Operator', email: `operator@${HERE}`, password: 'een fiets in het hofje' };
const NEXT = 'een boot in de gracht';
const ROOT = join(import.meta.dirname, '../../..');

let whole: Whole;
let home: string;
let agent: Agent;

beforeAll(async () => {
  whole = await openWhole();
  home = await mkdtemp(join(tmpdir(), 'hofje-home-'));
  agent = new Agent(whole.client.connection.ca === undefined ? {} : { ca: whole.client.connection.ca });
});
afterAll(async () => {
  agent?.destroy();
  await rm(home, { recursive: true, force: true });
  await whole?.close();
});

interface Said {
  readonly status: number;
  readonly body: unknown;
  readonly cookie: string;
}

/** As a browser on the panel's page does. */
async function say(base: string, method: string, path: string, body?: object, cookie = ''): Promise<Said> {
  const asked = request(new URL(path, base), {
    method,
    agent,
    headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', ...(cookie && { cookie }) },
  });
  asked.end(body === undefined ? undefined : JSON.stringify(body));
  return await new Promise((resolve, reject) => {
    asked.on('error', reject);
    asked.on('response', (response) => {
      const cookies = (response.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]);
      text(response).then(
        (said) =>
          resolve({
            status: response.statusCode ?? 0,
            body: said === '' ? undefined : JSON.parse(said),
            cookie: cookies.join('; '),
          }),
        reject,
      );
    });
  });
}

const split = (url: string) => {
  const { origin, pathname, hash } = new URL(url);
  return { origin, page: pathname, token: hash.slice(1) };
};

async function hofje(args: readonly string[], input = '', environment: Record<string, string> = {}) {
  const { HOFJE_STATE: _, ...inherited } = process.env;
  const env = { ...inherited, XDG_CONFIG_HOME: home, ...environment };
  const child = spawn(join(ROOT, 'hofje'), [...args, '--json'], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(input);
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.on('close', resolve)),
  ]);
  return { code, stderr, value: JSON.parse(stdout || 'null') as Record<string, unknown> };
}

test('up gives the first operator a link; whoever opens it runs the installation, and up gives no other', async () => {
  const { welcome } = await upAgain(whole.folders);
  const { origin, page, token } = split(welcome?.url ?? '');
  expect(page).toBe('/invitation');
  const accepted = await say(origin, 'POST', '/v1/invitations/accept', { token, ...OPERATOR });
  expect(accepted.status).toBe(200);
  const me = (await say(origin, 'GET', '/v1/session', undefined, accepted.cookie)).body as Me;
  expect(me).toMatchObject({ kind: 'person', person: { email: OPERATOR.email, operatorRole: 'administrator' } });
  expect((await upAgain(whole.folders)).welcome).toBeUndefined();
});

test("a forgotten password: the link comes by the platform's own mail", async () => {
  await makeTestSite(whole.client, HERE);
  const box = { user: OPERATOR.email, pass: 'the password of the mailbox' };
  await whole.client.call(createMailbox, { query: { wait: true }, body: { address: box.user, password: box.pass } });
  const { origin } = split(`${whole.client.connection.url.origin}/#`);
  expect((await say(origin, 'POST', '/v1/resets', { email: OPERATOR.email })).status).toBe(202);
  const letter = await awaitLetter(whole.endpoints.imap, box, 'A new password for Hofje');
  expect(letter).toMatch(/^From: Hofje <noreply@localhost>/m);
  expect(letter).toMatch(/^Auto-Submitted: auto-generated/m);
  const body = Buffer.from(letter.split(/\r?\n\r?\n/)[1] ?? '', 'base64').toString();
  const { token, page } = split(/https:\S+/.exec(body)?.[0] ?? '');
  expect(page).toBe('/reset');
  expect((await say(origin, 'POST', '/v1/resets/use', { token, password: NEXT })).status).toBe(204);
  expect(
    (await say(origin, 'POST', '/v1/session', { email: OPERATOR.email, password: OPERATOR.password })).status,
  ).toBe(401);
  expect((await say(origin, 'POST', '/v1/session', { email: OPERATOR.email, password: NEXT })).status).toBe(200);
  // The mailbox has a password of its own, and its user comes in at the same door.
  const asMailbox = await say(origin, 'POST', '/v1/session', { email: box.user, password: box.pass });
  expect(asMailbox.body).toMatchObject({ me: { kind: 'mailbox' } });
});

test('the command line: a person and a token made on the machine, a login, what it may, and its end', async () => {
  const machine = { HOFJE_STATE: whole.folders.root };
  const email = `alice@${HERE}`;
  await whole.client.call(createPerson, { body: { email, name: 'Alice' } });
  const made = await hofje(['token', 'create', 'laptop', '--person', email, '--scopes', 'read'], '', machine);
  expect(made.code, made.stderr).toBe(0);
  const api = whole.client.connection.url.href;
  const ca = join(whole.folders.control, 'pki', 'ca.cert.pem');
  const wrong = await hofje(['login', '--api', api, '--ca', ca], `hofje_${'0'.repeat(40)}\n`);
  expect(wrong.code).not.toBe(0);
  const login = await hofje(['login', '--api', api, '--ca', ca], `${made.value['token']}\n`);
  expect(login.code, login.stderr).toBe(0);
  expect((await stat(String(login.value['file']))).mode & 0o777).toBe(0o600);
  // Alice has no account yet: she sees nothing, and may not list people.
  expect((await hofje(['account', 'list'])).value).toEqual({ items: [] });
  expect((await hofje(['person', 'list'])).code).toBe(77);
  const listed = await hofje(['token', 'list']);
  expect(JSON.stringify(listed.value)).not.toContain(String(made.value['token']));
  expect((await hofje(['token', 'revoke', String(made.value['id'])])).code).not.toBe(0);
  expect((await hofje(['logout'])).value).toEqual({ forgotten: true });
  expect((await hofje(['person', 'disable', email], '', machine)).code).toBe(0);
  expect((await hofje(['login', '--api', api, '--ca', ca], `${made.value['token']}\n`)).code).not.toBe(0);
  const { items } = await whole.client.call(listPeople, { query: {} });
  expect(items.find((each) => each.email === email)?.disabledAt).not.toBeNull();
});

test('a link that the machine prints lets somebody in, once', async () => {
  const machine = { HOFJE_STATE: whole.folders.root };
  const printed = await hofje(['login-link', '--operator'], '', machine);
  const { origin, page, token } = split(String(printed.value['url']));
  expect([printed.code, page]).toEqual([0, '/welcome']);
  const entered = await say(origin, 'POST', '/v1/session/link', { token });
  expect(entered.body).toMatchObject({ me: { person: { email: OPERATOR.email } } });
  expect((await say(origin, 'POST', '/v1/session/link', { token })).status).toBe(410);
  const { code } = await run(['grep', '-rqF', '-e', token, whole.folders.log], { accept: [0, 1] });
  expect(code, 'the secret in a log').toBe(1);
});

test('the demo lets one look around as its customer and as its operator, also when it is played again', async () => {
  await whole.client.call(createAccount, { body: { name: 'bakery', email: 'owner@bakery.example' } });
  await doorLinks(whole.client);
  const links = await doorLinks(whole.client);
  for (const [link, role, memberships] of [
    [links.customer, null, 1],
    [links.operator, 'administrator', 0],
  ] as const) {
    const { origin, token } = split(link);
    const { me } = (await say(origin, 'POST', '/v1/session/link', { token })).body as { me: Me };
    expect(me.person?.operatorRole).toBe(role);
    expect(me.memberships).toHaveLength(memberships);
  }
});
