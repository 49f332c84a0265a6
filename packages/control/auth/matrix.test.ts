import type { OutgoingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HofjeError } from '#model/error.ts';
import { type AccountId, makeId, type PersonId, type SiteId } from '#model/id.ts';
import { decide, SEES } from '#model/right/decide.ts';
import type { ObjectKind, Place } from '#model/right/place.ts';
import type { Db, Tx } from '../database/connect.ts';
import { type Comer, furnish, gatherComers, type Holdings } from '../testing/comers.ts';
import { type Operation, readDocument } from '../testing/document.ts';
import { sampleOf } from '../testing/sample.ts';
import { makePerson } from '../testing/visitor.ts';
import { startTestWorld, type TestWorld } from '../testing/world.ts';
import { RIGHTS } from './rights.ts';
import type { Row } from './row.ts';

/**
 * Every route of the OpenAPI document x everybody who may come x his own object, another's, a deleted one and one that there
 * is not. What is expected follows from the table of rights by the pure decision; that the table says what it should, is
 * in rights.test.ts. Handlers run for real, up to the commit, which is undone: so nothing changes between two requests.
 */

interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly text: string;
  readonly code: string | undefined;
}

/** What a body needs beyond what its schema asks for, to get as far as the handler. */
const MORE: Readonly<Record<string, object>> = {
  'POST /v1/forwarders': { to: ['x@example.net'] },
  'PATCH /v1/forwarders/:forwarder': { to: ['x@example.net'] },
};

/** They go on and on once somebody is admitted. */
const ENDLESS = ['GET /v1/events'];

let world: TestWorld;
let operations: Operation[];
let own: Holdings;
let foreign: Holdings;
let comers: Map<string, Comer>;

beforeAll(async () => {
  world = await startTestWorld({
    follow: {
      onMessage(message, answer) {
        if (message.kind !== 'ask') return;
        answer({ kind: 'answer', id: message.id, ok: false, code: 'node.refused', message: 'Not now.' });
      },
    },
  });
  const owner = await makePerson(world.control, { email: 'owner@alice.example' });
  const stranger = await makePerson(world.control, { email: 'stranger@bob.example' });
  own = await furnish(world.control, 'alice', owner);
  foreign = await furnish(world.control, 'bob', stranger);
  comers = await gatherComers(world.control, own, foreign);
  operations = readDocument(await world.control.send('GET', '/openapi.json', { token: null }));
  undoEverything(world.control.control.context.db);
});

afterAll(async () => {
  await world?.stop();
});

/** Every transaction runs to its end and is undone; whoever waited for it hears that the database cannot do it now. */
function undoEverything(db: Db): void {
  const begin = db.transaction.bind(db);
  const undone = new HofjeError('unavailable', 'Undone by the test.');
  db.transaction = () => {
    const builder = begin();
    builder.execute = async (work: (tx: Tx) => Promise<unknown>) =>
      await begin().execute(async (tx) => {
        await work(tx);
        throw undone;
      });
    return builder;
  };
}

const nameOf = ({ method, url }: Pick<Operation, 'method' | 'url'>) => `${method} ${url}`;
const rowOf = (operation: Operation) => RIGHTS[nameOf(operation)];

async function ask(operation: Operation, { headers }: Comer, reference?: string, path?: string): Promise<Answer> {
  const row = rowOf(operation) as Row;
  const named = typeof row === 'object' && 'from' in row ? row : undefined;
  const name = named?.as ?? named?.object ?? '';
  const sample = operation.body && { ...(sampleOf(operation.body) as object), ...MORE[nameOf(operation)] };
  const body = sample as Record<string, unknown> | undefined;
  const query = operation.parameters.filter((each) => each.in === 'query' && each.required === true);
  const search = new URLSearchParams(query.map((each): [string, string] => [each.name, String(sampleOf(each.schema))]));
  if (named?.from === 'body' && reference !== undefined && body !== undefined) body[name] = reference;
  const address =
    path ??
    operation.url.replace(/:([A-Za-z]+)/g, (_, param: string) => {
      const schema = operation.parameters.find((each) => each.name === param && each.in === 'path')?.schema;
      const value = named?.from === 'params' && param === name && reference !== undefined ? reference : undefined;
      return encodeURIComponent(value ?? String(sampleOf(schema ?? { type: 'string' })));
    });
  const answer = await world.control.control.app.inject({
    method: operation.method as 'GET',
    url: search.size === 0 ? address : `${address}?${search}`,
    headers: { ...headers, 'x-request-id': 'matrix-test', ...(body && { 'content-type': 'application/json' }) },
    ...(body && { payload: JSON.stringify(body) }),
  });
  const isProblem = answer.body !== '' && answer.headers['content-type']?.toString().includes('problem');
  const code = isProblem ? (answer.json() as { code: string }).code : undefined;
  return { status: answer.statusCode, headers: answer.headers, text: answer.body, code };
}

