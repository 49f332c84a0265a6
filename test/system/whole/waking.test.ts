import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { request } from 'node:https';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createAccount } from '#contract/api/account.ts';
import { putPlan } from '#contract/api/plan.ts';
import { changeSite, createSite, getSite, resumeSite, sleepSite, suspendSite } from '#contract/api/site.ts';
import { HofjeError } from '#model/error.ts';
import { PLANS, type PlanLimits } from '#model/plan/plan.ts';
import { runInside } from '#platform/demo/inside.ts';
import { visit } from '#platform/demo/web.ts';
import { eventually } from '../platform/stage.ts';
import { factsOf, putPage, visitSite, writeInside } from './page.ts';
import { makeTestSite, openWhole, type Whole } from './stage.ts';

const ALL = process.env['HOFJE_TEST_ALL'] === '1';
const SITE = 'waking.example';
const OTHER = 'other.example';
const params = { site: SITE };
const wait = { wait: true };

let whole: Whole;
beforeAll(async () => {
  whole = await openWhole();
  for (const site of [SITE, OTHER]) {
    await makeTestSite(whole.client, site);
    await putPage(whole.client, site);
  }
});
afterAll(async () => await whole?.close());

/** Puts the site to sleep, and sees it asleep. */
async function asleep(site = SITE): Promise<void> {
  await whole.client.call(sleepSite, { params: { site } });
  await reaches('asleep', site);
}

async function reaches(state: string, site = SITE, seconds = 20) {
  return await eventually(
    `${site} to be ${state}`,
    async () => {
      const seen = await whole.client.call(getSite, { params: { site } });
      return seen.state === state ? seen : undefined;
    },
    seconds,
  );
}

/** A plan like `small`, in force for the site. */
async function onPlan(name: string, limits: Partial<PlanLimits>): Promise<void> {
  const body = { limits: { ...PLANS[0].limits, ...limits } };
  await whole.client.call(putPlan, { params: { plan: name }, body });
  await whole.client.call(changeSite, { params, query: wait, body: { plan: name } });
}

describe('a sleeping site', () => {
  const body = randomBytes(20 * 1024 * 1024);
  const sha256 = createHash('sha256').update(body).digest('hex');

  test('is started once by two hundred visitors at the same time, and all are answered', async () => {
    await asleep();
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, n) => await visitSite(whole, SITE, `/?${n}`)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map((answer) => factsOf(answer).container)).size).toBe(1);
  });

  test('gets the body of the request that woke it, whole: 20 MB, in chunks, over HTTP/2', async () => {
    for (const [how, send] of Object.entries({ posted, inChunks, overHttp2 })) {
      await asleep();
      const facts = factsOf(await send(body));
      expect([how, facts.method, facts.bytes, facts.sha256]).toEqual([how, 'POST', body.length, sha256]);
    }
  });

  test('is asked to upgrade as the visitor asked', async () => {
    await asleep();
    const headers = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' };
    const { server } = factsOf(await visitSite(whole, SITE, '/', { headers }));
    expect(server).toMatchObject({ HTTP_UPGRADE: 'websocket', HTTP_SEC_WEBSOCKET_KEY: headers['sec-websocket-key'] });
    expect(server['HTTP_CONNECTION']).toMatch(/^upgrade$/i);
  });

  test('is not broken by a request that comes while it stops', async () => {
    const failed: unknown[] = [];
    for (let round = 0; round < (ALL ? 300 : 30); round += 1) {
      const visits = async () => {
        await pause(Math.random() * 150);
        const answer = await visitSite(whole, SITE, `/?${round}`, { method: 'POST', body: Buffer.from('x') });
        if (answer.status !== 200) failed.push([round, answer.status, answer.body.toString('utf8').slice(0, 200)]);
      };
      await Promise.all([orderSleep(), visits(), visits()]);
    }
    expect(failed).toEqual([]);
  });

  /** Does not wait until it sleeps: the visitors may keep it from that. */
  async function orderSleep() {
    await whole.client.call(sleepSite, { params }, { patienceMs: 300 }).catch((error: unknown) => {
      if (!(error instanceof HofjeError) || error.code !== 'api.unavailable') throw error;
    });
  }

  async function posted(bytes: Buffer) {
    return await visitSite(whole, SITE, '/', { method: 'POST', body: bytes });
  }

  async function inChunks(bytes: Buffer) {
    const { hostname, port } = new URL(whole.endpoints.https);
    const tls = { ca: whole.siteAuthority, servername: SITE, agent: false as const };
    const asked = request({ host: hostname, port, method: 'POST', headers: { host: SITE }, ...tls });
    const answered = once(asked, 'response');
    for (let from = 0; from < bytes.length; from += 1_234_567) {
      if (!asked.write(bytes.subarray(from, from + 1_234_567))) await once(asked, 'drain');
    }
    asked.end();
    const [answer] = await answered;
    return { status: answer.statusCode as number, body: await buffer(answer) };
  }

  async function overHttp2(bytes: Buffer) {
    const { hostname, port } = new URL(whole.endpoints.https);
    const session = connectHttp2(`https://${hostname}:${port}`, { ca: whole.siteAuthority, servername: SITE });
    try {
      const stream = session.request({ ':method': 'POST', ':path': '/', ':authority': SITE });
      const answered = once(stream, 'response');
      stream.end(bytes);
      const [headers] = await answered;
      return { status: Number(headers[':status']), body: await buffer(stream) };
    } finally {
      session.close();
    }
  }
});

