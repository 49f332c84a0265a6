import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ClientRequest, request as httpRequest } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EdgeSite } from '#agent/edge/protocol.ts';
import { makeCertificate, type TestCertificate } from '#test/support/certificate.ts';
import { type Backend, EDGE, type Edge, makeSite, startBackend, startEdge, until } from './fixture.ts';
import { visit, visitHttp2 } from './visitor.ts';

const MiB = 1024 * 1024;
const NAMES = Array.from({ length: 8 }, (_, at) => `bodies${at}.example`);
const [NAME = ''] = NAMES;

let edge: Edge;
let certificate: TestCertificate;
let backend: Backend;
let sites: readonly EdgeSite[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeAll(async () => {
  edge = await startEdge();
  certificate = await makeCertificate(NAME);
  backend = await startBackend((request, response) => answer(request, response));
  sites = NAMES.map((name) => makeSite({ names: [name], port: backend.port, certificate }));
  await edge.admin('PUT', '/sites', { sites });
});
afterAll(async () => {
  await backend?.stop();
  await edge?.service.stop();
});

const countBytes = async (request: IncomingMessage, response: ServerResponse) => {
  let bytes = 0;
  try {
    for await (const part of request) bytes += (part as Buffer).length;
  } catch {
    return;
  }
  response.end(`${request.method} ${bytes}`);
};

/** A body whose length nobody is told before its end. */
function unknownLength(bytes: number): Readable {
  return Readable.from(Array.from({ length: bytes / 1024 }, () => Buffer.alloc(1024)));
}

/** Begins to send as much as a body may hold. */
function beginUpload(host: string): { request: ClientRequest; status: Promise<number | undefined> } {
  const headers = { Host: host, 'Content-Length': 128 * MiB };
  const request = httpRequest({ host: EDGE, port: 8080, method: 'POST', headers, agent: false });
  const status = new Promise<number | undefined>((resolve) => {
    request.on('response', (response) => resolve(response.statusCode));
    request.on('error', () => resolve(undefined));
  });
  request.write('x');
  return { request, status };
}

async function inFlight(): Promise<number> {
  const { sites: counts } = await edge.stats();
  return Object.values(counts).reduce((sum, one) => sum + one.inFlight, 0);
}

describe('a body that HTTP/2 brings unannounced', () => {
  it.each(['GET', 'HEAD', 'OPTIONS'])('is dropped where it means nothing: %s', async (method) => {
    const seen: string[] = [];
    answer = (request, response) => {
      seen.push(`${request.method} ${request.headers['transfer-encoding']} ${request.headers['content-length']}`);
      void countBytes(request, response);
    };
    const shown = await visitHttp2({ host: NAME, method, body: unknownLength(2 * MiB) });
    expect(shown.status).toBe(200);
    if (method !== 'HEAD') expect(shown.body.toString()).toBe(`${method} 0`);
    expect(seen).toEqual([`${method} undefined undefined`]);
  });

  it.each(['POST', 'DELETE'])('comes whole where it may mean something: %s', async (method) => {
    answer = countBytes;
    const shown = await visitHttp2({ host: NAME, method, body: unknownLength(2 * MiB) });
    expect([shown.status, shown.body.toString()]).toEqual([200, `${method} ${2 * MiB}`]);
  });

  it('has the room of the longest while it comes, and its own after that', async () => {
    const visits: Promise<{ status: number }>[] = [];
    const bodies = Array.from({ length: 4 }, () => new PassThrough());
    const held: ServerResponse[] = [];
    answer = (request, response) => {
      request.resume();
      request.on('end', () => held.push(response));
    };
    for (const body of bodies) {
      body.write('x');
      visits.push(visitHttp2({ host: NAME, method: 'DELETE', body }));
    }
    await until(async () => expect(await inFlight()).toBe(4));
    const fifth = await visitHttp2({ host: NAME, method: 'DELETE' });
    expect([fifth.status, fifth.headers['retry-after']]).toEqual([503, '10']);
    for (const body of bodies) body.end();
    await until(async () => expect(held).toHaveLength(4));
    for (let at = 0; at < 12; at += 1) visits.push(visitHttp2({ host: NAME, method: 'DELETE' }));
    await until(async () => expect(held).toHaveLength(16));
    for (const response of held) response.end();
    expect((await Promise.all(visits)).map(({ status }) => status)).toEqual(Array.from({ length: 16 }, () => 200));
  });
});

describe('a body in chunks', () => {
  it('comes whole, and is refused when it becomes too long', async () => {
    answer = countBytes;
    const shown = await visit({ host: NAME, method: 'POST', body: unknownLength(MiB) });
    expect([shown.status, shown.body.toString()]).toEqual([200, `POST ${MiB}`]);
    const tooLong = visit({ host: NAME, method: 'POST', body: unknownLength(129 * MiB) });
    expect(
      await tooLong.then(
        ({ status }) => status,
        () => 'reset',
      ),
    ).toSatisfy((end) => end === 413 || end === 'reset');
    await until(async () => expect(await inFlight()).toBe(0));
  });
});

describe('the spool', () => {
  it('has room for no more than it holds, whoever asks; what needs none goes on', async () => {
    answer = countBytes;
    const uploads = NAMES.slice(0, 6).flatMap((host) => Array.from({ length: 4 }, () => beginUpload(host)));
    await until(async () => expect(await inFlight()).toBe(24));
    const [, , , , , , neighbour = ''] = NAMES;
    const refused = await visit({ host: neighbour, method: 'POST', body: unknownLength(1024) });
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '10']);
    expect(await beginUpload(neighbour).status).toBe(503);
    expect((await visit({ host: neighbour })).status).toBe(200);
    expect((await visitHttp2({ host: neighbour })).status).toBe(200);
    const small = { method: 'POST', body: Buffer.alloc(20_000), headers: { 'Content-Length': '20000' } };
    expect((await visitHttp2({ host: neighbour, ...small })).body.toString()).toBe('POST 20000');
    for (const { request } of uploads) request.destroy();
    await until(async () => expect(await inFlight()).toBe(0));
    expect((await visit({ host: neighbour, method: 'POST', body: unknownLength(1024) })).status).toBe(200);
  });
});