/** Without what names the object that was asked for, or differs with each request. Ids are of one length, names are not. */
function shape({ status, headers, text }: Answer, reference: string) {
  const { date: _date, 'content-length': length, ...rest } = headers;
  const domain = reference.slice(reference.indexOf('@') + 1);
  const told = text.replaceAll(reference, 'REFERENCE').replaceAll(domain, 'DOMAIN');
  return { status, headers: { ...rest, ...(domain === reference ? { length } : {}) }, text: told };
}

/** Where an object lies, for the pure decision. The collaborator's site is the one of the first domain. */
function placeAt(kind: ObjectKind, id: string, holdings: Holdings): Place {
  const account = holdings.ids.account as AccountId;
  const sites = id === holdings.deleted.domain ? [] : [holdings.ids.site as SiteId];
  switch (kind) {
    case 'account':
      return { kind, id: account, account };
    case 'person':
      return { kind, id: id as PersonId };
    case 'site':
      return { kind, id: id as SiteId, account };
    case 'domain':
    case 'mailbox':
    case 'forwarder':
      return { kind, id, account, sites } as Place;
  }
}

/** How an object is named in the request: an address for what has to lie in a domain, an id otherwise. */
function referenceFor(row: Extract<Row, { from: unknown }>, holdings: Holdings, target: 'live' | 'deleted'): string {
  if (row.as !== 'address') return (target === 'live' ? holdings.ids : holdings.deleted)[row.object] ?? '';
  const account = holdings.names.account;
  return target === 'live' ? `new@first.${account}.example` : `new@gone.${account}.example`;
}

function verdictOf(row: Row, comer: Comer, place: Place | undefined): 'admitted' | string {
  if (comer.subject === undefined) return 'nobody';
  const right = 'from' in row && place === undefined && row.absent !== undefined ? row.absent : row;
  const verdict = decide(right, comer.subject, place, new Date());
  return verdict.admitted ? 'admitted' : verdict.why;
}

/** Checks an answer against what was decided. Whoever is admitted may still be wrong in what he asks. */
function check(answer: Answer, verdict: string, row: Row): void {
  const missing = 'from' in row ? `${row.object}.not-found` : undefined;
  switch (verdict) {
    case 'nobody':
      expect(answer).toMatchObject({ status: 401, code: 'auth.required' });
      break;
    case 'hidden':
      expect(answer).toMatchObject({ status: 404, code: missing });
      break;
    case 'step-up':
      expect(answer).toMatchObject({ status: 403, code: 'auth.step-up' });
      break;
    case 'role':
    case 'scope':
    case 'session':
      expect(answer).toMatchObject({ status: 403, code: 'auth.refused' });
      break;
    default:
      // A wrong form is found before the object is looked for, but after it was clear that the route is for whoever asks.
      expect('from' in row ? [400, 401] : [401]).not.toContain(answer.status);
      expect(answer.status).not.toBe(500);
      expect(answer.code ?? '').not.toMatch(/^auth\.(step-up|cross-site|required)$/);
  }
}

const guarded = () => operations.filter((operation) => typeof rowOf(operation) === 'object');

test('every operation of the document has a row, and what is not in it is for nodes, tickets, files and machines', () => {
  const documented = operations.map(nameOf);
  expect(documented.filter((name) => !Object.hasOwn(RIGHTS, name))).toEqual([]);
  const hidden = Object.entries(RIGHTS).filter(([name]) => !documented.includes(name));
  expect(hidden.filter(([, who]) => typeof who === 'object').map(([name]) => name)).toEqual(['GET /metrics']);
});

