import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNode } from '#contract/api/node.ts';
import { makeCsr } from '../testing/agent.ts';
import { startTestControl, type TestControl } from '../testing/harness.ts';
import { networkOf, WrongTokens } from './wrong-tokens.ts';

describe('the limit', () => {
  test('is so many a minute, and comes back with time', () => {
    let now = 0;
    const limit = new WrongTokens(30, () => now);
    const tries = (count: number) => Array.from({ length: count }, () => limit.count('a')).filter(Boolean).length;
    expect(tries(100)).toBe(30);
    expect(limit.count('b')).toBe(true);
    now += 2000;
    expect(tries(100)).toBe(1);
    now += 3600_000;
    expect(tries(100)).toBe(30);
  });

  test('takes bounded memory, whoever comes', () => {
    const limit = new WrongTokens(1, () => 0);
    limit.count('steady');
    for (let n = 0; n < 30_000; n += 1) {
      limit.count(`address ${n}`);
      if (n % 1000 === 0) expect(limit.count('steady')).toBe(false);
    }
    expect(limit.size).toBeLessThanOrEqual(10_000);
  });

  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::6', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('%s counts as %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe('through the API', () => {
  const METRICS_TOKEN = 'm'.repeat(43);
  let control: TestControl;
  beforeAll(async () => {
    const metricsTokenHash = createHash('sha256').update(METRICS_TOKEN).digest('hex');
    control = await startTestControl({ config: { wrongTokensPerMinute: 5, metricsTokenHash } });
  });
  afterAll(async () => await control?.stop());

  const wrong = {
    'the operator’s token': () => control.send('GET', '/v1/accounts', { token: 'x'.repeat(43) }),
    'a token for enrolment': async () => {
      const { csr } = await makeCsr();
      return await control.send('POST', '/agent/v1/enrol', { token: null, body: { token: 'x'.repeat(43), csr } });
    },
    'a ticket': () => control.send('GET', '/v1/exec/xxxxxxxxxxxxxxxxxxxxxxxx', { token: null }),
  };

  test.each(Object.entries(wrong))('wrong ones are refused the sooner: %s', async (_what, guess) => {
    const answers = [];
    for (let n = 0; n < 12; n += 1) answers.push(await guess());
    expect(answers.at(-1)).toMatchObject({ status: 429, body: { code: 'auth.too-many' } });
    expect(Number(answers.at(-1)?.headers['retry-after'])).toBeGreaterThan(0);
  });

  test('the right ones from the same address are taken all the while, and who shows none is told so', async () => {
    for (let n = 0; n < 12; n += 1) await wrong['the operator’s token']();
    expect((await wrong['the operator’s token']()).status).toBe(429);
    expect((await control.send('GET', '/v1/accounts')).status).toBe(200);
    const { enrolment } = await control.call(createNode, { body: { name: 'innocent' } });
    const { csr } = await makeCsr();
    const enrolled = await control.send('POST', '/agent/v1/enrol', {
      token: null,
      body: { token: enrolment.token, csr },
    });
    expect(enrolled.status).toBe(200);
    expect((await control.send('GET', '/v1/accounts', { token: null })).status).toBe(401);
  });

  test('metrics are for who has a token for them, and nothing else is for that token', async () => {
    const status = async (path: string, token: string | null) => (await control.send('GET', path, { token })).status;
    expect(await status('/metrics', null)).toBe(401);
    expect(await status('/metrics', METRICS_TOKEN)).toBe(200);
    expect(await status('/metrics', control.token)).toBe(200);
    expect(await status('/v1/accounts', METRICS_TOKEN)).not.toBe(200);
  });
});

test('metrics are open to the machine itself where the configuration says so', async () => {
  const control = await startTestControl({ config: { metricsFromLoopback: true } });
  try {
    expect((await control.send('GET', '/metrics', { token: null })).status).toBe(200);
    expect((await control.send('GET', '/v1/accounts', { token: null })).status).toBe(401);
  } finally {
    await control.stop();
  }
});
