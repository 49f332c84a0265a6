import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { encodeFrame, encodeStream, FrameDecoder, readCredit } from '#contract/gate/frame.ts';
import { FRAME, type GateRequest, INPUT_WINDOW, type SubmissionSite } from '#contract/gate/messages.ts';
import type { Outcome } from '#model/door/outcome.ts';
import { makeId } from '#model/id.ts';
import type { EntryStreams } from '../door/enter.ts';
import { Gateway } from './gateway.ts';

let folder: string;
let path: string;
let gateway: Gateway;
let sockets: Socket[];
let entered: (entry: Entered) => void;
let outcome: Outcome;

interface Entered {
  readonly streams: EntryStreams;
  readonly signal: AbortSignal;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gateway-'));
  path = join(folder, 'agent.sock');
  sockets = [];
  outcome = { kind: 'signalled', signal: 9 };
  gateway = new Gateway({
    wake: async () => ({ awake: true }),
    pipe: () => undefined,
    ticket: () => ({ site: makeId('site', randomBytes(20)), door: 'exec', command: { argv: ['cat'], env: {} } }),
    visit: async (_visitor, streams, signal) => {
      entered({ streams, signal });
      await once(signal, 'abort');
      return outcome;
    },
    log: pino({ level: 'silent' }),
  });
  await gateway.listen(path, process.getgid?.() ?? 0);
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  gateway.close();
  await rm(folder, { recursive: true });
});

/** The next entry. */
async function entering(): Promise<Entered> {
  return await new Promise((resolve) => {
    entered = resolve;
  });
}

function dial(request: GateRequest): Socket {
  const socket = connect(path);
  sockets.push(socket);
  socket.write(`${JSON.stringify(request)}\n`);
  return socket;
}

/** A gate that listens for orders and has read the first one. */
async function listener(): Promise<Socket> {
  const socket = connect(path);
  sockets.push(socket);
  socket.write('{"ask":"orders"}\n');
  await once(socket, 'data');
  return socket;
}

async function orders(socket: Socket, count: number): Promise<unknown[]> {
  let text = '';
  while (text.split('\n').length <= count) text += String((await once(socket, 'data'))[0]);
  return text
    .split('\n')
    .slice(0, count)
    .map((line) => JSON.parse(line));
}

function sites(count: number): SubmissionSite[] {
  return Array.from({ length: count }, (_, at) => ({
    id: `site_${at}`,
    folder: `/run/${'x'.repeat(200)}`,
    primaryName: `${at}.example`,
    senderDomains: [],
    mailPerHour: 1,
  }));
}

test('a gate that does not read its orders loses its connection, and is told everything when it comes back', async () => {
  const deaf = await listener();
  deaf.pause();
  const many = sites(20_000);
  for (let told = 0; told < 12; told += 1) gateway.tellSites(many);
  expect(gateway.dial('t'.repeat(20), 'wss://x', '')).toBe(true);
  await expect.poll(() => gateway.dial('t'.repeat(20), 'wss://x', '')).toBe(false);
  gateway.tellSites(sites(1));
  const back = connect(path);
  sockets.push(back);
  back.write('{"ask":"orders"}\n');
  expect(await orders(back, 2)).toMatchObject([
    { order: 'sites', sites: [{ id: 'site_0' }] },
    { order: 'pipes', pipes: [] },
  ]);
});

test('a gate is told whose pipe each is, when it comes and when that changes', async () => {
  const early = connect(path);
  sockets.push(early);
  early.write('{"ask":"orders"}\n');
  await orders(early, 2);
  const pipes = [{ forwarder: 'fwd_0', site: 'site_0' }];
  const heard = orders(early, 1);
  gateway.tellPipes(pipes);
  expect(await heard).toEqual([{ order: 'pipes', pipes }]);
  const late = connect(path);
  sockets.push(late);
  late.write('{"ask":"orders"}\n');
  expect((await orders(late, 2))[1]).toEqual({ order: 'pipes', pipes });
});

