import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDomain, changeDomain, removeDomain, restoreDomain } from '#contract/api/domain.ts';
import {
  changeForwarder,
  createForwarder,
  deleteForwarder,
  getForwarder,
  listForwarders,
} from '#contract/api/forwarder.ts';
import {
  changeMailbox,
  createMailbox,
  deleteMailbox,
  getMailbox,
  listMailboxes,
  setPassword,
} from '#contract/api/mailbox.ts';
import { createSite, deleteSite } from '#contract/api/site.ts';
import { isPassword } from '../secret/password.ts';
import type { TestAgent } from '../testing/agent.ts';
import type { TestControl } from '../testing/harness.ts';
import { startTestWorld, type TestWorld } from '../testing/world.ts';

let world: TestWorld;
let control: TestControl;
let agent: TestAgent;
let siteId: string;

beforeAll(async () => {
  world = await startTestWorld();
  ({ control, agent } = world);
  const overrideReason = 'made in a test';
  siteId = (await control.call(createSite, { body: { domain: 'alice.example', account: 'alice', overrideReason } })).id;
  await control.call(createSite, { body: { domain: 'bob.example', account: 'bob', overrideReason } });
  await control.call(addDomain, { body: { name: 'mail-only.example', account: 'alice', overrideReason } });
});

afterAll(async () => {
  await world?.stop();
});

describe('mailboxes', () => {
  test('one without a password gets one, told once and stored as Argon2id', async () => {
    const made = await control.call(createMailbox, { body: { address: 'Info@Alice.example' }, query: { wait: true } });
    expect(made).toMatchObject({ address: 'info@alice.example', settled: { applied: true } });
    expect(made.password).toMatch(/^[2-9a-zA-Z]{24}$/);
    expect(await control.call(getMailbox, { params: { mailbox: 'info@alice.example' } })).not.toHaveProperty(
      'password',
    );
    const wish = (await agent.desired()).mail.mailboxes.find((each) => each.id === made.id);
    expect(wish).toMatchObject({
      localPart: 'info',
      passwordHash: expect.stringMatching(/^\{ARGON2ID\}\$argon2id\$v=19\$m=65536,t=3,p=1\$/),
    });
    expect(await isPassword(made.password ?? '', wish?.passwordHash ?? '')).toBe(true);
  });

  test('the same creation with its key tells the same password again', async () => {
    const key = { 'idempotency-key': 'mailbox-1' };
    const first = await control.call(createMailbox, { body: { address: 'twice@alice.example' } }, key);
    const again = await control.call(createMailbox, { body: { address: 'twice@alice.example' } }, key);
    expect(again).toEqual(first);
    expect(again.password).toBeDefined();
  });

  test('passwords change, quotas change within the domain’s, mailboxes go', async () => {
    const params = { mailbox: 'box@alice.example' };
    const password = 'correct horse battery';
    await control.call(createMailbox, { body: { address: 'box@alice.example', password } });
    const hashNow = async () =>
      (await agent.desired()).mail.mailboxes.find((each) => each.localPart === 'box')?.passwordHash ?? '';
    expect(await isPassword(password, await hashNow())).toBe(true);
    const { password: generated } = await control.call(setPassword, { params, body: {} });
    expect(await isPassword(generated ?? '', await hashNow())).toBe(true);
    await control.call(changeMailbox, { params, body: { quotaBytes: 5_000_000 } });
    expect(await control.problem(changeMailbox, { params, body: { quotaBytes: 2 ** 50 } })).toMatchObject({
      code: 'mailbox.quota-invalid',
      field: 'quotaBytes',
    });
    await control.call(deleteMailbox, { params });
    expect(await control.problem(getMailbox, { params })).toMatchObject({ status: 404, code: 'mailbox.not-found' });
  });

  test.each(['short', 'aaaaaaaaaaaaaa', 'weak-one@alice.example'])('the password %s is refused', async (password) => {
    const body = { address: 'weak-one@alice.example', password };
    expect(await control.problem(createMailbox, { body })).toMatchObject({
      code: 'mailbox.password-weak',
      field: 'password',
    });
  });

  test('an address is a mailbox or a forwarder, never both, at whatever moment', async () => {
    const address = 'race@alice.example';
    const attempts = [
      control.send('POST', '/v1/mailboxes', { body: { address } }),
      control.send('POST', '/v1/forwarders', { body: { address, to: ['x@example.org'] } }),
      control.send('POST', '/v1/forwarders', { body: { address, pipe: 'cat' } }),
    ];
    const statuses = (await Promise.all(attempts)).map((answer) => answer.status);
    expect(statuses.sort()).toEqual([201, 409, 409]);
  });

  test('the catch-all is one like others', async () => {
    await control.call(createMailbox, { body: { address: '*@mail-only.example' } });
    const { items } = await control.call(listMailboxes, { query: { domain: 'mail-only.example' } });
    expect(items.map((item) => item.address)).toEqual(['*@mail-only.example']);
  });

  test('no password, hash, token or key is ever logged', async () => {
    const password = 'never-to-be-seen-in-a-log';
    await control.call(createMailbox, { body: { address: 'silent@alice.example', password } });
    await control.problem(createMailbox, { body: { address: 'silent@alice.example', password } });
    await control.send('POST', '/v1/mailboxes', { body: { address: 1, password } });
    await control.send('POST', `/v1/mailboxes?password=${password}`, { body: { address: 'x', password } });
    const text = control.logged.join('');
    expect(text.length).toBeGreaterThan(1000);
    for (const secret of [password, control.token, '$argon2id', 'PRIVATE KEY']) expect(text).not.toContain(secret);
  });
});

