import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { ControlMessage } from '#contract/agent/messages.ts';
import { createSite, resumeSite, suspendSite } from '#contract/api/site.ts';
import { execInSite, uploadToSite } from '#contract/api/stream.ts';
import { FRAME, FRAME_PAYLOAD_MAX } from '#contract/gate/messages.ts';
import type { SiteId } from '#model/id.ts';
import { makeLog } from '../log.ts';
import type { TestControl } from '../testing/harness.ts';
import { startTestWorld, type TestWorld } from '../testing/world.ts';
import { makePairs } from './pairs.ts';

type StreamOrder = Extract<ControlMessage, { kind: 'stream' }>;

let world: TestWorld;
let control: TestControl;
/** What the gate does with an order; tests say. */
let onOrder: (order: StreamOrder) => void = () => undefined;

beforeAll(async () => {
  world = await startTestWorld({
    follow: { onMessage: (message) => void (message.kind === 'stream' && onOrder(message)) },
  });
  control = world.control;
  await control.call(createSite, {
    body: { domain: 'alice.example', account: 'alice', overrideReason: 'made in a test' },
  });
});

afterAll(async () => {
  await world?.stop();
});

const params = { site: 'alice.example' };
const frame = (type: number, payload: Uint8Array = Buffer.alloc(0)) => Buffer.concat([Buffer.of(type), payload]);
const outcomeFrame = (status: number) => frame(FRAME.outcome, Buffer.from(JSON.stringify({ kind: 'exited', status })));

interface Peer {
  readonly socket: WebSocket;
  readonly received: Buffer[];
  readonly closed: Promise<number>;
}

async function dial(url: string): Promise<Peer> {
  const socket = new WebSocket(url, { ca: control.ca, perMessageDeflate: false });
  const received: Buffer[] = [];
  socket.on('message', (data: Buffer) => received.push(data));
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return { socket, received, closed };
}

/** A client and the gate's side, both open. */
async function connect(
  body: { argv: string[] } = { argv: ['cat'] },
): Promise<{ client: Peer; gate: Peer; order: StreamOrder }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ gate: Peer; order: StreamOrder }>();
  onOrder = (order) => {
    dial(order.url).then((gate) => resolve({ gate, order }), reject);
  };
  const { url } = await control.call(execInSite, { params, body });
  const client = await dial(url);
  return { client, ...(await promise) };
}

async function until(look: () => boolean, patienceMs = 10_000): Promise<void> {
  for (const deadline = Date.now() + patienceMs; !look(); await delay(10)) {
    if (Date.now() > deadline) throw new Error('it did not come to that');
  }
}

test('the order says what runs, and bytes pass both ways as they are, to the outcome', async () => {
  const argv = ['sh', '-c', 'echo "$0"', "it's"];
  const { client, gate, order } = await connect({ argv });
  expect(order).toMatchObject({ door: 'exec', argv, env: {}, site: expect.stringMatching(/^site_/) });
  client.socket.send(frame(FRAME.stdin, Buffer.from([0, 255, 10, 13])));
  client.socket.send(frame(FRAME.stdinEnd));
  await until(() => gate.received.length === 2);
  expect(gate.received).toEqual([frame(FRAME.stdin, Buffer.from([0, 255, 10, 13])), frame(FRAME.stdinEnd)]);
  gate.socket.send(frame(FRAME.stdout, Buffer.from('out')));
  gate.socket.send(outcomeFrame(3));
  gate.socket.close(1000);
  expect(await client.closed).toBe(1000);
  expect(client.received).toEqual([frame(FRAME.stdout, Buffer.from('out')), outcomeFrame(3)]);
});

test('what the client sends before the gate is there waits for it', async () => {
  let order: StreamOrder | undefined;
  onOrder = (each) => {
    order = each;
  };
  const { url } = await control.call(execInSite, { params, body: { argv: ['cat'] } });
  const client = await dial(url);
  client.socket.send(frame(FRAME.stdin, Buffer.from('early')));
  await until(() => order !== undefined);
  const gate = await dial(order?.url ?? '');
  await until(() => gate.received.length === 1);
  expect(gate.received[0]?.subarray(1).toString()).toBe('early');
  client.socket.close(1000);
  await gate.closed;
});

test('nothing is ordered before the client is there', async () => {
  let ordered = 0;
  onOrder = () => {
    ordered += 1;
  };
  await control.call(execInSite, { params, body: { argv: ['cat'] } });
  await delay(100);
  expect(ordered).toBe(0);
});

test('32 MB each way arrive whole, and a side that does not read stops the other', async () => {
  const { client, gate } = await connect();
  const chunk = randomBytes(FRAME_PAYLOAD_MAX);
  const chunks = 512;
  gate.socket.pause();
  for (let sent = 0; sent < chunks; sent += 1) client.socket.send(frame(FRAME.stdin, chunk));
  await delay(500);
  // What did not wait at the client lies in the sockets' buffers on the way, and at most a megabyte in between.
  expect(client.socket.bufferedAmount).toBeGreaterThan(16 * 1024 * 1024);
  gate.socket.resume();
  await until(() => gate.received.length === chunks, 30_000);
  const expected = createHash('sha256');
  const arrived = createHash('sha256');
  for (const message of gate.received) arrived.update(message.subarray(1));
  for (let sent = 0; sent < chunks; sent += 1) expected.update(chunk);
  expect(arrived.digest('hex')).toBe(expected.digest('hex'));
  for (let sent = 0; sent < chunks; sent += 1) gate.socket.send(frame(FRAME.stdout, chunk));
  gate.socket.send(outcomeFrame(0));
  gate.socket.close(1000);
  expect(await client.closed).toBe(1000);
  expect(client.received.length).toBe(chunks + 1);
});

