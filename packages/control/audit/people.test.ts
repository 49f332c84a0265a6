import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeAccount, listAccounts } from '#contract/api/account.ts';
import type { AuditRecord } from '#contract/api/audit.ts';
import { verifyLines } from '#contract/api/audit-file.ts';
import { changeSite, createSite, type Site } from '#contract/api/site.ts';
import type { AccountId, PersonId, SiteId } from '#model/id.ts';
import type { Headers, TestControl } from '../testing/harness.ts';
import { makeMember, makeSession, makeTestToken } from '../testing/people.ts';
import { makePerson } from '../testing/visitor.ts';
import { startTestWorld, type TestWorld } from '../testing/world.ts';

let world: TestWorld;
let control: TestControl;
let owner: PersonId;
let sites: { readonly own: Site; readonly second: Site; readonly foreign: Site };
const shows: Record<'owner' | 'token' | 'reader' | 'collaborator' | 'both' | 'administrator' | 'stranger', Headers> = {
  ...{ owner: {}, token: {}, reader: {}, collaborator: {}, both: {}, administrator: {}, stranger: {} },
};

beforeAll(async () => {
  world = await startTestWorld();
  control = world.control;
  const { items } = await control.call(listAccounts, {});
  const idOf = (name: string) => items.find((each) => each.name === name)?.id as AccountId;
  const [alice, bob] = [idOf('alice'), idOf('bob')];
  const make = async (domain: string, account: string) =>
    await control.call(createSite, { body: { domain, account, overrideReason: 'made in a test' } });
  sites = {
    own: await make('a.example', 'alice'),
    second: await make('a2.example', 'alice'),
    foreign: await make('b.example', 'bob'),
  };
  const person = async (name: string, ...accounts: Parameters<typeof makeMember>[2][]) => {
    const id = await makePerson(control, { email: `${name}@example.org` });
    for (const account of accounts) await makeMember(control, id, account, name === 'reader' ? 'reader' : 'owner');
    return id;
  };
  owner = await person('owner', alice);
  shows.owner = (await makeSession(control, owner)).headers;
  shows.token = await makeTestToken(control, owner, ['read', 'write']);
  shows.reader = (await makeSession(control, await person('reader', alice))).headers;
  shows.both = (await makeSession(control, await person('both', alice, bob))).headers;
  shows.stranger = (await makeSession(control, await person('stranger'))).headers;
  const collaborator = await person('collaborator');
  await makeMember(control, collaborator, alice, 'collaborator', [sites.own.id as SiteId]);
  shows.collaborator = (await makeSession(control, collaborator)).headers;
  const administrator = await makePerson(control, { email: 'admin@example.org', operatorRole: 'administrator' });
  shows.administrator = (await makeSession(control, administrator)).headers;
  await as('owner', 'PATCH', `/v1/sites/${sites.own.id}`, { redirectToHttps: false });
  await as('token', 'PATCH', `/v1/sites/${sites.own.id}`, { redirectToHttps: true });
  await as('administrator', 'PATCH', '/v1/accounts/alice', { email: 'by-admin@example.net' });
  await control.call(changeAccount, { params: { account: 'bob' }, body: { email: 'of-bob@example.net' } });
  await control.call(changeSite, { params: { site: sites.second.id }, body: { redirectToHttps: false } });
});

afterAll(async () => {
  await world?.stop();
});

type Who = keyof typeof shows;

async function as(who: Who, method: string, path: string, body?: unknown) {
  return await control.send(method, path, {
    token: null,
    headers: shows[who],
    ...(body === undefined ? {} : { body }),
  });
}

async function list(who: Who, query = ''): Promise<AuditRecord[]> {
  const answer = await as(who, 'GET', `/v1/audit${query}`);
  expect(answer.status, answer.text).toBe(200);
  return (answer.body as { items: AuditRecord[] }).items;
}

describe('an entry tells', () => {
  test('the person and the way: the panel, a token, an operator', async () => {
    const items = await list('owner', `?object=${sites.own.id}`);
    expect(items).toMatchObject([
      { who: owner, name: 'owner', through: 'token', operator: false, credential: expect.stringMatching(/^tok_/) },
      {
        who: owner,
        name: 'owner',
        through: 'panel',
        operator: false,
        credential: expect.stringMatching(/^ses_/),
        from: '127.0.0.1',
      },
      { who: 'machine', operator: true, from: null },
    ]);
    const [byAdmin] = await list('owner', '?action=PATCH%20%2Fv1%2Faccounts%2F%3Aaccount');
    // His people see that an operator did it; not from where, nor by which session, nor his name.
    expect(byAdmin).toMatchObject({
      operator: true,
      from: null,
      credential: null,
      name: null,
      after: { email: 'by-admin@example.net' },
    });
    const [whole] = await list('administrator', `?object=${byAdmin?.object}`);
    expect(whole).toMatchObject({ operator: true, from: '127.0.0.1', name: 'admin' });
  });
});