describe('forwarders', () => {
  test('to addresses, each once and as they will be used', async () => {
    const to = ['A@Far.example', 'a@far.example', 'A@FAR.example', 'b+c@bücher.example'];
    const made = await control.call(createForwarder, { body: { address: 'team@alice.example', to } });
    expect(made).toMatchObject({
      kind: 'addresses',
      to: ['A@far.example', 'a@far.example', 'b+c@xn--bcher-kva.example'],
    });
  });

  test('to a program of the domain’s site, as text and as the words it means', async () => {
    const pipe = `|sh -c 'cat >> "$HOME/mail"' -- \${run{/bin/id}} a\\ b`;
    const made = await control.call(createForwarder, {
      body: { address: 'pipe@alice.example', pipe },
      query: { wait: true },
    });
    const argv = ['sh', '-c', 'cat >> "$HOME/mail"', '--', '$' + '{run{/bin/id}}', 'a b'];
    expect(made).toMatchObject({ kind: 'pipe', site: siteId, pipe, argv, settled: { applied: true } });
    const wish = (await agent.desired()).mail.forwarders.find((each) => each.id === made.id);
    expect(wish).toMatchObject({ kind: 'pipe', site: siteId, command: pipe, argv });
  });

  test('a pipe needs a site of the same account', async () => {
    const pipe = 'cat';
    expect(await control.problem(createForwarder, { body: { address: 'p@mail-only.example', pipe } })).toMatchObject({
      code: 'forwarder.no-site',
      field: 'site',
    });
    const foreign = { address: 'p@mail-only.example', pipe, site: 'bob.example' };
    expect(await control.problem(createForwarder, { body: foreign })).toMatchObject({
      code: 'site.not-found',
      field: 'site',
    });
    const own = { address: 'p@mail-only.example', pipe, site: 'alice.example' };
    expect(await control.call(createForwarder, { body: own })).toMatchObject({ site: siteId });
  });

  test('a site that goes takes no pipe with it before its grace period ends', async () => {
    const overrideReason = 'made in a test';
    const site = await control.call(createSite, {
      body: { domain: 'brief.example', account: 'alice', overrideReason },
    });
    const made = await control.call(createForwarder, { body: { address: 'p@brief.example', pipe: 'cat' } });
    await control.call(deleteSite, { params: { site: site.id } });
    const desired = await agent.desired();
    expect(desired.mail.forwarders.map((each) => each.id)).toContain(made.id);
    expect(desired.sites.map((each) => each.id)).not.toContain(site.id);
  });

  test.each([
    ['nothing', {}, 'to'],
    ['both', { to: ['x@example.org'], pipe: 'cat' }, 'pipe'],
    ['a site without a pipe', { to: ['x@example.org'], site: 'alice.example' }, 'pipe'],
  ])('%s is no purpose', async (_what, purpose, field) => {
    const problem = await control.problem(createForwarder, { body: { address: 'odd@alice.example', ...purpose } });
    expect(problem).toMatchObject({ status: 400, code: 'request.invalid', field });
  });

  test('circles that can be seen are refused', async () => {
    const self = { address: 'self@alice.example', to: ['Self+x@ALICE.example'] };
    expect(await control.problem(createForwarder, { body: self })).toMatchObject({
      code: 'forwarder.loop',
      field: 'to',
    });
    await control.call(createForwarder, { body: { address: 'ring@alice.example', to: ['ring@bob.example'] } });
    const back = { address: 'ring@bob.example', to: ['ring@alice.example'] };
    expect(await control.problem(createForwarder, { body: back })).toMatchObject({ code: 'forwarder.loop' });
    const catchAll = { address: '*@bob.example', to: ['ring@alice.example'] };
    expect(await control.problem(createForwarder, { body: catchAll })).toMatchObject({ code: 'forwarder.loop' });
  });

  test('one is changed in place: mail never finds the address empty', async () => {
    const address = 'changing@alice.example';
    const made = await control.call(createForwarder, { body: { address, pipe: 'cat' } });
    const params = { forwarder: made.id };
    const changed = await control.call(changeForwarder, { params, body: { pipe: "php 'a b'", version: made.version } });
    expect(changed).toMatchObject({ id: made.id, argv: ['php', 'a b'], site: siteId, version: made.version + 1 });
    expect(
      await control.problem(changeForwarder, { params, body: { pipe: 'x', version: made.version } }),
    ).toMatchObject({
      status: 409,
    });
    expect(await control.problem(changeForwarder, { params, body: { pipe: "'" } })).toMatchObject({
      code: 'pipe.invalid',
    });
    expect(await control.problem(changeForwarder, { params, body: { to: [address] } })).toMatchObject({
      code: 'forwarder.loop',
    });
    const onward = await control.call(changeForwarder, {
      params,
      body: { to: ['you@example.org'] },
      query: { wait: true },
    });
    expect(onward).toMatchObject({ kind: 'addresses', to: ['you@example.org'], settled: { applied: true } });
    expect(onward).not.toHaveProperty('pipe');
    const wish = (await agent.desired()).mail.forwarders.find((each) => each.id === made.id);
    expect(wish).toMatchObject({ kind: 'addresses', to: ['you@example.org'] });
    await control.call(deleteForwarder, { params });
  });

  test('they are shown, listed and deleted by address', async () => {
    const params = { forwarder: 'team@alice.example' };
    expect(await control.call(getForwarder, { params })).toMatchObject({ address: 'team@alice.example' });
    const { items } = await control.call(listForwarders, { query: { domain: 'alice.example' } });
    expect(items.map((item) => item.address)).toContain('team@alice.example');
    await control.call(deleteForwarder, { params });
    expect(await control.problem(getForwarder, { params })).toMatchObject({ code: 'forwarder.not-found' });
  });
});

describe('a domain and its mail', () => {
  test('goes with mailboxes and forwarders, and comes back with them', async () => {
    const params = { domain: 'mail-only.example' };
    await control.call(removeDomain, { params });
    const without = await agent.desired();
    expect(without.mail.domains.map((domain) => domain.name)).not.toContain('mail-only.example');
    expect(without.tombstones.map((stone) => stone.kind)).toContain('domain');
    expect((await control.call(listMailboxes, {})).items.map((item) => item.address)).not.toContain(
      '*@mail-only.example',
    );
    await control.call(restoreDomain, { params });
    const restored = await agent.desired();
    expect(restored.mail.domains.map((domain) => domain.name)).toContain('mail-only.example');
    expect(restored.mail.mailboxes.map((box) => box.localPart)).toContain('*');
  });

  test('takes no mail when told so', async () => {
    await control.call(changeDomain, { params: { domain: 'bob.example' }, body: { mail: false } });
    expect((await agent.desired()).mail.domains.map((domain) => domain.name)).not.toContain('bob.example');
  });

  test('does not go while a site answers to it', async () => {
    const problem = await control.problem(removeDomain, { params: { domain: 'alice.example' } });
    expect(problem).toMatchObject({ status: 409, code: 'domain.in-use' });
  });
});
