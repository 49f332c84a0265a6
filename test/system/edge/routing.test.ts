import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '#host/run.ts';
import { SERVICE_GATEWAY } from '#model/node/address.ts';
import { makeCertificate, type TestCertificate } from '#test/support/certificate.ts';
import { randomAddress } from '#test/support/service.ts';
import { type Backend, EDGE, type Edge, makeSite, startBackend, startEdge, until } from './fixture.ts';
import { certificateFor, visit, visitHttp2 } from './visitor.ts';

let edge: Edge;
let backend: Backend;
let certificate: TestCertificate;

beforeAll(async () => {
  edge = await startEdge();
  backend = await startBackend((request, response) => {
    response.end(JSON.stringify({ host: request.headers.host, url: request.url, headers: request.rawHeaders }));
  });
  certificate = await makeCertificate('one.example', 'www.one.example');
});
afterAll(async () => {
  await backend?.stop();
  await edge?.service.stop();
});

const site = (...names: string[]) => makeSite({ names, port: backend.port, certificate });

describe('before the first table', () => {
  it('says nothing about any name', async () => {
    expect((await edge.admin('GET', '/generation')).document).toMatchObject({ filled: false });
    const answer = await visit({ host: 'one.example' });
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('1');
  });
});

describe('a table', () => {
  it('replaces what was known', async () => {
    const [first, second, third] = [site('one.example'), site('two.example'), site('three.example')];
    const generation = await edge.generation();
    expect((await edge.admin('PUT', '/sites', { generation, sites: [first, second] })).status).toBe(204);
    expect((await edge.admin('PUT', '/sites', { generation, sites: [second, third] })).status).toBe(204);
    expect((await edge.admin('GET', '/generation')).document).toEqual({ generation, filled: true });
    expect((await visit({ host: 'one.example' })).status).toBe(421);
    expect((await visit({ host: 'two.example' })).status).toBe(200);
    expect((await visit({ host: 'three.example' })).status).toBe(200);
  });

  it('is refused with the reason, and the former one stays', async () => {
    const good = site('kept.example');
    await edge.put(good);
    const other = await makeCertificate('other.example');
    const [host] = good.hosts;
    for (const [broken, reason] of [
      [{ ...good, upstream: 'localhost' }, 'upstream'],
      [{ ...good, suspended: 1 }, 'suspended'],
      [{ ...good, hosts: [{ ...host, key: other.key }] }, 'does not fit'],
      [{ ...good, hosts: [{ ...host, chain: 'x' }] }, 'chain'],
      [{ ...good, hosts: [{ ...host, name: 'Bad Name' }] }, 'name'],
    ] as const) {
      const answer = await edge.admin('PUT', `/sites/${good.id}`, broken);
      expect(answer.status).toBe(400);
      expect(JSON.stringify(answer.document)).toContain(reason);
      expect((await edge.admin('PUT', '/sites', { sites: [broken] })).status).toBe(400);
    }
    expect((await edge.admin('PUT', `/sites/${good.id}`, '{')).status).toBe(400);
    expect((await edge.admin('PUT', '/sites', { generation: 'former', sites: [] })).status).toBe(409);
    expect((await visit({ host: 'kept.example' })).status).toBe(200);
  });

  it('is pointed elsewhere without its hosts being told again', async () => {
    const wish = site('pointed.example');
    await edge.put(wish);
    const pointer = { upstream: wish.upstream, suspended: true };
    expect((await edge.admin('PATCH', `/sites/${wish.id}`, pointer)).status).toBe(204);
    expect((await visit({ host: 'pointed.example' })).status).toBe(503);
    expect((await edge.admin('PATCH', `/sites/${wish.id}`, { ...pointer, suspended: false })).status).toBe(204);
    expect((await visit({ host: 'pointed.example' })).status).toBe(200);
    expect((await edge.admin('PATCH', '/sites/site_nobody', pointer)).status).toBe(404);
  });

  it('is told by the node only', async () => {
    const stranger = randomAddress();
    await run(['ip', 'addr', 'add', `${stranger}/32`, 'dev', edge.service.linkName]);
    const answer = await visit({ host: EDGE, port: 8079, path: '/generation', from: stranger });
    expect(answer.status).toBe(403);
    expect((await visit({ host: EDGE, port: 8079, path: '/generation' })).status).toBe(200);
  });
});

