import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { answers, becomesReady } from './ready.ts';

const READY = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nready';
let server: Server;
const sockets = new Set<Socket>();

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  server.close();
  await once(server, 'close');
});

/** Asks somebody who answers as he likes; true is "it is ready". */
async function ask(answer: (socket: Socket, request: string) => void, timeoutMs = 5000): Promise<boolean> {
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', (request) => answer(socket, String(request)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return await answers('127.0.0.1', (server.address() as AddressInfo).port, timeoutMs);
}

test('a site that answers the ping is ready', async () => {
  let asked = '';
  const isReady = ask((socket, request) => {
    asked = request;
    socket.end(READY);
  });
  expect(await isReady).toBe(true);
  expect(asked).toMatch(/^GET \/\.hofje\/ready HTTP\/1\.0\r\n/);
});

test.each([
  ['another status', READY.replace('200 OK', '503 No')],
  ['another body', `${READY.replace('ready', 'steady')}`],
  ['an answer in chunks', READY.replace('\r\n\r\nready', '\r\n\r\n5\r\nready\r\n0\r\n\r\n')],
  ['no HTTP', 'SSH-2.0-x\r\n'],
  ['nothing', ''],
  // A parser of HTTP would take this for the whole answer and look no further.
  ['more than there should be', READY.replace('Connection: close', 'Content-Length: 5').concat(', steady, go')],
  ['more than anybody reads', READY.replace('Connection', `X: ${'x'.repeat(5000)}\r\nConnection`)],
])('one that answers with %s is not', async (_what, answer) => {
  expect(await ask((socket) => socket.end(answer))).toBe(false);
});

test('one that never ends is cut off, by bytes and by time', async () => {
  let sent = 0;
  const flood = (socket: Socket) => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const more = () => {
      while (socket.writable && socket.write(chunk)) sent += chunk.length;
    };
    socket.on('drain', more);
    more();
  };
  expect(await ask(flood, 60_000)).toBe(false);
  expect(sent).toBeLessThan(16 * 1024 * 1024);
  server.close();
  expect(await ask((socket) => socket.write('HTTP/1.1 200'), 200)).toBe(false);
});

test('one that dies while it is asked is not waited for', async () => {
  let isAsked = false;
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => (isAsked = true));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const from = performance.now();
  const { port } = server.address() as AddressInfo;
  expect(await becomesReady('127.0.0.1', 60_000, () => !isAsked, port)).toBe(false);
  // Else it is asked for 3 s.
  expect(performance.now() - from).toBeLessThan(2000);
});