test('a WebSocket reaches a server of the customer behind his .htaccess', async () => {
  const rules = 'RewriteEngine On\nRewriteRule ^live$ ws://127.0.0.1:9000/ [P]\n';
  await writeInside(whole.client, OTHER, 'public/.htaccess', rules);
  const server = runInside(whole.client, OTHER, ['php', '-r', WEBSOCKET_SERVER]);
  const echoed = await eventually('the echo', async () => await echo('hello').catch(() => undefined));
  expect(echoed).toBe('hello');
  expect((await server).outcome).toEqual({ kind: 'exited', status: 0 });
});

async function echo(word: string): Promise<string> {
  const { hostname, port } = new URL(whole.endpoints.https);
  const options = { ca: whole.siteAuthority, servername: OTHER, headers: { host: OTHER } };
  const socket = new WebSocket(`wss://${hostname}:${port}/live`, options);
  try {
    await once(socket, 'open');
    const heard = once(socket, 'message');
    socket.send(word);
    return String((await heard)[0]);
  } finally {
    socket.terminate();
  }
}

/** One connection, one short message, sent back (RFC 6455: the client's is masked, ours is not). */
const WEBSOCKET_SERVER = `
$server = stream_socket_server('tcp://127.0.0.1:9000');
$visitor = stream_socket_accept($server, 20);
for ($key = ''; ($line = rtrim(fgets($visitor))) !== '';) {
    if (preg_match('/^sec-websocket-key: *(.+)$/i', $line, $found)) $key = $found[1];
}
$accept = base64_encode(sha1($key . '258EAFA5-E914-47DA-95CA-C5AB0DC85B11', true));
fwrite($visitor, "HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: $accept\\r\\n\\r\\n");
$length = ord(fread($visitor, 2)[1]) & 127;
$mask = fread($visitor, 4);
fwrite($visitor, chr(129) . chr($length) . (fread($visitor, $length) ^ str_repeat($mask, $length)));
fread($visitor, 1);
`;

test('a site starts whatever its owner has deleted or replaced in it', async () => {
  await runInside(whole.client, OTHER, ['sh', '-c', 'rm -rf logs .php public && ln -s /nowhere logs && touch .php']);
  await asleep(OTHER);
  // Its page is gone, so it says that there is nothing, or the welcome page: it is there.
  expect([200, 403, 404]).toContain((await visitSite(whole, OTHER)).status);
  await runInside(whole.client, OTHER, ['sh', '-c', 'rm -f logs .php']);
  await putPage(whole.client, OTHER);
  await asleep(OTHER);
  expect(factsOf(await visitSite(whole, OTHER)).method).toBe('GET');
});

test('a site that cannot start says so and why, is tried again with patience, and comes back', async () => {
  await asleep();
  await onPlan('tiny', { memoryBytes: 4 * 1024 * 1024 });
  const refused = await visitSite(whole, SITE);
  const retryAfter = Number(refused.headers['retry-after']);
  expect([refused.status, retryAfter > 0]).toEqual([503, true]);
  const deadline = performance.now() + retryAfter * 700;
  const { reason } = await reaches('failed');
  expect(reason).toMatch(/memory/);
  // Until it is time to try again nothing is started: the answer comes at once.
  const again = await visitSite(whole, SITE);
  expect(again.status).toBe(503);
  if (performance.now() < deadline) expect(again.milliseconds).toBeLessThan(1000);
  await whole.client.call(changeSite, { params, query: wait, body: { plan: 'small' } });
  const answered = async () => {
    const answer = await visitSite(whole, SITE);
    return answer.status === 200 ? answer : undefined;
  };
  expect(factsOf(await eventually('an answer', answered, 60)).method).toBe('GET');
  expect((await reaches('running')).reason).toBeNull();
});