test.each<[string, (socket: Socket) => void]>([
  ['cancels', (socket) => socket.write(encodeFrame(FRAME.cancel))],
  ['goes away', (socket) => socket.destroy()],
])('a gate that %s is heard at once, also while the program takes no input', async (_what, way) => {
  const entry = entering();
  const socket = dial({ ask: 'enter', door: 'ticket', ticket: 't'.repeat(20) });
  socket.write(encodeStream(FRAME.stdin, Buffer.alloc(INPUT_WINDOW)));
  const { signal } = await entry;
  expect(signal.aborted).toBe(false);
  way(socket);
  await expect.poll(() => signal.aborted, { timeout: 1000 }).toBe(true);
});

test('credit is given for what the program has taken, and what came without is not read', async () => {
  const entry = entering();
  const socket = dial({ ask: 'enter', door: 'ticket', ticket: 't'.repeat(20) });
  const decoder = new FrameDecoder();
  let credit = 0;
  socket.on('data', (bytes: Buffer) => {
    for (const { payload } of decoder.push(bytes)) credit += readCredit(payload);
  });
  const { streams } = await entry;
  socket.write(encodeStream(FRAME.stdin, Buffer.alloc(64 * INPUT_WINDOW)));
  await expect.poll(() => socket.writableLength > 0).toBe(true);
  const unread = socket.writableLength;
  expect(unread).toBeGreaterThan(60 * INPUT_WINDOW);
  expect(credit).toBe(0);
  let taken = 0;
  streams.stdin?.on('data', (bytes: Buffer) => (taken += bytes.length));
  await expect.poll(() => taken).toBe(64 * INPUT_WINDOW);
  await expect.poll(() => credit).toBe(64 * INPUT_WINDOW);
});

test('only so many gates listen at once', async () => {
  for (let at = 0; at < 4; at += 1) await listener();
  const one = connect(path);
  sockets.push(one);
  one.write('{"ask":"orders"}\n');
  one.resume();
  await once(one, 'close');
  const last = sockets[0];
  last?.destroy();
  await expect.poll(() => listener().then(() => true)).toBe(true);
});

test('input that comes in the smallest pieces takes no more room than its bytes', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const entry = entering();
  const socket = dial({ ask: 'enter', door: 'ticket', ticket: 't'.repeat(20) });
  const { streams } = await entry;
  const frame = encodeFrame(FRAME.stdin, Buffer.from('x'));
  const bytes = Buffer.concat(Array.from({ length: INPUT_WINDOW }, () => frame));
  collect();
  const before = process.memoryUsage().heapUsed;
  socket.write(bytes);
  // What is sent last is looked at last.
  socket.write(encodeFrame(FRAME.resize, Buffer.from([0, 80, 0, 24])));
  await new Promise((resolve) => streams.onResize?.(resolve));
  collect();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(8 * 1024 * 1024);
  let taken = 0;
  streams.stdin?.on('data', (piece: Buffer) => (taken += piece.length));
  await expect.poll(() => taken).toBe(INPUT_WINDOW);
});

test.each<[Outcome, object]>([
  [
    { kind: 'exited', status: 3 },
    { kind: 'exited', status: 3 },
  ],
  [
    {
      kind: 'not-started',
      reason: 'platform',
      detail: 'open /sys/fs/cgroup/memory/hofje-0: No such file or directory',
    },
    { kind: 'not-started', reason: 'platform', detail: 'the platform could not start it' },
  ],
])('who asked is told the outcome %j, and no path of the machine', async (became, told) => {
  outcome = became;
  const entry = entering();
  const socket = dial({ ask: 'enter', door: 'ticket', ticket: 't'.repeat(20) });
  await entry;
  const decoder = new FrameDecoder();
  const payloads: Buffer[] = [];
  socket.on('data', (bytes: Buffer) => payloads.push(...decoder.push(bytes).map(({ payload }) => payload)));
  socket.write(encodeFrame(FRAME.cancel));
  await once(socket, 'end');
  expect(JSON.parse(String(payloads.at(-1)))).toEqual(told);
});
