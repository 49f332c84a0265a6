import type { IncomingMessage, ServerResponse } from 'node:http';
import { request as httpRequest } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EdgeSite } from '#agent/edge/protocol.ts';
import { SERVICE_GATEWAY } from '#model/node/address.ts';
import { makeCertificate, type TestCertificate } from '#test/support/certificate.ts';
import {
  type Backend,
  EDGE,
  type Edge,
  type GateRequest,
  makeSite,
  resend,
  startBackend,
  startEdge,
  startGate,
  until,
} from './fixture.ts';
import { rawVisit, visit, visitHttp2 } from './visitor.ts';

const NAME = 'hostile.example';

let edge: Edge;
let certificate: TestCertificate;
let backend: Backend;
let gate: { readonly requests: GateRequest[]; stop(): Promise<void> };
let site: EdgeSite;
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeAll(async () => {
  edge = await startEdge();
  certificate = await makeCertificate(NAME);
  backend = await startBackend((request, response) => answer(request, response));
  gate = await startGate(edge, (_, response) => resend(response));
  site = makeSite({ names: [NAME], port: backend.port, certificate });
  await edge.admin('PUT', '/sites', { sites: [site] });
});
afterAll(async () => {
  await gate?.stop();
  await backend?.stop();
  await edge?.service.stop();
});

