import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import fc from 'fast-check';
import { sql } from 'kysely';
import Schema from 'typebox/schema';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAccount } from '#contract/api/account.ts';
import { verifyLines } from '#contract/api/audit-file.ts';
import { createForwarder } from '#contract/api/forwarder.ts';
import { createMailbox } from '#contract/api/mailbox.ts';
import { createSite } from '#contract/api/site.ts';
import type { AccountId, MailboxId, PersonId, SiteId } from '#model/id.ts';
import { SCOPES } from '#model/right/role.ts';
import { type Known, type Operation, readOperations, type Wild, wildRequest } from '../testing/arbitrary.ts';
import type { Headers } from '../testing/harness.ts';
import { makeMember, makeSession, makeTestToken } from '../testing/people.ts';
import { makePerson } from '../testing/visitor.ts';
import { startTestWorld, type TestWorld } from '../testing/world.ts';
import { isKnownCode } from './problem.ts';

/**
 * Random requests to every route of the OpenAPI document, by everybody who may come: none is answered by a defect, outside of
 * its schema or not at all; what belongs to somebody who never asked stays as it is; the record stays whole. The seed of a
 * run is printed; HOFJE_TEST_SEED repeats its requests.
 */

const LONG = process.env['HOFJE_TEST_ALL'] === '1';
const SEED = Number(process.env['HOFJE_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
/** Requests of customers and of operators. */
const REQUESTS = LONG ? { customers: 16_000, operators: 6000 } : { customers: 200, operators: 100 };
/** So many go to the same accounts; then there are new ones, for these may be deleted or given away. */
const ROUND = 250;
/** Requests that are under way at once. */
const AT_ONCE = 4;
/** A second to wait for a node, and the time of two dozen others. */
const HANG_MS = 30_000;
const ANSWER_BYTES_MAX = 4 * 2 ** 20;
/** Node itself refuses longer ones (431) and closes the connection; what it answers is no matter of ours. */
const HEADERS_LENGTH_MAX = 14_000;
/** For what a node, a mail service or a resolver has to do; the node of this test refuses every question. */
const NEEDS_A_NODE = [502, 503, 504];

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  readonly endless: boolean;
}

let world: TestWorld;
let operations: Operation[];
let agent: Agent;

beforeAll(async () => {
  world = await startTestWorld({
    logLevel: 'error',
    config: { resolvers: ['127.0.0.1:1'], waitSeconds: 1 },
    follow: {
      onMessage(message, answer) {
        if (message.kind === 'ask')
          answer({ kind: 'answer', id: message.id, ok: false, code: 'test', message: 'Not now.' });
      },
    },
  });
  agent = new Agent({ ca: world.control.ca, keepAlive: true, maxSockets: 2 * AT_ONCE });
  operations = readOperations((await world.control.send('GET', '/openapi.json', { token: null })).body);
});

afterAll(async () => {
  agent?.destroy();
  await world?.stop();
});

/** An account with a bit of everything, and its people. */
interface House {
  readonly known: Known;
  readonly comers: ReadonlyMap<string, () => Promise<Headers>>;
}

let houses = 0;

async function furnish(): Promise<House> {
  houses += 1;
  const name = `house${houses}`;
  const { control } = world;
  const { id } = await control.call(createAccount, { body: { name, email: `${name}@example.net` } });
  const account = id as AccountId;
  const site = async (label: string) =>
    await control.call(createSite, {
      body: { domain: `${label}.${name}.example`, account, overrideReason: 'made in a test' },
    });
  const [first, second] = [await site('first'), await site('second')];
  const mailbox = await control.call(createMailbox, { body: { address: `m@first.${name}.example` } });
  const address = `f@first.${name}.example`;
  const forwarder = await control.call(createForwarder, { body: { address, to: ['x@example.net'] } });
  const person = async (role: 'owner' | 'reader' | 'collaborator') => {
    const one = await makePerson(control, { email: `${role}@${name}.example` });
    await makeMember(control, one, account, role, role === 'collaborator' ? [first.id as SiteId] : []);
    return one;
  };
  const [owner, reader, collaborator] = [await person('owner'), await person('reader'), await person('collaborator')];
  const sessionOf = (who: PersonId | MailboxId) => async () => (await makeSession(control, who)).headers;
  const comers = new Map([
    ['an owner', sessionOf(owner)],
    ['a reader', sessionOf(reader)],
    ['a collaborator', sessionOf(collaborator)],
    ['a token of an owner', async () => await makeTestToken(control, owner, SCOPES)],
    ['a user of a mailbox', sessionOf(mailbox.id as MailboxId)],
    ['nobody', async () => ({})],
  ]);
  const known: Known = {
    account: [id, name],
    site: [first.id, second.id, first.name],
    sites: [first.id, second.id],
    domain: [mailbox.domain, `first.${name}.example`, `new.${name}.example`],
    mailbox: [mailbox.id, mailbox.address],
    forwarder: [forwarder.id, forwarder.address],
    address: [mailbox.address, `new@first.${name}.example`, `*@second.${name}.example`, `a.b+c@first.${name}.example`],
    to: ['x@example.net', mailbox.address, owner],
    person: [owner, reader, `owner@${name}.example`],
    email: [`owner@${name}.example`, `nobody@${name}.example`],
    name: [`alias.first.${name}.example`, `n-${name}`, 'Ä. Person'],
    pipe: ['/bin/cat', 'php mail.php "a b"', '| x'],
    plan: ['small', 'large'],
    image: ['site-php8.2'],
    node: ['node1'],
    password: ['een fiets in het hofje', 'x'],
    cursor: [
      ['a', 'b'],
      ['2026-01-01T00:00:00.000Z', '0'.repeat(64)],
      ['', ''],
      [first.name, first.id],
      ['~', '\ud800'],
    ].map((position) => Buffer.from(JSON.stringify(position)).toString('base64url')),
    q: [name, 'first', 'a'],
    overrideReason: ['made in a test'],
  };
  return { known, comers };
}

/** One request over the wire. What never ends is left after its beginning. */
async function send(
  { operation, path, headers, payload }: Wild,
  credentials: Headers,
): Promise<Reply | 'refused by the client' | 'hang' | 'cut'> {
  const { hostname, port } = new URL(world.control.url);
  if (path.length + JSON.stringify(headers).length > HEADERS_LENGTH_MAX) return 'refused by the client';
  const { promise, resolve } = Promise.withResolvers<Reply | 'hang' | 'cut' | 'stale'>();
  let asked: ReturnType<typeof request>;
  try {
    asked = request({
      ...{ hostname, port, path, method: operation.method, agent, servername: '' },
      headers: {
        ...headers,
        ...credentials,
        ...(payload === undefined ? {} : { 'content-length': Buffer.byteLength(payload) }),
      },
    });
  } catch {
    return 'refused by the client';
  }
  const patience = setTimeout(() => {
    resolve('hang');
    asked.destroy();
  }, HANG_MS);
  // A kept connection may end just when it is to be used again.
  asked.on('error', () => resolve(asked.reusedSocket ? 'stale' : 'cut'));
  asked.on('response', (response) => {
    const type = response.headers['content-type'] ?? '';
    const chunks: Buffer[] = [];
    const done = (endless: boolean) =>
      resolve({
        ...{ status: response.statusCode ?? 0, type, headers: response.headers, endless },
        text: Buffer.concat(chunks).toString(),
      });
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('end', () => done(false));
    response.on('error', () => done(true));
    if (type.startsWith('text/event-stream')) {
      done(true);
      response.destroy();
    }
  });
  asked.end(payload);
  try {
    const reply = await promise;
    return reply === 'stale' ? await send({ operation, path, headers, payload }, credentials) : reply;
  } finally {
    clearTimeout(patience);
  }
}

const schemas = new Map<object, ReturnType<typeof Schema.Compile>>();

function fits(schema: object, value: unknown): boolean {
  const compiled = schemas.get(schema) ?? Schema.Compile(schema);
  schemas.set(schema, compiled);
  return compiled.Check(value);
}

/** What is wrong with an answer; undefined when nothing is. */
function faultOf({ operation }: Wild, reply: Reply | 'hang' | 'cut'): string | undefined {
  if (reply === 'hang') return 'no answer';
  if (reply === 'cut') return 'a broken connection';
  const { status, type, text, endless } = reply;
  if (text.length > ANSWER_BYTES_MAX) return `an answer of ${text.length} bytes`;
  if (status >= 500 && !NEEDS_A_NODE.includes(status)) return `${status} ${text.slice(0, 300)}`;
  const answer = operation.answers[status] ?? operation.answers[`${String(status)[0]}XX`];
  if (answer === undefined) return `a status that the document does not name: ${status}`;
  if (reply.headers['cache-control']?.includes('no-store') !== true) return 'an answer that may be kept';
  if (endless) return undefined;
  const schema = Object.entries(answer.content ?? {}).find(([name]) => type.startsWith(name))?.[1].schema;
  if (schema === undefined) return text === '' ? undefined : `${status} of the kind ${type}`;
  if (!type.includes('json') || type.includes('ndjson')) return undefined;
  const value: unknown = JSON.parse(text);
  if (!fits(schema, value)) return `${status} outside of its schema: ${text.slice(0, 500)}`;
  if (status < 400) return undefined;
  const { code } = value as { code: string };
  return isKnownCode(code) && code !== 'internal' ? undefined : `the code ${code}`;
}

interface Fault {
  readonly by: string;
  readonly request: string;
  readonly fault: string;
}

/** Sends `count` requests of these comers, a few at a time, and gives what was wrong, one example of each. */
async function storm(count: number, round: number, { known, comers }: House): Promise<Fault[]> {
  const faults = new Map<string, Fault>();
  const told = new Set<string>();
  const who = await Promise.all([...comers].map(async ([name, open]) => ({ name, headers: await open() })));
  const wild = fc.tuple(
    fc.constantFrom(...operations).chain((operation) => wildRequest(operation, known)),
    fc.constantFrom(...who),
  );
  const requests = fc.sample(wild, { numRuns: count, seed: SEED + round });
  const next = requests.values();
  const work = async () => {
    for (const [each, { name, headers }] of next) {
      const reply = await send(each, headers);
      if (reply === 'refused by the client') continue;
      const fault = faultOf(each, reply);
      if (fault === undefined) continue;
      const place = `${each.operation.method} ${each.operation.path}`;
      if (told.has(place + fault.slice(0, 40))) continue;
      told.add(place + fault.slice(0, 40));
      const asked = `${each.operation.method} ${each.path} ${JSON.stringify(each.headers)} ${each.payload ?? ''}`;
      faults.set(asked, { by: name, request: asked.slice(0, 500), fault });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return [...faults.values()];
}

/** All that an account holds, as it stands in the database. */
async function everythingOf(account: string, person: PersonId): Promise<string> {
  const { db } = world.control.control.context;
  const { rows } = await sql<{ text: string }>`
    select coalesce(string_agg(held::text, E'\n' order by held::text), '') as text from (
      select to_jsonb(account) as held from account where id = ${account}
      union all select to_jsonb(site) - 'revision' from site where account_id = ${account}
      union all select to_jsonb(site_host) from site_host join site on site.id = site_id where site.account_id = ${account}
      union all select to_jsonb(domain) from domain where account_id = ${account}
      union all select to_jsonb(mailbox) from mailbox where account_id = ${account}
      union all select to_jsonb(forwarder) from forwarder where account_id = ${account}
      union all select to_jsonb(membership) from membership where account_id = ${account}
      union all select to_jsonb(invitation) from invitation where account_id = ${account}
      union all select to_jsonb(support_access) from support_access where account_id = ${account}
      union all select to_jsonb(person) from person where id = ${person}
      union all select to_jsonb(token) from token where person_id = ${person}
    ) as everything`.execute(db);
  return rows[0]?.text ?? '';
}

async function checkWhole(): Promise<void> {
  const { send: ask } = world.control;
  // The machine's token still opens the door, and everything is in the record.
  const exported = await ask('GET', '/v1/audit/export');
  expect(exported.status).toBe(200);
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const verdict = await verifyLines(
    exported.text.split('\n').filter((line) => line !== ''),
    { sha256 },
  );
  expect(verdict).toMatchObject({ intact: true });
  const open = (await ask('GET', '/readyz', { token: null })).status;
  expect(open).toBe(200);
}

test(`customers, and whoever comes from outside (seed ${SEED})`, async () => {
  const bystander = await furnish();
  const [account = '', name = ''] = bystander.known['account'] ?? [];
  const [person = ''] = bystander.known['person'] ?? [];
  const before = await everythingOf(account, person as PersonId);
  expect(before).toContain(name);
  const faults: Fault[] = [];
  for (let round = 0; round * ROUND < REQUESTS.customers; round += 1) {
    const house = await furnish();
    // What belongs to the bystander is asked for as often as what is one's own.
    const known = Object.fromEntries(
      Object.entries(house.known).map(([field, texts]) => [field, [...texts, ...(bystander.known[field] ?? [])]]),
    );
    faults.push(...(await storm(Math.min(ROUND, REQUESTS.customers - round * ROUND), round, { ...house, known })));
  }
  expect(faults).toEqual([]);
  expect(await everythingOf(account, person as PersonId)).toBe(before);
  await checkWhole();
}, 1_200_000);

test(`operators (seed ${SEED})`, async () => {
  const { control } = world;
  const house = await furnish();
  const administrator = await makePerson(control, {
    email: 'administrator@desk.example',
    operatorRole: 'administrator',
  });
  const support = await makePerson(control, { email: 'support@desk.example', operatorRole: 'support' });
  const comers = new Map<string, () => Promise<Headers>>([
    ['the machine', async () => ({ authorization: `Bearer ${control.token}` })],
    ['an administrator', async () => (await makeSession(control, administrator)).headers],
    ['support', async () => (await makeSession(control, support)).headers],
    ['a token of an administrator', async () => await makeTestToken(control, administrator, SCOPES)],
  ]);
  const faults: Fault[] = [];
  for (let round = 0; round * ROUND < REQUESTS.operators; round += 1) {
    faults.push(
      ...(await storm(Math.min(ROUND, REQUESTS.operators), 1_000_000 + round, { known: house.known, comers })),
    );
  }
  expect(faults).toEqual([]);
  await checkWhole();
}, 1_200_000);
