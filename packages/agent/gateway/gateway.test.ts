import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SubmissionSite } from '#contract/gate/messages.ts';
import { Gateway } from './gateway.ts';

let folder: string;
let path: string;
let gateway: Gateway;
let sockets: Socket[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gateway-'));
  path = join(folder, 'agent.sock');
  sockets = [];
  gateway = new Gateway({
    wake: async () => ({ awake: true }),
    pipe: () => undefined,
    ticket: () => undefined,
    visit: async () => ({ kind: 'exited', status: 0 }),
    log: pino({ level: 'silent' }),
  });
  await gateway.listen(path, process.getgid?.() ?? 0);
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  gateway.close();
  await rm(folder, { recursive: true });
});

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