describe.each([
  'nobody',
  'a cookie of nobody',
  'a token of nobody',
  'an expired session',
  'a session that was ended',
  'an expired token',
  'a revoked token',
  'a session of somebody disabled',
  'a token of somebody disabled',
  'the machine',
  'an owner',
  'an owner without a fresh proof',
  'a collaborator',
  'a reader',
  'an owner of another account',
  'a person without any account',
  'an administrator',
  'support',
  'an approver',
  'support that looks',
  'support that may change',
  'a token of an owner, for reading',
  'a token of an owner, for mail',
  'a token of an owner, for all',
  'a token of another owner',
  'a token of an administrator that is no operator’s',
  'a token of an administrator for another account',
  'a token of an administrator',
  'a mailbox’s own user',
])('%s', (name) => {
  const comer = () => comers.get(name) ?? { headers: {}, subject: undefined };

  test('on what has no name', async () => {
    for (const operation of guarded()) {
      const row = rowOf(operation) as Row;
      const kind = 'from' in row ? row.absent?.object : row.object;
      if (kind === undefined) continue;
      const verdict = verdictOf(row, comer(), { kind });
      if (verdict === 'admitted' && ENDLESS.includes(nameOf(operation))) continue;
      const named = `${nameOf(operation)}: ${verdict}`;
      const answer = await ask(operation, comer());
      expect
        .soft(() => check(answer, verdict, row), `${named} ${answer.status} ${answer.text.slice(0, 200)}`)
        .not.toThrow();
    }
  });

  test('on objects, his own and others’, deleted and missing', async () => {
    for (const operation of guarded()) {
      const row = rowOf(operation) as Row;
      if (!('from' in row)) continue;
      const { random } = world.control.control.context;
      const missing = row.as === 'address' ? 'new@first.nobod.example' : makeId(row.object, random(20));
      const nothing = await ask(operation, comer(), missing);
      const absent = comer().subject === undefined ? 'nobody' : 'hidden';
      expect.soft(() => check(nothing, absent, row), `${nameOf(operation)} missing ${nothing.text}`).not.toThrow();
      for (const holdings of [own, foreign]) {
        for (const target of ['live', 'deleted'] as const) {
          const reference = referenceFor(row, holdings, target);
          if (reference === '') continue;
          const id = row.as === 'address' && target === 'live' ? holdings.ids.domain : (holdings.deleted.domain ?? '');
          const place = placeAt(row.object, row.as === 'address' ? id : reference, holdings);
          const verdict = verdictOf(row, comer(), place);
          const answer = await ask(operation, comer(), reference);
          const named = `${nameOf(operation)} ${holdings.names.account} ${target}: ${verdict}`;
          expect
            .soft(() => check(answer, verdict, row), `${named} ${answer.status} ${answer.text.slice(0, 200)}`)
            .not.toThrow();
          // What is hidden is as what is not there, to the last header.
          if (verdict === 'hidden' || verdict === 'nobody') {
            expect.soft(shape(answer, reference), named).toEqual(shape(nothing, missing));
          }
        }
      }
    }
  });
});

describe('names', () => {
  test.each(['site', 'domain', 'mailbox', 'forwarder', 'account', 'person'] as const)(
    'of a %s of somebody else tell nothing',
    async (kind) => {
      const comer = comers.get('an owner') as Comer;
      const noun = { person: 'people', mailbox: 'mailboxes' }[kind as string] ?? `${kind}s`;
      const operation = operations.find(({ method, url }) => method === 'GET' && url === `/v1/${noun}/:${kind}`);
      if (operation === undefined) throw new Error(`no operation shows a ${kind}`);
      const name = foreign.names[kind];
      const nobodys = name.replace('bob', 'eve');
      const [there, missing] = [await ask(operation, comer, name), await ask(operation, comer, nobodys)];
      expect(there.status).toBe(404);
      expect(shape(there, name)).toEqual(shape(missing, nobodys));
      expect((await ask(operation, comer, own.names[kind])).status).toBe(200);
    },
  );
});

