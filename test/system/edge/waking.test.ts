import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTcpServer, type Server } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { EdgeSite } from '#agent/edge/protocol.ts';
import { SERVICE_GATEWAY } from '#model/node/address.ts';
import { makeCertificate, type TestCertificate } from '#test/support/certificate.ts';
import {
  type Backend,
  EDGE,
  type Edge,
  freePort,
  type GateRequest,
  makeSite,
  resend,
  startBackend,
  startEdge,
  startGate,
  until,
} from './fixture.ts';
import { visit, visitHttp2 } from './visitor.ts';

const NAME = 'sleeper.example';
const BODY = randomBytes(20 * 1024 * 1024);
const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

let edge: Edge;
let certificate: TestCertificate;
let site: EdgeSite;
/** Taken down after each test. */
let started: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  edge = await startEdge();
  certificate = await makeCertificate(NAME);
  await edge.admin('PUT', '/sites', { sites: [] });
});
afterAll(async () => await edge?.service.stop());

beforeEach(async () => {
  site = makeSite({ names: [NAME], port: await freePort(), certificate });
  await edge.put(site);
});
afterEach(async () => {
  for (const one of started) await one.stop();
  started = [];
  await edge.admin('DELETE', `/sites/${site.id}`);
});

/** What a site answers: how it was asked, and the digest of the body. */
async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const body = Buffer.concat(parts);
  response.end(JSON.stringify({ method: request.method, url: request.url, length: body.length, digest: digest(body) }));
}

/** A gate that starts the site's backend once, at the address that the site is known by. */
async function wakingGate(): Promise<{ readonly requests: GateRequest[]; readonly backends: Backend[] }> {
  const backends: Backend[] = [];
  let starting: Promise<Backend> | undefined;
  const port = Number(site.upstream?.split(':')[1]);
  const gate = await startGate(edge, async (_, response) => {
    starting ??= startBackend((request, answer) => void echo(request, answer), port);
    const backend = await starting;
    if (!backends.includes(backend)) {
      backends.push(backend);
      started.push(backend);
    }
    resend(response);
  });
  started.push(gate);
  return { requests: gate.requests, backends };
}

describe('a request that wakes a site', () => {
  const expected = { method: 'POST', url: '/in?x=1', length: BODY.length, digest: digest(BODY) };
  const post = { host: NAME, path: '/in?x=1', method: 'POST' } as const;

  it.each([
    ['of 20 MB', () => visit({ ...post, body: BODY })],
    ['of 20 MB in chunks', () => visit({ ...post, body: Readable.from([BODY.subarray(0, 777), BODY.subarray(777)]) })],
    ['of 20 MB over https', () => visit({ ...post, body: BODY, tls: true })],
    ['of 20 MB over HTTP/2', () => visitHttp2({ ...post, body: BODY })],
  ])('is answered with its body intact: %s', async (_, send) => {
    const gate = await wakingGate();
    const answer = await send();
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body.toString())).toEqual(expected);
    expect(gate.backends[0]?.requests).toHaveLength(1);
    expect(gate.requests).toHaveLength(1);
    expect(gate.requests[0]).toMatchObject({ site: site.id, connectTime: '-', attempt: '1', bodyBytes: 0 });
    // Nothing of the visitor's reaches the gate.
    expect(Object.keys(gate.requests[0]?.headers ?? {}).sort()).toEqual([
      'host',
      'x-hofje-attempt',
      'x-hofje-connect-time',
      'x-hofje-site',
    ]);
  });

  it('asks the gate first where the site is known to sleep', async () => {
    await edge.put({ ...site, upstream: null });
    const gate = await startGate(edge, async (request, response) => {
      const backend = await startBackend((asked, answer) => void echo(asked, answer));
      started.push(backend);
      await edge.put({ ...site, upstream: `${SERVICE_GATEWAY}:${backend.port}` });
      expect(request.connectTime).toBe('-');
      resend(response);
    });
    started.push(gate);
    for (const send of [visit, visitHttp2]) {
      await edge.put({ ...site, upstream: null });
      const answer = await send({ ...post, body: BODY });
      expect([answer.status, JSON.parse(answer.body.toString())]).toEqual([200, expected]);
    }
  });

  it('may be one of two hundred at once', async () => {
    const gate = await wakingGate();
    const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => visit({ host: NAME, path: `/${n}` })));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(gate.backends).toHaveLength(1);
    expect(gate.backends[0]?.requests).toHaveLength(200);
  });

  it('may be a WebSocket', async () => {
    const port = Number(site.upstream?.split(':')[1]);
    const gate = await startGate(edge, async (_, response) => {
      const backend = await startBackend((_request, answer) => void answer.writeHead(426).end(), port);
      const sockets = new WebSocketServer({ server: backend.server });
      sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${String(data)}`)));
      started.push(backend);
      resend(response);
    });
    started.push(gate);
    const socket = new WebSocket(`ws://${EDGE}:8080/live`, { headers: { Host: NAME } });
    const heard = new Promise<string>((resolve, reject) => {
      socket.on('open', () => socket.send('hello'));
      socket.on('message', (data) => resolve(String(data)));
      socket.on('error', reject);
    });
    expect(await heard).toBe('echo hello');
    expect((await edge.stats()).sites[site.id]?.inFlight).toBe(1);
    socket.close();
    await until(async () => expect((await edge.stats()).sites[site.id]?.inFlight).toBe(0));
  });
});