test('an idle site goes to sleep by itself, and the next visitor wakes it', async () => {
  const { container } = factsOf(await visitSite(whole, SITE));
  await onPlan('brief', { idleSeconds: 2 });
  await reaches('asleep', SITE, 40);
  const woken = factsOf(await visitSite(whole, SITE));
  expect(woken.container).not.toBe(container);
  await whole.client.call(changeSite, { params, query: wait, body: { plan: 'small' } });
});

test('a suspended site is neither served nor woken until it is resumed', async () => {
  await whole.client.call(suspendSite, { params, query: wait });
  const refused = await visitSite(whole, SITE);
  expect([refused.status, Number(refused.headers['retry-after']) > 0]).toEqual([503, true]);
  expect((await whole.client.call(getSite, { params })).state).toBe('suspended');
  await whole.client.call(resumeSite, { params, query: wait });
  expect(factsOf(await visitSite(whole, SITE)).method).toBe('GET');
});

test('new sites take no request from those that are served', async () => {
  await writeInside(whole.client, OTHER, 'public/small.txt', 'small\n');
  await whole.client.call(changeSite, { params: { site: OTHER }, query: wait, body: { redirectToHttps: false } });
  expect((await visit(whole.endpoints.http, OTHER, '/small.txt')).body.toString()).toBe('small\n');
  const target = `${whole.endpoints.http}/small.txt`;
  const load = spawn('wrk', ['-t1', '-c8', '-d600s', '-H', `Host: ${OTHER}`, target], {
    env: { PATH: '/usr/bin:/bin' },
  });
  const said = text(load.stdout);
  const ended = once(load, 'exit');
  try {
    await whole.client.call(createAccount, { body: { name: 'crowd', email: 'crowd@crowd.example' } });
    for (let n = 0; n < (ALL ? 100 : 20); n += 1) {
      const site = { domain: `crowd-${n}.example`, account: 'crowd', plan: 'small', overrideReason: 'a test' };
      await whole.client.call(createSite, { query: wait, body: site });
    }
  } finally {
    load.kill('SIGINT');
    await ended;
  }
  const report = await said;
  expect(Number(/(\d+) requests in/.exec(report)?.[1])).toBeGreaterThan(1000);
  expect(report).not.toMatch(/Socket errors|Non-2xx/);
}, 600_000);

test('what a visitor says about the way of his request does not reach the site', async () => {
  const forged = {
    'x-forwarded-for': '6.6.6.6',
    'x-forwarded-proto': 'gopher',
    'x-forwarded-host': 'forged.example',
    'x-forwarded-port': '666',
    forwarded: 'for=6.6.6.6;proto=http',
    'x-real-ip': '6.6.6.6',
    proxy: 'http://6.6.6.6/',
    'x-hofje-ready': '1',
    'x-hofje-site': 'forged',
  };
  const { server } = factsOf(await visitSite(whole, SITE, '/', { headers: forged }));
  const leaked = Object.entries(server).filter(([, value]) => /6\.6\.6\.6|forged|gopher|666/.test(value));
  expect(leaked).toEqual([]);
  expect(Object.keys(server).filter((name) => /^HTTP_(PROXY|X_HOFJE.*)$/.test(name))).toEqual([]);
  expect(server).toMatchObject({ HTTPS: 'on', SERVER_PORT: '443', REQUEST_SCHEME: 'https', HTTP_HOST: SITE });
  // The tests visit from the machine's end of its link with the node.
  expect(server['REMOTE_ADDR']).toBe(whole.endpoints.https.replace(/^https:\/\/(.*)\.2:443$/, '$1.1'));
});

test('a name that is not the one of the connection, or of nobody, gets 421 and learns nothing', async () => {
  const headers = { host: OTHER };
  const crossed = await visitSite(whole, SITE, '/', { headers });
  const unknown = await visit(whole.endpoints.https, 'nobody.example');
  expect([crossed.status, unknown.status]).toEqual([421, 421]);
  expect(crossed.body.equals(unknown.body)).toBe(true);
  expect(crossed.body.toString('utf8')).not.toMatch(/waking|other|hofje|nginx/i);
});
