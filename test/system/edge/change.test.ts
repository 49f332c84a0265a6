import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOST_ENVIRONMENT } from '#host/run.ts';
import { makeCertificate, type TestCertificate } from '#test/support/certificate.ts';
import { type Backend, EDGE, type Edge, makeSite, startBackend, startEdge } from './fixture.ts';
import { certificateFor, visit } from './visitor.ts';

let edge: Edge;
let backend: Backend;
let certificate: TestCertificate;

beforeAll(async () => {
  edge = await startEdge();
  backend = await startBackend((_, response) => response.end('ok'));
  certificate = await makeCertificate('busy.example');
  await edge.admin('PUT', '/sites', {
    sites: [makeSite({ names: ['busy.example'], port: backend.port, certificate })],
  });
});
afterAll(async () => {
  await backend?.stop();
  await edge?.service.stop();
});

/** Visitors with kept connections; gives wrk's report. */
async function wrk(url: string, seconds: number): Promise<string> {
  const child = spawn('wrk', ['-t1', '-c20', `-d${seconds}s`, '-H', 'Host: busy.example', '--', url], {
    env: HOST_ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const parts: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  await new Promise((resolve) => child.on('close', resolve));
  return Buffer.concat(parts).toString('utf8');
}

describe('a change', () => {
  it('of a hundred sites drops no request of another', async () => {
    const visits = wrk(`http://${EDGE}:8080/`, 4);
    const sites = Array.from({ length: 100 }, (_, n) =>
      makeSite({ names: [`new${n}.example`, `www.new${n}.example`], port: backend.port, certificate }),
    );
    for (const site of sites) {
      await edge.put(site);
      expect((await visit({ host: `www.${site.hosts[0]?.name}`, tls: true })).status).toBe(200);
    }
    for (const site of sites.slice(50)) await edge.admin('DELETE', `/sites/${site.id}`);
    const report = await visits;
    expect(report).toMatch(/\d+ requests in/);
    // wrk says so only when there were any.
    expect(report).not.toMatch(/Non-2xx|Socket errors/);
  });
});

describe('ten thousand names (a tenth in the fast suite)', () => {
  const NAMES = process.env['HOFJE_TEST_ALL'] === '1' ? 10_000 : 1000;

  it('fit into memory, each with a chain and a key of its own, while visitors are served', async () => {
    // As long as a leaf and two authorities with RSA keys. The text before the certificate makes each one different.
    const padding = () => randomBytes(2250).toString('base64');
    const sites = Array.from({ length: NAMES }, (_, n) => {
      const name = `s${n}.many.example`;
      const own = { chain: `${padding()}\n${certificate.chain}`, key: certificate.key };
      return makeSite({ names: [name], port: backend.port, certificate: own });
    });
    const busy = makeSite({ names: ['busy.example'], port: backend.port, certificate });
    const visits = wrk(`http://${EDGE}:8080/`, 6);
    const from = performance.now();
    const { status } = await edge.admin('PUT', '/sites', { sites: [busy, ...sites] });
    const seconds = (performance.now() - from) / 1000;
    expect(status).toBe(204);
    expect(await visits).not.toMatch(/Non-2xx|Socket errors/);
    for (const n of [0, 1, NAMES / 2, NAMES - 1]) {
      expect((await visit({ host: `s${n}.many.example`, tls: true })).status).toBe(200);
    }
    expect((await certificateFor('s77.many.example')).subjectaltname).toBe('DNS:busy.example');
    const statsFrom = performance.now();
    await edge.stats();
    console.log(
      `${NAMES} names in ${seconds.toFixed(1)} s; counts of all in ${(performance.now() - statsFrom).toFixed(0)} ms`,
    );
  });
});
