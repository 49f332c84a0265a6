import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { PassThrough, Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { creditPayload } from '#contract/gate/frame.ts';
import { FRAME, INPUT_WINDOW } from '#contract/gate/messages.ts';
import { makeCertificate } from '#test/support/certificate.ts';
import { makeClient } from './client.ts';
import { openStream, type Streams } from './stream.ts';

/** What the far side does with a connection. */
type Program = (socket: WebSocket) => void;

let server: Server;
let programs: WebSocketServer;
let url: string;
let ca: string;
let program: Program;

beforeAll(async () => {
  const certificate = await makeCertificate('localhost');
  ca = certificate.chain;
  server = createServer({ cert: certificate.chain, key: certificate.key });
  programs = new WebSocketServer({ server });
  programs.on('connection', (socket) => program(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `wss://localhost:${(server.address() as AddressInfo).port}/stream/v1/ticket`;
});

afterAll(async () => {
  programs.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function run(streams: Partial<Streams> = {}) {
  const client = makeClient({ url: new URL(url.replace('wss', 'https')), token: 't', ca, local: true });
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  return { entry: openStream(client, url, { stdout, stderr, ...streams }), stdout, stderr };
}

const frame = (type: number, payload: Uint8Array | string = '') =>
  Buffer.concat([Buffer.of(type), Buffer.from(payload)]);
const exit = (status: number) => frame(FRAME.outcome, JSON.stringify({ kind: 'exited', status }));

/** `cat`, which says on stderr how many bytes it has seen. */
const cat: Program = (socket) => {
  let seen = 0;
  socket.on('message', (data: Buffer) => {
    if (data[0] === FRAME.stdinEnd) {
      socket.send(frame(FRAME.stderr, String(seen)));
      socket.send(exit(3));
    }
    if (data[0] !== FRAME.stdin) return;
    seen += data.length - 1;
    socket.send(frame(FRAME.credit, creditPayload(data.length - 1)));
    socket.send(frame(FRAME.stdout, data.subarray(1)));
  });
};

test('input goes there, output and exit code come back', async () => {
  program = cat;
  const { entry, stdout, stderr } = run({ stdin: Readable.from([Buffer.from('one '), Buffer.from('two')]) });
  expect(await entry.outcome).toEqual({ kind: 'exited', status: 3 });
  stdout.end();
  stderr.end();
  expect([await text(stdout), await text(stderr)]).toEqual(['one two', '7']);
});

test('a file whose stream never closes ends all the same (standard input of a process is one)', async () => {
  program = cat;
  const file = createReadStream(import.meta.filename, { autoClose: false });
  const { entry, stderr } = run({ stdin: file, stdout: new Writable({ write: (_chunk, _encoding, done) => done() }) });
  await entry.outcome;
  stderr.end();
  expect(Number(await text(stderr))).toBe((await stat(import.meta.filename)).size);
  file.destroy();
});

test('without input the program sees its end at once', async () => {
  program = cat;
  const { entry, stderr } = run();
  await entry.outcome;
  stderr.end();
  expect(await text(stderr)).toBe('0');
});

test('every byte of a long stream arrives, and a slow reader holds the writer back', async () => {
  const bytes = randomBytes(24 * 1024 * 1024);
  let sent = 0;
  let most = 0;
  let taken = 0;
  program = (socket) => {
    const write = () => {
      for (; sent < bytes.length && socket.bufferedAmount < 1024 * 1024; sent += 32_768) {
        socket.send(frame(FRAME.stdout, bytes.subarray(sent, sent + 32_768)));
      }
      most = Math.max(most, sent - taken);
      if (sent < bytes.length) setTimeout(write, 1);
      else socket.send(exit(0));
    };
    write();
  };
  const hash = createHash('sha256');
  const slow = new Writable({
    highWaterMark: 65_536,
    write(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      taken += chunk.length;
      setTimeout(done, taken < 4 * 1024 * 1024 ? 5 : 0);
    },
  });
  const { entry } = run({ stdout: slow });
  await entry.outcome;
  slow.end();
  await once(slow, 'finish');
  expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
  // Kernel buffers of both sides and the server's own megabyte; without pausing all 24 would lie in memory.
  expect(most).toBeLessThan(16 * 1024 * 1024);
});

test('a program that takes nothing holds the input back', async () => {
  program = (socket) => socket.pause();
  let read = 0;
  const endless = new Readable({
    read() {
      read += 65_536;
      this.push(Buffer.alloc(65_536));
    },
  });
  const { entry } = run({ stdin: endless });
  entry.outcome.catch(() => undefined);
  await pause(500);
  const before = read;
  await pause(300);
  expect(read).toBe(before);
  expect(read).toBeLessThan(32 * 1024 * 1024);
  for (const socket of programs.clients) socket.terminate();
  await expect(entry.outcome).rejects.toMatchObject({ code: 'stream.broken' });
});

test('no more input is under way than there is credit for, and a cancel is not behind it', async () => {
  let seen = 0;
  let credit: (bytes: number) => void = () => undefined;
  program = (socket) => {
    credit = (bytes) => socket.send(frame(FRAME.credit, creditPayload(bytes)));
    socket.on('message', (data: Buffer) => {
      if (data[0] === FRAME.stdin) seen += data.length - 1;
      if (data[0] === FRAME.cancel) socket.send(frame(FRAME.outcome, JSON.stringify({ kind: 'signalled', signal: 9 })));
    });
  };
  const { entry } = run({ stdin: Readable.from(Array.from({ length: 64 }, () => Buffer.alloc(65_536))) });
  await expect.poll(() => seen).toBe(INPUT_WINDOW);
  credit(100_000);
  await expect.poll(() => seen).toBe(INPUT_WINDOW + 100_000);
  entry.cancel();
  expect(await entry.outcome).toEqual({ kind: 'signalled', signal: 9 });
  expect(seen).toBe(INPUT_WINDOW + 100_000);
});

test('a size and the wish to end are passed on', async () => {
  const seen: Buffer[] = [];
  program = (socket) => {
    socket.on('message', (data: Buffer) => {
      seen.push(data);
      if (data[0] === FRAME.cancel) socket.send(frame(FRAME.outcome, JSON.stringify({ kind: 'signalled', signal: 9 })));
    });
  };
  const { entry } = run({ stdin: new PassThrough() });
  entry.resize(132, 43);
  entry.cancel();
  expect(await entry.outcome).toEqual({ kind: 'signalled', signal: 9 });
  expect(seen).toEqual([frame(FRAME.resize, Buffer.of(0, 132, 0, 43)), frame(FRAME.cancel)]);
});

test.each<[string, Program]>([
  ['a connection that ends without an outcome', (socket) => socket.close(1011, 'the site is gone')],
  ['one that breaks', (socket) => socket.terminate()],
  ['a frame that nobody knows', (socket) => socket.send(Buffer.of(99))],
  ['an empty message', (socket) => socket.send(Buffer.alloc(0))],
])('%s is an error', async (_name, misbehave) => {
  program = misbehave;
  await expect(run().entry.outcome).rejects.toMatchObject({ code: 'stream.broken' });
});

test('a certificate of somebody else is refused', async () => {
  program = cat;
  const other = await makeCertificate('localhost');
  const client = makeClient({ url: new URL(url.replace('wss', 'https')), token: 't', ca: other.chain, local: true });
  const entry = openStream(client, url, { stdout: new PassThrough(), stderr: new PassThrough() });
  await expect(entry.outcome).rejects.toMatchObject({ code: 'stream.broken' });
});