describe('tickets', () => {
  test('are good once', async () => {
    const { client, gate, order } = await connect();
    await expect(dial(order.url)).rejects.toThrow('404');
    client.socket.close(1000);
    await gate.closed;
    await expect(dial(order.url)).rejects.toThrow('404');
  });

  test('of one side are not good for the other', async () => {
    const { url } = await control.call(execInSite, { params, body: { argv: ['cat'] } });
    await expect(dial(url.replace('/v1/exec/', '/stream/v1/'))).rejects.toThrow('404');
    const { order, client, gate } = await connect();
    await expect(dial(order.url.replace('/stream/v1/', '/v1/exec/'))).rejects.toThrow('404');
    client.socket.close();
    await gate.closed;
  });

  test('are never logged', async () => {
    const { order, client, gate } = await connect();
    client.socket.close();
    await gate.closed;
    expect(control.logged.join('')).not.toContain(order.ticket);
  });

  test('end by time, and so does the wait for the gate', async () => {
    const log = makeLog('silent');
    const pairs = makePairs({ random: randomBytes, log, patience: { ticketMs: 30, dialMs: 30 } });
    const plan = { site: 'site_x' as SiteId, door: 'exec', order: async () => undefined } as const;
    const { ticket } = pairs.open(plan);
    pairs.check('client', ticket);
    await delay(60);
    expect(() => pairs.check('client', ticket)).toThrow(expect.objectContaining({ code: 'stream.ticket-invalid' }));
  });

  test('are not given without end', async () => {
    const log = makeLog('silent');
    const pairs = makePairs({ random: randomBytes, log });
    const plan = { site: 'site_x' as SiteId, door: 'exec', order: async () => undefined } as const;
    for (let count = 0; count < 64; count += 1) pairs.open(plan);
    expect(() => pairs.open(plan)).toThrow(expect.objectContaining({ code: 'stream.too-many' }));
    pairs.open({ ...plan, site: 'site_y' as SiteId });
    pairs.stop();
  });
});

describe('the end', () => {
  test('a client that goes takes the gate’s side with it', async () => {
    const { client, gate } = await connect();
    client.socket.terminate();
    expect(await gate.closed).toBe(1001);
  });

  test('a gate that goes without an outcome is no success', async () => {
    const { client, gate } = await connect();
    gate.socket.terminate();
    expect(await client.closed).toBe(1001);
  });

  test.each([
    ['a text', 'hello'],
    ['output from the client', frame(FRAME.stdout, Buffer.from('x'))],
    ['an outcome from the client', outcomeFrame(0)],
    ['an unknown type', frame(99)],
    ['nothing', Buffer.alloc(0)],
  ])('%s ends both sides', async (_what, message) => {
    const { client, gate } = await connect();
    client.socket.send(message);
    expect(await client.closed).toBe(1011);
    expect(await gate.closed).toBe(1011);
    expect(gate.received).toEqual([]);
  });

  test('a message that is too large ends both sides', async () => {
    const { client, gate } = await connect();
    client.socket.send(frame(FRAME.stdin, Buffer.alloc(FRAME_PAYLOAD_MAX * 2)));
    await Promise.all([client.closed, gate.closed]);
    expect(gate.received).toEqual([]);
  });
});

describe('refusals', () => {
  test.each([
    ['no argument', { argv: [] }, 'request.invalid', 'argv'],
    ['an empty program', { argv: [''] }, 'exec.invalid', 'argv'],
    ['a NUL byte', { argv: ['a\0b'] }, 'request.invalid', 'argv.0'],
    ['an impossible variable', { argv: ['a'], env: { 'A B': '1' } }, 'exec.invalid', 'argv'],
    ['another door', { argv: ['a'], door: 'mail-pipe' }, 'request.invalid', 'door'],
  ])('%s', async (_what, body, code, field) => {
    expect(await control.problem(execInSite, { params, body: body as never })).toMatchObject({ code, field });
  });

  test('a suspended site', async () => {
    await control.call(suspendSite, { params });
    expect(await control.problem(execInSite, { params, body: { argv: ['a'] } })).toMatchObject({
      status: 409,
      code: 'site.suspended',
    });
    await control.call(resumeSite, { params });
  });

  test('a plain request to the address of a stream', async () => {
    const { url } = await control.call(execInSite, { params, body: { argv: ['cat'] } });
    expect((await control.send('GET', new URL(url).pathname, { token: null })).status).toBe(400);
    expect((await control.send('GET', '/v1/exec/unknown', { token: null })).status).toBe(404);
  });
});

test('an upload names the image’s own program, and the customer’s folder is one argument', async () => {
  let order: StreamOrder | undefined;
  onOrder = (each) => {
    order = each;
  };
  const to = '-rf /; $(id) `x`\n../..';
  const { url } = await control.call(uploadToSite, { params, body: { format: 'zip', to } });
  const client = await dial(url);
  await until(() => order !== undefined);
  expect(order).toMatchObject({ door: 'upload', argv: ['/usr/lib/hofje/unpack', 'zip', to] });
  client.socket.terminate();
});

test('a node that is gone: the client hears it as an entry that did not begin', async () => {
  const { url } = await control.call(execInSite, { params, body: { argv: ['cat'] } });
  await world.link.close();
  const client = await dial(url);
  expect(await client.closed).toBe(1000);
  expect(JSON.parse(client.received[0]?.subarray(1).toString() ?? '')).toMatchObject({
    kind: 'not-started',
    reason: 'platform',
  });
});