describe('a site', () => {
  it('is found by any of its names, over http, https and HTTP/2', async () => {
    await edge.put(site('one.example', 'www.one.example'));
    for (const host of ['one.example', 'www.one.example', 'ONE.example', 'one.example.', 'one.example:8080']) {
      expect((await visit({ host, path: '/a?b=c' })).status, host).toBe(200);
    }
    const answer = await visit({ host: 'www.one.example', path: '/a%2Fb/../c?d=%20', tls: true });
    expect(JSON.parse(answer.body.toString())).toMatchObject({ host: 'www.one.example', url: '/a%2Fb/../c?d=%20' });
    expect((await visitHttp2({ host: 'one.example' })).status).toBe(200);
  });

  it('forgets a name that it gave up, unless another site has it by now', async () => {
    const from = site('moving.example', 'staying.example');
    const to = site('moving.example');
    await edge.put(from);
    await edge.put(to);
    await edge.put({ ...from, hosts: from.hosts.filter(({ name }) => name !== 'moving.example') });
    expect((await visit({ host: 'moving.example' })).status).toBe(200);
    await edge.put({ ...to, hosts: [] });
    expect((await visit({ host: 'moving.example' })).status).toBe(421);
    expect((await visit({ host: 'staying.example' })).status).toBe(200);
    expect((await edge.admin('DELETE', `/sites/${from.id}`)).status).toBe(204);
    expect((await edge.admin('DELETE', `/sites/${from.id}`)).status).toBe(204);
    expect((await visit({ host: 'staying.example' })).status).toBe(421);
  });

  it('is shown the visitor by headers that no visitor can write', async () => {
    await edge.put(site('one.example'));
    const headers = {
      'X-Forwarded-For': '6.6.6.6',
      'X-Forwarded-Proto': 'gopher',
      'X-Forwarded-Host': 'evil.example',
      'X-Forwarded-Port': '1',
      'X-Forwarded-Prefix': '/evil',
      'X-Forwarded-Anything': 'evil',
      'X-Real-IP': '6.6.6.6',
      Forwarded: 'for=6.6.6.6',
      Proxy: 'http://evil.example',
      'X-Hofje-Site': 'evil',
      'X-Hofje-Attempt': '9',
      X_Forwarded_For: '6.6.6.6',
      HTTP_PROXY: 'evil',
      'X-Own': 'kept',
    };
    for (const tls of [false, true]) {
      const { body } = await visit({ host: 'one.example', headers, tls });
      const raw = (JSON.parse(body.toString()) as { headers: string[] }).headers;
      const pairs = raw.flatMap((name, index) => (index % 2 === 0 ? [[name.toLowerCase(), raw[index + 1]]] : []));
      expect(Object.fromEntries(pairs)).toEqual({
        host: 'one.example',
        'x-forwarded-for': SERVICE_GATEWAY,
        'x-forwarded-proto': tls ? 'https' : 'http',
        'x-forwarded-host': 'one.example',
        'x-forwarded-port': tls ? '443' : '80',
        'x-real-ip': SERVICE_GATEWAY,
        'x-own': 'kept',
      });
      expect(pairs).toHaveLength(7);
    }
  });

  it('keeps its connections', async () => {
    await edge.put(site('kept.example'));
    const before = backend.connections.size;
    for (let n = 0; n < 20; n += 1) expect((await visit({ host: 'kept.example' })).status).toBe(200);
    // One for each worker of nginx at most.
    expect(backend.connections.size - before).toBeLessThan(16);
  });

  it('redirects to https where it wants to, except what authorities ask', async () => {
    await edge.put(makeSite({ names: ['safe.example'], port: backend.port, certificate, redirectToHttps: true }));
    const answer = await visit({ host: 'safe.example:8080', path: '/x?y=1' });
    expect([answer.status, answer.headers.location]).toEqual([301, 'https://safe.example/x?y=1']);
    expect((await visit({ host: 'safe.example', method: 'POST', body: Buffer.from('x') })).status).toBe(308);
    expect((await visit({ host: 'safe.example', path: '/.well-known/acme-challenge/token' })).status).toBe(200);
    expect((await visit({ host: 'safe.example', tls: true })).status).toBe(200);
  });

  it('is refused while it is suspended', async () => {
    const wish = site('off.example');
    await edge.put({ ...wish, suspended: true });
    const answer = await visit({ host: 'off.example' });
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('3600');
    await edge.put({ ...wish, suspended: false });
    expect((await visit({ host: 'off.example' })).status).toBe(200);
  });
});

