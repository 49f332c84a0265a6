import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAccount } from '#contract/api/account.ts';
import {
  addDomain,
  getDomain,
  overrideDomain,
  proveDomain,
  removeDomain,
  restoreDomain,
} from '#contract/api/domain.ts';
import { createSite, getSite } from '#contract/api/site.ts';
import { HOST_ENVIRONMENT } from '#host/run.ts';
import type { TestControl } from '../testing/harness.ts';
import { startTestWorld, type TestWorld } from '../testing/world.ts';

let world: TestWorld;
let control: TestControl;
let dns: { port: number };
const running: (() => Promise<void>)[] = [];

/** A name server with these TXT records; everything else below `example` does not exist. */
async function startDns(port: number, records: Readonly<Record<string, string>>): Promise<() => Promise<void>> {
  const child = spawn(
    'dnsmasq',
    [
      ...[
        '--keep-in-foreground',
        '--conf-file=/dev/null',
        '--no-resolv',
        '--no-hosts',
        '--bind-interfaces',
        '--pid-file=',
        '--log-facility=-',
      ],
      ...[`--port=${port}`, '--listen-address=127.0.0.1', '--user=nobody', '--local=/example/'],
      ...Object.entries(records).map(([name, value]) => `--txt-record=${name},${value}`),
    ],
    { env: HOST_ENVIRONMENT, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.stderr.on('data', (text: Buffer) => {
      if (text.includes('started')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`dnsmasq ended with ${code}`)));
  });
  return async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  };
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

beforeAll(async () => {
  dns = { port: await freeUdpPort() };
  world = await startTestWorld({
    config: { resolvers: [`127.0.0.1:${dns.port}`], platformNames: ['panel.host.example'] },
  });
  control = world.control;
});

afterAll(async () => {
  for (const stop of running) await stop();
  await world?.stop();
});

describe('proof', () => {
  test('without a name server the proof is out of reach, not missing', async () => {
    await control.call(addDomain, { body: { name: 'proof.example', account: 'alice' } });
    const problem = await control.problem(proveDomain, { params: { domain: 'proof.example' } });
    expect(problem).toMatchObject({ status: 503, code: 'domain.proof-unreachable' });
  });

  test('the right record establishes the domain, and the site that waits for it is served', async () => {
    const site = await control.call(createSite, { body: { domain: 'proof.example', account: 'alice' } });
    expect(site.hosts[0]?.served).toBe(false);
    const { proof } = await control.call(getDomain, { params: { domain: 'proof.example' } });
    const stopWrong = await startDns(dns.port, { [proof.name]: `${proof.value}0` });
    const problem = await control.problem(proveDomain, { params: { domain: 'proof.example' } });
    expect(problem).toMatchObject({
      status: 409,
      code: 'domain.proof-missing',
      hint: expect.stringContaining(proof.value),
    });
    await stopWrong();
    running.push(await startDns(dns.port, { [proof.name]: proof.value }));
    const proven = await control.call(proveDomain, { params: { domain: 'proof.example' }, query: { wait: true } });
    expect(proven).toMatchObject({ establishedBy: 'dns', settled: { applied: true } });
    expect((await control.call(getSite, { params: { site: site.id } })).hosts[0]?.served).toBe(true);
    expect((await world.agent.desired()).sites.find((each) => each.id === site.id)?.hosts[0]?.name).toBe(
      'proof.example',
    );
  });

  test('a record for one claim proves no other', async () => {
    await control.call(createAccount, { body: { name: 'mallory', email: 'mallory@example.net' } });
    expect(await control.problem(addDomain, { body: { name: 'proof.example', account: 'mallory' } })).toMatchObject({
      code: 'domain.taken',
    });
  });
});

describe('claims', () => {
  test('one that is not proven keeps nobody else from proving', async () => {
    const squatted = await control.call(addDomain, { body: { name: 'real-owner.example', account: 'bob' } });
    const owner = await control.call(addDomain, { body: { name: 'real-owner.example', account: 'alice' } });
    expect(await control.problem(getDomain, { params: { domain: 'real-owner.example' } })).toMatchObject({
      code: 'domain.ambiguous',
    });
    await control.call(overrideDomain, { params: { domain: owner.id }, body: { reason: 'shown a contract' } });
    expect(await control.call(getDomain, { params: { domain: 'real-owner.example' } })).toMatchObject({ id: owner.id });
    const late = await control.problem(overrideDomain, { params: { domain: squatted.id }, body: { reason: 'me too' } });
    expect(late).toMatchObject({ status: 409, code: 'domain.taken' });
  });

  test('two accounts that establish related names at the same moment: one gets it', async () => {
    const overrideReason = 'made in a test';
    for (let round = 0; round < 10; round += 1) {
      const bodies = [
        { name: `race${round}.example`, account: 'alice', overrideReason },
        { name: `shop.race${round}.example`, account: 'bob', overrideReason },
      ];
      const answers = await Promise.all(bodies.map((body) => control.send('POST', '/v1/domains', { body })));
      expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409]);
    }
  });

  test('below one’s own established domain no proof is needed', async () => {
    const body = { name: 'shop.proof.example', account: 'alice' };
    expect(await control.call(addDomain, { body })).toMatchObject({ establishedBy: 'parent' });
  });

  test('an override keeps its reason and who gave it', async () => {
    const body = { name: 'vouched.example', account: 'alice', overrideReason: 'contract 17' };
    expect(await control.call(addDomain, { body })).toMatchObject({
      establishedBy: 'override',
      overrideReason: 'contract 17',
    });
    const rows = await control.control.context.db
      .selectFrom('domain')
      .select('override_by')
      .where('name', '=', 'vouched.example')
      .execute();
    expect(rows).toEqual([{ override_by: 'machine' }]);
    const audited = await control.control.context.db
      .selectFrom('audit')
      .select(['action', 'body'])
      .where('action', '=', 'POST /v1/domains')
      .execute();
    expect(JSON.stringify(audited)).toContain('contract 17');
  });

  test.each([
    ['co.uk', 'domain.refused'],
    ['github.io', 'domain.refused'],
    ['host.example', 'domain.refused'],
    ['a.panel.host.example', 'domain.refused'],
    ['192.0.2.1', 'domain.invalid'],
    ['pаypal.example', 'domain.invalid'],
  ])('%s is refused', async (name, code) => {
    expect(await control.problem(addDomain, { body: { name, account: 'alice' } })).toMatchObject({
      status: 422,
      code,
      field: 'name',
    });
  });

  test('a domain that somebody else established meanwhile is not restored', async () => {
    const overrideReason = 'made in a test';
    const first = await control.call(addDomain, { body: { name: 'sold.example', account: 'alice', overrideReason } });
    await control.call(removeDomain, { params: { domain: first.id } });
    const second = await control.call(addDomain, { body: { name: 'sold.example', account: 'bob', overrideReason } });
    expect(second.id).not.toBe(first.id);
    expect(await control.problem(restoreDomain, { params: { domain: first.id } })).toMatchObject({
      code: 'domain.taken',
    });
  });
});
