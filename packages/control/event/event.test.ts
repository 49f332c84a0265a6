import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeAccount } from '#contract/api/account.ts';
import { createMailbox } from '#contract/api/mailbox.ts';
import { changeSite, createSite } from '#contract/api/site.ts';
import type { PersonId } from '#model/id.ts';
import type { AccountRole } from '#model/right/role.ts';
import type { Control } from '../control.ts';
import type { TestControl } from '../testing/harness.ts';
import { listen, type TestListener } from '../testing/listener.ts';
import { makeMember, makeSession, makeTestToken } from '../testing/people.ts';
import { makePerson } from '../testing/visitor.ts';
import { startTestWorld, type TestWorld } from '../testing/world.ts';
import { emitHints } from './emit.ts';

let world: TestWorld;
let control: TestControl;
const open: TestListener[] = [];
const overrideReason = 'made in a test';

beforeAll(async () => {
  world = await startTestWorld();
  control = world.control;
  for (const [account, domain] of [
    ['alice', 'a.example'],
    ['alice', 'a2.example'],
    ['bob', 'b.example'],
  ] as const)
    await control.call(createSite, { query: { wait: true }, body: { domain, account, overrideReason } });
});

afterAll(async () => {
  for (const listener of open) listener.close();
  await world?.stop();
});

interface ListenOptions {
  readonly token?: string;
  readonly place?: string;
  readonly at?: Control;
}

async function follow({
  token = control.token,
  place,
  at = control.control,
}: ListenOptions = {}): Promise<TestListener> {
  const headers = { authorization: `Bearer ${token}`, ...(place !== undefined && { 'last-event-id': place }) };
  const listener = await listen(at.context.config.publicUrls.client, control.ca, headers);
  open.push(listener);
  if (listener.status === 200) await listener.until(() => listener.place !== '');
  return listener;
}

/** Something changes: the account's address. */
let changes = 0;
async function change(account: string): Promise<void> {
  changes += 1;
  await control.call(changeAccount, { params: { account }, body: { email: `c${changes}@example.net` } });
}

/** A person with a token and a part in alice's account. */
async function member(role: AccountRole, sites: readonly string[] = []): Promise<{ id: PersonId; token: string }> {
  const { db, random } = control.control.context;
  const id = await makePerson(control, { email: `${role}-${random(4).toString('hex')}@example.org` });
  const account = await db.selectFrom('account').select('id').where('name', '=', 'alice').executeTakeFirstOrThrow();
  const own = await db
    .selectFrom('site')
    .select('id')
    .where('name', 'in', [...sites, ''])
    .execute();
  await makeMember(
    control,
    id,
    account.id,
    role,
    own.map((site) => site.id),
  );
  const { authorization = '' } = await makeTestToken(control, id, ['read']);
  return { id, token: authorization.replace('Bearer ', '') };
}

const kinds = ({ hints }: TestListener) => hints.map(({ kind }) => kind);