describe('a certificate', () => {
  it('is the one of the name in the handshake, and a change shows at once', async () => {
    const mine = await makeCertificate('tls.example');
    const wish = makeSite({ names: ['tls.example'], port: backend.port, certificate: mine });
    await edge.put(wish);
    const before = await certificateFor('tls.example');
    expect(before.subjectaltname).toBe('DNS:tls.example');
    expect((await certificateFor('TLS.example')).fingerprint256).toBe(before.fingerprint256);
    await edge.put({
      ...wish,
      hosts: [{ name: 'tls.example', redirectToHttps: false, ...(await makeCertificate('tls.example')) }],
    });
    const after = await certificateFor('tls.example');
    expect(after.subjectaltname).toBe('DNS:tls.example');
    expect(after.fingerprint256).not.toBe(before.fingerprint256);
  });

  it('of an unknown name, or none, tells nothing', async () => {
    for (const name of ['nobody.example', undefined]) {
      const shown = await certificateFor(name);
      expect(shown.subject).toEqual({ CN: 'invalid' });
      expect(shown.subjectaltname).toBeUndefined();
    }
  });
});

describe('what is not served', () => {
  it('gets one page for all: unknown names, and a Host that is not of the site in the handshake', async () => {
    await edge.put(site('one.example', 'www.one.example'));
    await edge.put(site('two.example'));
    const pages = [
      await visit({ host: 'nobody.example' }),
      await visit({ host: EDGE }),
      await visit({ host: 'nobody.example', tls: true }),
      await visit({ host: 'two.example', serverName: 'one.example', tls: true }),
      await visit({ host: 'one.example', serverName: 'nobody.example', tls: true }),
      await visit({ host: 'nobody.example', serverName: 'one.example', tls: true }),
      await visitHttp2({ host: 'two.example', serverName: 'one.example' }),
      await visit({ host: 'nobody.example', method: 'POST', body: Buffer.from('x') }),
    ];
    for (const page of pages) {
      expect(page.status).toBe(421);
      expect(page.body.toString()).toBe(pages[0]?.body.toString());
      expect(page.headers['server']).toBe('nginx');
    }
    expect((await visit({ host: 'www.one.example', serverName: 'one.example', tls: true })).status).toBe(200);
  });
});

describe('counts', () => {
  it('are kept per site', async () => {
    const failing = await startBackend((request, response) => {
      response.writeHead(request.url === '/500' ? 500 : 200).end('x');
    });
    try {
      const from = Date.now();
      const wish = makeSite({ names: ['count.example'], port: failing.port, certificate });
      await edge.put(wish);
      for (const path of ['/', '/', '/500']) await visit({ host: 'count.example', path });
      await until(async () => {
        const counts = (await edge.stats()).sites[wish.id];
        expect(counts).toMatchObject({ requests: 3, status5xx: 1, inFlight: 0 });
        expect(counts?.latency.reduce((sum, count) => sum + count, 0)).toBe(3);
        expect(counts?.latency).toHaveLength(11);
        expect(counts?.lastActivity).toBeGreaterThanOrEqual(from - 1000);
      });
      expect(Object.keys((await edge.stats(`?since=${Date.now() + 60_000}`)).sites)).toEqual([]);
      await edge.admin('DELETE', `/sites/${wish.id}`);
      expect((await edge.stats()).sites[wish.id]).toBeUndefined();
    } finally {
      await failing.stop();
    }
  });
});