describe('a request that fails', () => {
  /** A site that takes connections and ends them after some bytes. */
  async function breaking(bytes: string): Promise<{ taken: number }> {
    const port = Number(site.upstream?.split(':')[1]);
    const count = { taken: 0 };
    const server: Server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        count.taken += 1;
        socket.end(bytes);
      });
    });
    await new Promise<void>((resolve) => server.listen(port, SERVICE_GATEWAY, resolve));
    started.push({ stop: async () => void (await new Promise((resolve) => server.close(resolve))) });
    return count;
  }

  it.each(['GET', 'POST'])('in the middle is not sent a second time: %s', async (method) => {
    const site = await breaking('');
    const gate = await wakingGate();
    const answer = await visit({ host: NAME, method, ...(method === 'POST' ? { body: Buffer.from('x') } : {}) });
    expect(answer.status).toBe(502);
    expect(site.taken).toBe(1);
    expect(gate.requests).toHaveLength(0);
    expect(answer.body.toString()).toContain('did not answer');
  });

  it('after waking ends there', async () => {
    const gate = await startGate(edge, (_, response) => resend(response));
    started.push(gate);
    const answer = await visit({ host: NAME, method: 'POST', body: Buffer.from('x') });
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5']);
    expect(gate.requests).toHaveLength(1);
  });

  it('gets 503 with Retry-After when there is no gate', async () => {
    const answer = await visit({ host: NAME, method: 'POST', body: Buffer.from('x') });
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('5');
  });

  it.each([
    [503, '503', '7'],
    [502, '502', undefined],
    [500, '503', '5'],
    [404, '503', '5'],
  ])('gets a page of the edge when the gate answers %s', async (status, shown, retryAfter) => {
    const gate = await startGate(edge, (_, response) => {
      response.writeHead(status, status === 503 ? { 'Retry-After': '7' } : {}).end('from the gate');
    });
    started.push(gate);
    for (const send of [visit, visitHttp2]) {
      const answer = await send({ host: NAME, method: 'POST', body: Buffer.from('x') });
      expect([`${answer.status}`, answer.headers['retry-after']]).toEqual([shown, retryAfter]);
      expect(answer.body.toString()).not.toContain('gate');
    }
    expect((await edge.stats()).sites[site.id]).toMatchObject({ status5xx: 2, inFlight: 0 });
  });

  it('counts as failed when its site answers so, and passes as the site wrote it', async () => {
    const backend = await startBackend((_, response) => void response.writeHead(502).end('own page'));
    started.push(backend);
    const gate = await wakingGate();
    await edge.put({ ...site, upstream: `${SERVICE_GATEWAY}:${backend.port}` });
    const answer = await visit({ host: NAME });
    expect([answer.status, answer.body.toString()]).toEqual([502, 'own page']);
    expect(gate.requests).toHaveLength(0);
  });
});