describe('whatever is read tells nothing of others', () => {
  const secrets = () => [
    ...Object.values(foreign.ids),
    ...Object.values(foreign.deleted),
    ...Object.values(foreign.names).filter((name) => name !== 'bob'),
    ...foreign.others,
  ];

  test.each(['an owner', 'a collaborator', 'a reader', 'a person without any account', 'a mailbox’s own user'])(
    '%s',
    async (name) => {
      const comer = comers.get(name) as Comer;
      const hidden = name === 'a collaborator' ? [...secrets(), ...own.others] : secrets();
      for (const operation of guarded()) {
        if (operation.method !== 'GET' || ENDLESS.includes(nameOf(operation))) continue;
        const row = rowOf(operation) as Row;
        const reference = 'from' in row ? own.ids[row.object] : undefined;
        const { text } = await ask(operation, comer, reference);
        const told = hidden.filter((secret) => text.includes(secret));
        expect.soft(told, `${operation.url}: ${text.slice(0, 300)}`).toEqual([]);
      }
    },
  );

  test('lists show what a person has', async () => {
    const listed = async (name: string, url: string) => {
      const operation = operations.find((each) => each.method === 'GET' && each.url === url);
      if (operation === undefined) throw new Error(`no ${url}`);
      const { text } = await ask(operation, comers.get(name) as Comer);
      return (JSON.parse(text) as { items: { id: string }[] }).items.map(({ id }) => id);
    };
    expect(await listed('an owner', '/v1/accounts')).toEqual([own.ids.account]);
    expect(await listed('a collaborator', '/v1/sites')).toEqual([own.ids.site]);
    expect(await listed('a collaborator', '/v1/mailboxes')).toEqual([own.ids.mailbox]);
    expect(await listed('a collaborator', '/v1/forwarders')).toEqual([own.ids.forwarder]);
    expect(await listed('a collaborator', '/v1/domains')).toEqual([own.ids.domain]);
    expect(await listed('an owner', '/v1/sites')).toHaveLength(2);
    expect(await listed('a token of an administrator for another account', '/v1/accounts')).toEqual([
      foreign.ids.account,
    ]);
    expect(await listed('a person without any account', '/v1/sites')).toEqual([]);
    expect(await listed('support', '/v1/accounts')).toHaveLength(2);
  });
});

describe('no other way leads around the table', () => {
  const ways: readonly (readonly [string, (operation: Operation, path: string) => [string, string]])[] = [
    ['HEAD', (_operation, path) => ['HEAD', path]],
    ['OPTIONS', (_operation, path) => ['OPTIONS', path]],
    ['TRACE', (_operation, path) => ['TRACE', path]],
    ['upper case', ({ method }, path) => [method, path.toUpperCase()]],
    ['a slash at the end', ({ method }, path) => [method, `${path}/`]],
    ['a doubled slash', ({ method }, path) => [method, path.replace('/v1/', '/v1//')]],
    ['an encoded letter', ({ method }, path) => [method, path.replace('/v1/', '/%761/')]],
    ['an encoded slash', ({ method }, path) => [method, path.replace('/v1/', '/v1%2f')]],
    ['a semicolon', ({ method }, path) => [method, `${path};x`]],
  ];

  test.each(ways)('%s', async (_name, change) => {
    for (const operation of guarded()) {
      const row = rowOf(operation) as Row;
      const reference = 'from' in row && row.from === 'params' ? foreign.ids[row.object] : undefined;
      const path = operation.url.replace(/:([A-Za-z]+)/g, (_, param: string) =>
        'from' in row && param === (row.as ?? row.object) && reference !== undefined ? reference : 'x',
      );
      if (ENDLESS.includes(nameOf(operation))) continue;
      const [method, address] = change(operation, path);
      for (const name of ['nobody', 'an owner']) {
        const comer = comers.get(name) as Comer;
        const answer = await ask({ ...operation, method }, comer, undefined, address);
        // There is nothing there, or the name of nothing, or it is the same route with the same guard.
        const usual = await ask(operation, comer, undefined, path);
        const told = `${method} ${address} by ${name}: ${answer.status} ${answer.text.slice(0, 200)}`;
        expect.soft([400, 404, 422, usual.status], told).toContain(answer.status);
        expect.soft(answer.text, told).not.toContain(foreign.names.site);
      }
    }
  });
});

test('what another site lets a browser send is refused, whatever it is', async () => {
  const owner = comers.get('an owner') as Comer;
  for (const operation of guarded()) {
    for (const site of ['cross-site', 'same-site']) {
      const headers = { ...owner.headers, 'sec-fetch-site': site };
      const row = rowOf(operation) as Row;
      const reference = 'from' in row ? own.ids[row.object] : undefined;
      const answer = await ask(operation, { ...owner, headers }, reference);
      expect.soft(answer.code, `${nameOf(operation)}`).toBe('auth.cross-site');
    }
  }
});

test('whoever sees a kind of objects at all may look at each of them', () => {
  for (const [kind, roles] of Object.entries(SEES)) {
    const rows = Object.entries(RIGHTS).filter(
      ([name, row]) => name.startsWith('GET ') && typeof row === 'object' && 'from' in row && row.object === kind,
    );
    const shows = rows.find(([name]) => new RegExp(`^GET /v1/[a-z]+/:${kind}$`).test(name))?.[1] as Row;
    expect(shows.may, kind).toEqual(roles);
  }
});