describe('whoever looks sees', () => {
  test.each<[Who, readonly string[], readonly string[]]>([
    ['owner', ['by-admin', 'a2.example'], ['of-bob', 'b.example']],
    ['reader', ['by-admin', 'a2.example'], ['of-bob', 'b.example']],
    ['both', ['by-admin', 'of-bob', 'b.example'], []],
    ['collaborator', ['"a.example"'], ['a2.example', 'by-admin', 'of-bob']],
    ['stranger', [], ['a.example', 'by-admin', 'of-bob']],
    ['administrator', ['by-admin', 'of-bob', 'b.example'], []],
  ])('%s: his part', async (who, seen, hidden) => {
    const text = JSON.stringify(await list(who));
    for (const word of seen) expect(text).toContain(word);
    for (const word of hidden) expect(text).not.toContain(word);
  });

  test('another account as if it did not exist, whatever is asked of it', async () => {
    for (const path of ['/v1/audit', '/v1/audit/head', '/v1/audit/export']) {
      const [foreign, absent] = [
        await as('owner', 'GET', `${path}?account=bob`),
        await as('owner', 'GET', `${path}?account=nobody`),
      ];
      expect(foreign.status).toBe(404);
      const plain = (text: string) => text.replace(/"requestId":"[^"]*"/, '').replaceAll('nobody', 'bob');
      expect(plain(foreign.text)).toBe(plain(absent.text));
    }
    expect(await list('owner', `?object=${sites.foreign.id}`)).toEqual([]);
  });

  test('his own trail: what he did and what was done with him, outside of any account', async () => {
    await as('administrator', 'PATCH', `/v1/people/${owner}`, { name: 'renamed' });
    await as('owner', 'PATCH', `/v1/people/${owner}`, { language: 'nl' });
    const items = (await list('owner')).filter(({ account }) => account === null);
    expect(items).toMatchObject([
      { who: owner, object: owner, operator: false, after: { language: 'nl' } },
      { object: owner, operator: true, from: null, credential: null, after: { name: 'renamed' } },
    ]);
    expect((await list('reader')).filter(({ account }) => account === null)).toEqual([]);
  });

  test('no numbers that tell how much others do', async () => {
    const text = JSON.stringify(await list('owner'));
    expect(text).not.toContain('"sequence"');
    const page = (await as('owner', 'GET', '/v1/audit?limit=1')).body as { next: string };
    expect(JSON.parse(Buffer.from(page.next, 'base64url').toString())).toEqual([
      expect.stringMatching(/^20/),
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ]);
  });
});

describe('a chain', () => {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

  test.each<Who>(['owner', 'reader'])('of the account is there for its %s, whole and verifiable', async (who) => {
    const head = (await as(who, 'GET', '/v1/audit/head')).body as { chain: string; hash: string; sequence: number };
    expect(head.chain).toBe(sites.own.account);
    const { text } = await as(who, 'GET', '/v1/audit/export');
    expect(text).not.toContain('of-bob');
    const verdict = await verifyLines(text.split('\n'), { sha256, remembered: head.hash });
    expect(verdict).toMatchObject({ intact: true, entries: head.sequence });
  });

  test('of the installation is there for operators', async () => {
    const { text } = await as('administrator', 'GET', '/v1/audit/export');
    expect(await verifyLines(text.split('\n'), { sha256 })).toMatchObject({ intact: true });
    expect(text).toContain('of-bob');
  });

  test('must be named by who has several, and is none for who sees parts', async () => {
    expect((await as('both', 'GET', '/v1/audit/head')).body).toMatchObject({
      code: 'request.invalid',
      field: 'account',
    });
    expect((await as('both', 'GET', '/v1/audit/head?account=bob')).status).toBe(200);
    expect((await as('collaborator', 'GET', '/v1/audit/export?account=alice')).status).toBe(403);
    expect((await as('stranger', 'GET', '/v1/audit/export')).status).toBe(400);
  });
});