describe('an answer of a site', () => {
  it.each([
    ['X-Accel-Redirect', '@wake'],
    ['X-Accel-Redirect', '@site'],
    ['X-Accel-Redirect', '/'],
    ['X-Accel-Redirect', '/../../etc/passwd'],
    ['X-Accel-Expires', '60'],
    ['X-Accel-Buffering', 'no'],
    ['X-Accel-Limit-Rate', '1'],
    ['X-Accel-Charset', 'koi8-r'],
  ])('never steers the edge: %s: %s', async (name, value) => {
    answer = (_, response) => response.writeHead(200, { [name]: value, 'Content-Type': 'text/plain' }).end('own words');
    for (const send of [visit, visitHttp2]) {
      const before = backend.requests.length;
      const shown = await send({ host: NAME });
      expect([shown.status, shown.body.toString()]).toEqual([200, 'own words']);
      expect(Object.keys(shown.headers).filter((header) => header.startsWith('x-accel'))).toEqual([]);
      expect(shown.headers['content-type']).toBe('text/plain');
      expect(backend.requests.length - before).toBe(1);
    }
    expect(gate.requests).toHaveLength(0);
  });

  it('to one request is never given to another, whatever the site sends after it', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      // A second answer that nobody asked for.
      socket.on('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood');
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, SERVICE_GATEWAY, resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    await edge.put(makeSite({ names: ['double.example'], port: address.port, certificate }));
    for (let n = 0; n < 20; n += 1) {
      const { status, body } = await visit({ host: 'double.example' });
      expect([status, body.toString()]).toEqual([200, 'good']);
    }
    await new Promise((resolve) => server.close(resolve));
  });

  it('that is huge does not fill the spool while its visitor does not read', async () => {
    const bytes = 64 * 1024 * 1024;
    let written = 0;
    answer = (_, response) => {
      response.writeHead(200, { 'Content-Length': bytes });
      const chunk = Buffer.alloc(1024 * 1024);
      const more = () => {
        while (written < bytes && response.write(chunk)) written += chunk.length;
      };
      response.on('drain', more);
      more();
    };
    const lazy = httpRequest({ host: EDGE, port: 8080, headers: { Host: NAME }, agent: false });
    const ended = new Promise((resolve) => lazy.on('error', resolve));
    await new Promise<void>((resolve) => {
      lazy.on('response', (response) => {
        response.pause();
        response.on('error', () => undefined);
        resolve();
      });
      lazy.end();
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(written).toBeLessThan(bytes / 2);
    lazy.destroy(new Error('gone'));
    await ended;
    await until(async () => expect((await edge.stats()).sites[site.id]?.inFlight).toBe(0));
  });
});

describe('a request', () => {
  const head = `GET / HTTP/1.1\r\nHost: ${NAME}\r\nConnection: close\r\n`;
  const chunks = '5\r\nhello\r\n0\r\n\r\n';

  it.each([
    [
      'both lengths',
      `POST / HTTP/1.1\r\nHost: ${NAME}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`,
    ],
    ['two lengths', `POST / HTTP/1.1\r\nHost: ${NAME}\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nhello`],
    ['a strange encoding', `POST / HTTP/1.1\r\nHost: ${NAME}\r\nTransfer-Encoding: xchunked\r\n\r\n${chunks}`],
    ['two encodings', `POST / HTTP/1.1\r\nHost: ${NAME}\r\nTransfer-Encoding: gzip, chunked\r\n\r\n${chunks}`],
    ['a blank before the colon', `POST / HTTP/1.1\r\nHost: ${NAME}\r\nContent-Length : 5\r\n\r\nhello`],
    ['two hosts', `${head}Host: other.example\r\n\r\n`],
    ['no host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['a NUL in its path', `GET /\0 HTTP/1.1\r\nHost: ${NAME}\r\n\r\n`],
  ])('with %s is refused', async (_, bytes) => {
    answer = (request, response) => {
      request.resume();
      response.end('reached');
    };
    const before = backend.requests.length;
    const shown = await rawVisit(bytes);
    expect(shown).toMatch(/^HTTP\/1\.1 (400|501|421) /);
    expect(shown).not.toContain('reached');
    expect(backend.requests.length).toBe(before);
  });

  it('for one host in its target and another in its head goes to the first, and is told so', async () => {
    answer = (request, response) => response.end(`host ${request.headers.host}`);
    const bytes = `GET http://${NAME}/ HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n`;
    expect(await rawVisit(bytes)).toContain(`host ${NAME}`);
  });

  it('changes the protocol to WebSocket and to nothing else', async () => {
    answer = (request, response) => response.end(`upgrade ${request.headers.upgrade} ${request.headers.connection}`);
    const shown = await rawVisit(
      `GET / HTTP/1.1\r\nHost: ${NAME}\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n`,
    );
    expect(shown).toContain('upgrade undefined undefined');
  });

  it('that is given up is not finished by the next one', async () => {
    const bodies: string[] = [];
    answer = async (request, response) => {
      let text = '';
      try {
        for await (const part of request) text += String(part);
      } catch {
        return;
      }
      bodies.push(text);
      response.end('ok');
    };
    const broken = httpRequest({
      host: EDGE,
      port: 8080,
      method: 'POST',
      headers: { Host: NAME, 'Content-Length': 1000 },
      agent: false,
    });
    broken.on('error', () => undefined);
    broken.write('GET /smuggled HTTP/1.1\r\n');
    await until(async () => expect((await edge.stats()).sites[site.id]?.inFlight).toBe(1));
    broken.destroy();
    await until(async () => expect((await edge.stats()).sites[site.id]?.inFlight).toBe(0));
    expect((await visit({ host: NAME, method: 'POST', body: Buffer.from('whole') })).status).toBe(200);
    expect(bodies).toEqual(['whole']);
  });

  it('larger than the limit is refused before it reaches the site', async () => {
    const before = backend.requests.length;
    const shown = await rawVisit(`POST / HTTP/1.1\r\nHost: ${NAME}\r\nContent-Length: 999999999999\r\n\r\n`);
    expect(shown).toMatch(/^HTTP\/1\.1 (413|503) /);
    expect(backend.requests.length).toBe(before);
  });

  it('has its share of the spool and no more', async () => {
    const sockets = Array.from({ length: 5 }, () => {
      const request = httpRequest({
        host: EDGE,
        port: 8080,
        method: 'POST',
        headers: { Host: NAME, 'Content-Length': 128 * 1024 * 1024 },
        agent: false,
      });
      const status = new Promise<number | undefined>((resolve) => {
        request.on('response', (response) => resolve(response.statusCode));
        request.on('error', () => resolve(undefined));
      });
      request.write('x');
      return { request, status };
    });
    expect(
      await Promise.any(sockets.map(async ({ status }) => (await status) ?? Promise.reject(new Error('none')))),
    ).toBe(503);
    for (const { request } of sockets) request.destroy();
    await until(async () => expect((await edge.stats()).sites[site.id]?.inFlight).toBe(0));
    answer = (request, response) => {
      request.resume();
      request.on('end', () => response.end('ok'));
    };
    expect((await visit({ host: NAME, method: 'POST', body: Buffer.from('x') })).status).toBe(200);
  });
});
