import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeId, type SiteId } from '#model/id.ts';
import { EDGE_ADMIN_PORT } from '#model/network/service.ts';
import { EdgeClient } from './edge-client.ts';
import { EdgeTable } from './edge-table.ts';
import type { EdgePointer, EdgeSite } from './protocol.ts';

/** An edge's admin port as its protocol says, without nginx: what matters here is who is told what, and when. */
class FakeEdge {
  // Nobody else's: the whole of 127/8 is this machine.
  readonly address = `127.63.${randomBytes(1)[0]}.${1 + ((randomBytes(1)[0] ?? 0) % 250)}`;
  readonly sites = new Map<string, EdgeSite>();
  generation = 'one';
  filled = false;
  refuses: SiteId | undefined;
  calls: string[] = [];
  #server: Server | undefined;

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => {
        text += chunk;
      });
      request.on('end', () => {
        const { status, document } = this.#answer(`${request.method} ${request.url}`, text);
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(document === undefined ? undefined : JSON.stringify(document));
      });
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(EDGE_ADMIN_PORT, this.address, resolve));
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  restart(): void {
    this.sites.clear();
    this.generation = 'two';
    this.filled = false;
  }

  #answer(call: string, text: string): { status: number; document?: unknown } {
    this.calls.push(call);
    const [method, path = ''] = call.split(' ');
    if (path === '/generation') {
      return { status: 200, document: { generation: this.generation, filled: this.filled } };
    }
    const id = path.split('/')[2] ?? '';
    if (method === 'DELETE') {
      this.sites.delete(id);
      return { status: 204 };
    }
    const document = JSON.parse(text) as { sites: EdgeSite[] } & EdgeSite & EdgePointer;
    const sites = path === '/sites' ? document.sites : [document];
    const isRefused = (site: EdgeSite) => this.refuses !== undefined && site.id === this.refuses;
    if (sites.some(isRefused)) return { status: 400, document: { message: 'a bad key' } };
    if (method === 'PATCH') {
      const known = this.sites.get(id);
      if (known !== undefined) this.sites.set(id, { ...known, ...document });
      return { status: 204 };
    }
    if (path === '/sites') {
      this.sites.clear();
      this.filled = true;
    }
    for (const site of sites) this.sites.set(site.id, site);
    return { status: 204 };
  }
}

const ONE = makeId('site', new Uint8Array(20).fill(1));
const TWO = makeId('site', new Uint8Array(20).fill(2));
const ENTRY = { hosts: [] };
let edge: FakeEdge;
let client: EdgeClient;

beforeEach(async () => {
  edge = new FakeEdge();
  await edge.start();
  client = new EdgeClient(edge.address);
});
afterEach(async () => {
  client.close();
  await edge.stop();
});

test('an edge that comes gets everything that is known, with the pointers as they are', async () => {
  const table = new EdgeTable();
  table.set(ONE, ENTRY, false, 'f1');
  table.set(TWO, ENTRY, true, 'f2');
  await table.point(ONE, '10.64.0.9:8080');
  expect(table.servedFingerprint(ONE)).toBeUndefined();
  await table.use(client);
  expect(edge.sites.get(ONE)).toEqual({ id: ONE, upstream: '10.64.0.9:8080', suspended: false, hosts: [] });
  expect(edge.sites.get(TWO)).toMatchObject({ upstream: null, suspended: true });
  expect(table.servedFingerprint(TWO)).toBe('f2');
});

test('a site that the edge cannot use keeps no other out', async () => {
  const table = new EdgeTable();
  table.set(ONE, ENTRY, false, 'f1');
  table.set(TWO, ENTRY, false, 'f2');
  edge.refuses = ONE;
  await table.use(client);
  expect([...edge.sites.keys()]).toEqual([TWO]);
  expect(table.servedFingerprint(ONE)).toBeUndefined();
  expect(table.refusals().get(ONE)).toContain('a bad key');
  edge.refuses = undefined;
  await table.serve(ONE, ENTRY, false, 'f1');
  expect(table.refusals().size).toBe(0);
});

test('an edge that began anew gets the whole table again', async () => {
  const table = new EdgeTable();
  table.set(ONE, ENTRY, false, 'f1');
  await table.use(client);
  edge.calls = [];
  await table.check();
  expect(edge.calls).toEqual(['GET /generation']);
  edge.restart();
  await table.check();
  expect(edge.sites.has(ONE)).toBe(true);
});

test('a pointer that could not be told is made up for', async () => {
  const table = new EdgeTable();
  table.set(ONE, ENTRY, false, 'f1');
  await table.use(client);
  await edge.stop();
  await table.point(ONE, '10.64.0.9:8080');
  await edge.start();
  await table.check();
  expect(edge.sites.get(ONE)?.upstream).toBe('10.64.0.9:8080');
});

test('a pointer that changes while the table is on its way is told after it', async () => {
  const table = new EdgeTable();
  table.set(ONE, ENTRY, false, 'f1');
  const filled = table.use(client);
  const pointed = table.point(ONE, '10.64.0.9:8080');
  await Promise.all([filled, pointed]);
  expect(edge.sites.get(ONE)?.upstream).toBe('10.64.0.9:8080');
});

test('without an edge serving fails, and nothing is forgotten', async () => {
  const table = new EdgeTable();
  await expect(table.serve(ONE, ENTRY, false, 'f1')).rejects.toMatchObject({ code: 'edge.unreachable' });
  await table.use(client);
  expect(table.servedFingerprint(ONE)).toBe('f1');
});

test('the former edge hears of changes until it is dropped', async () => {
  const next = new FakeEdge();
  await next.start();
  const nextClient = new EdgeClient(next.address);
  try {
    const table = new EdgeTable();
    table.set(ONE, ENTRY, false, 'f1');
    await table.use(client);
    await table.use(nextClient);
    await table.point(ONE, '10.64.0.9:8080');
    expect(next.sites.get(ONE)?.upstream).toBe('10.64.0.9:8080');
    const deadline = Date.now() + 5000;
    while (edge.sites.get(ONE)?.upstream === null && Date.now() < deadline) await new Promise((r) => setTimeout(r, 5));
    expect(edge.sites.get(ONE)?.upstream).toBe('10.64.0.9:8080');
    table.drop(client);
    expect(table.hasEdge).toBe(true);
  } finally {
    nextClient.close();
    await next.stop();
  }
});