describe('hints', () => {
  test('tell of each change, once, with the version of the object', async () => {
    const listener = await follow();
    const site = await control.call(changeSite, { params: { site: 'a.example' }, body: { redirectToHttps: false } });
    await listener.until(() => kinds(listener).includes('site'));
    expect(listener.hints[0]).toEqual({
      kind: 'site',
      object: site.id,
      account: site.account,
      site: site.id,
      version: site.version,
    });
  });

  test('tell that a site woke, fell asleep or failed, and nothing while it stays as it is', async () => {
    const listener = await follow();
    const state = await world.agent.desired();
    const [site] = state.sites;
    const report = async (word: 'running' | 'asleep') => {
      const instance = 'ins_00000000000000000000' as const;
      const sites = state.sites.map(({ id, image }) => ({
        ...{ id, image, instance, applied: state.revision },
        state: id === site?.id ? word : ('asleep' as const),
      }));
      expect((await world.agent.report({ revision: state.revision, sites })).status).toBe(204);
    };
    await report('running');
    await report('running');
    await report('asleep');
    await change('bob');
    await listener.until(() => kinds(listener).includes('account'));
    expect(listener.hints.filter(({ kind }) => kind === 'site').map(({ object }) => object)).toEqual([
      site?.id,
      site?.id,
    ]);
  });

  test('are for those who see the object', async () => {
    const owner = await follow({ token: (await member('owner')).token });
    const collaborator = await follow({ token: (await member('collaborator', ['a.example'])).token });
    await change('bob');
    await control.call(changeSite, { params: { site: 'a2.example' }, body: { redirectToHttps: false } });
    await control.call(createMailbox, { body: { address: 'x@a2.example' } });
    await control.call(createMailbox, { body: { address: 'x@a.example' } });
    await control.call(changeSite, { params: { site: 'a.example' }, body: { redirectToHttps: true } });
    await change('alice');
    for (const listener of [owner, collaborator]) await listener.until(() => kinds(listener).includes('account'));
    expect(kinds(owner)).toEqual(['site', 'mailbox', 'mailbox', 'site', 'account']);
    expect(kinds(collaborator)).toEqual(['mailbox', 'site', 'account']);
  });

  test('wait for their commit, and hold nobody up before it', async () => {
    const listener = await follow();
    const { db } = control.control.context;
    const site = await db
      .selectFrom('site')
      .select(['id', 'node_id'])
      .where('name', '=', 'b.example')
      .executeTakeFirstOrThrow();
    await db.transaction().execute(async (tx) => {
      await emitHints(tx, [site.id], site.node_id);
      // Another one commits meanwhile.
      await change('alice');
      await listener.until(() => listener.hints.length === 1);
    });
    await listener.until(() => listener.hints.length === 3);
    expect(kinds(listener)).toEqual(['account', 'site', 'node']);
    await expect(
      db.transaction().execute(async (tx) => {
        await emitHints(tx, [site.id], undefined);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    await change('bob');
    await listener.until(() => listener.hints.length === 4);
    expect(kinds(listener).at(-1)).toBe('account');
  });

  test('end for somebody who may no longer listen', async () => {
    const { id, token } = await member('reader');
    const listener = await follow({ token });
    const { db } = control.control.context;
    await db.updateTable('person').set({ disabled_at: new Date() }).where('id', '=', id).execute();
    await sql`select event_emit('person', ${id}, null, null, null, null, null)`.execute(db);
    await listener.closed;
    expect((await follow({ token })).status).toBe(401);
  });

  test('say to read anew when a right is given or taken', async () => {
    const { id, token } = await member('reader');
    const listener = await follow({ token });
    const { db } = control.control.context;
    await db.deleteFrom('membership').where('person_id', '=', id).execute();
    await sql`select event_emit('person', ${id}, null, null, null, null, null)`.execute(db);
    await listener.until(() => listener.resets === 1);
    const before = listener.hints.length;
    await change('alice');
    await control.call(changeSite, { params: { site: 'a.example' }, body: { redirectToHttps: false } });
    await sql`select event_emit('plan', 'small', null, null, null, null, null)`.execute(db);
    await listener.until(() => kinds(listener).includes('plan'));
    expect(kinds(listener).slice(before)).toEqual(['plan']);
  });
});

describe('a page that comes back', () => {
  test('hears what it missed, at the same process and at another', async () => {
    const first = await follow();
    await change('alice');
    await first.until(() => first.hints.length === 1);
    first.close();
    await first.closed;
    await change('alice');
    await change('bob');
    const replica = await control.startReplica();
    for (const at of [control.control, replica]) {
      const again = await follow({ place: first.place, at });
      await again.until(() => again.hints.length === 2);
      expect(again.resets).toBe(0);
    }
    const live = await follow({ at: replica });
    await change('alice');
    await live.until(() => live.hints.length === 1);
  });

  test('loses nothing between many changes, breaks and processes', async () => {
    const replica = await control.startReplica();
    const all = await follow();
    const heard = new Set<string>();
    let place = all.place;
    const changing = (async () => {
      for (let n = 0; n < 40; n += 1) await change('alice');
    })();
    for (let turn = 0; turn < 6; turn += 1) {
      const piece = await follow({ place, at: turn % 2 === 0 ? control.control : replica });
      const wanted = turn === 5 ? () => heard.size + fresh(piece, heard) >= 40 : () => piece.hints.length >= 3;
      await piece.until(wanted);
      for (const hint of piece.hints) heard.add(String(hint.version));
      expect(piece.resets).toBe(0);
      place = piece.place;
      piece.close();
    }
    await changing;
    await all.until(() => all.hints.length === 40);
    expect([...heard].sort()).toEqual(all.hints.map(({ version }) => String(version)).sort());
  });

  test('reads anew when its place is too old, of no sense, or of another database', async () => {
    const { db, seal } = control.control.context;
    const listener = await follow();
    await change('alice');
    await listener.until(() => listener.hints.length === 1);
    const far = seal.seal('hint 999999999').toString('base64url');
    for (const place of ['nonsense', seal.seal('5').toString('base64url'), far]) {
      const again = await follow({ place });
      await again.until(() => again.resets === 1);
      expect(again.hints).toEqual([]);
    }
    await db.deleteFrom('event').execute();
    await change('bob');
    const old = seal.seal('hint 1').toString('base64url');
    const again = await follow({ place: old });
    await again.until(() => again.resets === 1);
    await change('bob');
    await again.until(() => again.hints.length === 1);
  });

  test('hears what was announced while the process did not listen to the database', async () => {
    const listener = await follow();
    const { db } = control.control.context;
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen %' and pid <> pg_backend_pid()`.execute(
      db,
    );
    await change('alice');
    await listener.until(() => listener.hints.length === 1);
  });

  test('its places tell no numbers', async () => {
    const [one, two] = [await follow(), await follow()];
    expect(one.place).not.toBe(two.place);
    expect(Buffer.from(one.place, 'base64url').toString('latin1')).not.toContain('hint');
  });
});

function fresh(listener: TestListener, heard: ReadonlySet<string>): number {
  return new Set(listener.hints.map(({ version }) => String(version)).filter((version) => !heard.has(version))).size;
}

describe('there is an end to', () => {
  test('what waits for a reader that takes nothing', async () => {
    const [stuck, other] = [await follow(), await follow()];
    stuck.pause();
    const { db } = control.control.context;
    // More than what the network's own buffers take; the other one keeps up.
    const name = 'x'.repeat(4000);
    for (let turn = 1; turn <= 60; turn += 1) {
      await sql`select event_emit('plan', ${name}, null, null, null, null, null) from generate_series(1, 50)`.execute(
        db,
      );
      await other.until(() => other.hints.length === turn * 50);
    }
    stuck.resume();
    await stuck.closed;
    expect(stuck.hints.length).toBeLessThan(60 * 50);
  }, 30_000);

  test('the pages of one person', async () => {
    const { token } = await member('owner');
    const pages = [];
    for (let n = 0; n < 31; n += 1) pages.push(await follow({ token }));
    expect(pages.map(({ status }) => status)).toEqual([...Array.from({ length: 30 }, () => 200), 429]);
    pages[0]?.close();
    await pages[0]?.closed;
    expect((await follow()).status).toBe(200);
  });

  test('a process, and its pages come back to another', async () => {
    const replica = await control.startReplica();
    const listener = await follow({ at: replica });
    await replica.stop();
    await listener.closed;
    await change('alice');
    const again = await follow({ place: listener.place });
    await again.until(() => again.hints.length === 1);
  });
});

test('who does not log in hears nothing, nor does another site in his name', async () => {
  expect((await control.send('GET', '/v1/events', { token: null })).status).toBe(401);
  const { id } = await member('owner');
  const { headers } = await makeSession(control, id);
  const asks = async (more: object) =>
    await control.send('GET', '/v1/events', {
      token: null,
      headers: { ...headers, accept: 'text/event-stream', ...more },
    });
  for (const site of ['cross-site', 'same-site', 'none'])
    expect((await asks({ 'sec-fetch-site': site })).status).toBe(403);
  const own = await listen(control.url, control.ca, headers);
  open.push(own);
  expect(own.status).toBe(200);
});
