import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { readCredit } from '#contract/gate/frame.ts';
import { FRAME, INPUT_WINDOW } from '#contract/gate/messages.ts';
import { makeTestCertificate, type TestCertificate } from '../testing/authority.ts';
import {
  type StandInAgent,
  type StandInBehaviour,
  type StandInEntry,
  startStandInAgent,
} from '../testing/stand-in-agent.ts';
import { makeTemporaryFolder } from '../testing/temporary-folder.ts';
import { decodeClientMessage, encodeMessage } from './message.ts';
import { Streams } from './streams.ts';

const TICKET = 'a-ticket-of-twenty-characters';
const PING_MS = 200;

let certificate: TestCertificate;
let folder: Awaited<ReturnType<typeof makeTemporaryFolder>>;
let agent: StandInAgent;
let behaviour: StandInBehaviour;
let https: Server;
let replica: WebSocketServer;
let streams: Streams;

/** What the replica of the control plane sees of one stream. */
class Replica {
  readonly socket: WebSocket;
  readonly messages: Buffer[] = [];
  readonly closed: Promise<number>;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => this.messages.push(data));
    this.closed = new Promise((resolve) => socket.once('close', resolve));
  }

  say(type: number, payload: string | Buffer = ''): void {
    this.socket.send(Buffer.concat([Buffer.from([type]), Buffer.from(payload)]));
  }

  output(type: number): string {
    return Buffer.concat(
      this.messages.filter((message) => message[0] === type).map((message) => message.subarray(1)),
    ).toString();
  }
}

beforeAll(async () => {
  certificate = await makeTestCertificate('127.0.0.1');
});

beforeEach(async () => {
  folder = await makeTemporaryFolder();
  behaviour = {};
  const agentSocket = join(folder.path, 'agent.sock');
  agent = await startStandInAgent(agentSocket, {
    enter: (entry) => behaviour.enter?.(entry) ?? Promise.resolve(undefined),
  });
  https = createServer({ cert: certificate.cert, key: certificate.key }).listen(0, '127.0.0.1');
  await once(https, 'listening');
  replica = new WebSocketServer({ server: https });
  streams = new Streams({ agentSocket, log: pino({ level: 'silent' }), pingMs: PING_MS });
});

afterEach(async () => {
  for (const client of replica.clients) client.terminate();
  await streams.stop();
  replica.close();
  https.close();
  await agent.close();
  await folder.remove();
});

const url = () => `wss://127.0.0.1:${(https.address() as AddressInfo).port}/stream/v1/${TICKET}`;

async function dial(): Promise<Replica> {
  const connection = once(replica, 'connection');
  streams.dial({ order: 'dial', ticket: TICKET, url: url(), ca: certificate.ca });
  const [socket] = await connection;
  return new Replica(socket as WebSocket);
}

describe('a stream', () => {
  it('carries input, sizes, output and at last the outcome', async () => {
    const seen: string[] = [];
    behaviour = {
      enter: async (entry) => {
        expect(entry.request).toEqual({ ask: 'enter', door: 'ticket', ticket: TICKET });
        await entry.write(FRAME.stdout, Buffer.from('$ '));
        for (let frame = await entry.next(); frame?.type !== FRAME.stdinEnd; frame = await entry.next())
          seen.push(`${frame?.type} ${frame?.payload.toString('hex')}`);
        await entry.write(FRAME.stderr, Buffer.from('err'));
        return { kind: 'exited', status: 3 };
      },
    };
    const client = await dial();
    client.say(FRAME.stdin, 'ls\n');
    client.say(FRAME.resize, Buffer.from([0, 80, 0, 24]));
    client.say(FRAME.stdinEnd);
    expect(await client.closed).toBe(1000);
    expect(seen).toEqual([`0 ${Buffer.from('ls\n').toString('hex')}`, '2 00500018']);
    expect(client.output(FRAME.stdout)).toBe('$ ');
    expect(client.output(FRAME.stderr)).toBe('err');
    expect(client.messages.at(-1)?.toString()).toBe('\x12{"kind":"exited","status":3}');
  });

  it('carries much in both directions at once, in order', async () => {
    const bytes = randomBytes(20_000_000);
    const received = createHash('sha256');
    behaviour = {
      enter: async (entry) => {
        const writing = (async () => {
          for (let at = 0; at < bytes.length; at += 300_000)
            await entry.write(FRAME.stdout, bytes.subarray(at, at + 300_000));
        })();
        for (let frame = await entry.next(); frame?.type === FRAME.stdin; frame = await entry.next())
          received.update(frame.payload);
        await writing;
        return { kind: 'exited', status: 0 };
      },
    };
    const client = await dial();
    for (let at = 0; at < bytes.length; at += 60_000) client.say(FRAME.stdin, bytes.subarray(at, at + 60_000));
    client.say(FRAME.stdinEnd);
    expect(await client.closed).toBe(1000);
    const expected = createHash('sha256').update(bytes).digest('hex');
    expect(received.digest('hex')).toBe(expected);
    const echoed = createHash('sha256');
    for (const message of client.messages) if (message[0] === FRAME.stdout) echoed.update(message.subarray(1));
    expect(echoed.digest('hex')).toBe(expected);
  });

  it.each(['stdin', 'stdout'] as const)('is not held by the gate when nobody takes its %s', async (side) => {
    const reads = Promise.withResolvers<void>();
    let written = 0;
    behaviour = {
      enter: async (entry) => {
        if (side === 'stdin') await reads.promise;
        else
          for (; written < 80_000_000; written += 1_000_000) await entry.write(FRAME.stdout, Buffer.alloc(1_000_000));
        return { kind: 'exited', status: 0 };
      },
    };
    const client = await dial();
    if (side === 'stdout') client.socket.pause();
    else
      for (let part = 0; part < 80; part += 1)
        for (let at = 0; at < 20; at += 1) client.say(FRAME.stdin, Buffer.alloc(50_000));
    const moved = () => (side === 'stdout' ? written : 80_000_000 - client.socket.bufferedAmount);
    let before = -1;
    const isStuck = () => {
      const same = moved() === before;
      before = moved();
      return same;
    };
    await expect.poll(isStuck, { interval: 250, timeout: 10_000 }).toBe(true);
    expect(moved()).toBeLessThan(40_000_000);
    reads.resolve();
    client.socket.resume();
    expect(await client.closed).toBe(1000);
  });

  it('waits for a program that reads late, however long that takes', async () => {
    let bytes = 0;
    behaviour = {
      enter: async (entry) => {
        await delay(6 * PING_MS);
        for (let frame = await entry.next(); frame?.type === FRAME.stdin; frame = await entry.next())
          bytes += frame.payload.length;
        return { kind: 'exited', status: 0 };
      },
    };
    const client = await dial();
    for (let at = 0; at < 200; at += 1) client.say(FRAME.stdin, Buffer.alloc(50_000));
    client.say(FRAME.stdinEnd);
    expect(await client.closed).toBe(1000);
    expect(bytes).toBe(10_000_000);
  });

  it('waits for a client that takes its output late, however long that takes', async () => {
    const goesOn = Promise.withResolvers<void>();
    behaviour = {
      enter: async (entry) => {
        await entry.write(FRAME.stdout, Buffer.alloc(2_000_000));
        await goesOn.promise;
        return { kind: 'exited', status: 0 };
      },
    };
    const client = await dial();
    client.socket.pause();
    await delay(6 * PING_MS);
    client.socket.resume();
    goesOn.resolve();
    expect(await client.closed).toBe(1000);
    expect(client.output(FRAME.stdout)).toHaveLength(2_000_000);
  });

  it('ends the program when the client cancels, goes away or talks nonsense', async () => {
    const ways: ((client: Replica) => void)[] = [
      (client) => client.say(FRAME.cancel),
      (client) => client.socket.terminate(),
      (client) => client.socket.close(),
      (client) => client.say(FRAME.outcome, '{"kind":"exited","status":0}'),
      (client) => client.say(FRAME.stdin, Buffer.alloc(70_000)),
      (client) => client.socket.send(Buffer.alloc(0)),
    ];
    for (const way of ways) {
      const cancelled = Promise.withResolvers<void>();
      behaviour = {
        enter: async (entry) => {
          for (
            let frame = await entry.next();
            frame !== undefined && frame.type !== FRAME.cancel;
            frame = await entry.next()
          );
          cancelled.resolve();
          return { kind: 'signalled', signal: 9 };
        },
      };
      const client = await dial();
      way(client);
      await cancelled.promise;
      await client.closed;
    }
  });

  it.each<[string, (client: Replica) => void]>([
    ['cancels', (client) => client.say(FRAME.cancel)],
    ['goes away', (client) => client.socket.terminate()],
    ['closes', (client) => client.socket.close()],
  ])('hears at once of a client that %s while the program takes nothing', async (_what, way) => {
    const seen = { input: 0, cancelled: false };
    behaviour = {
      enter: async (entry) => {
        let frame = await entry.next('no-credit');
        for (; frame !== undefined && frame.type !== FRAME.cancel; frame = await entry.next('no-credit'))
          if (frame.type === FRAME.stdin) seen.input += frame.payload.length;
        seen.cancelled = true;
        return { kind: 'signalled', signal: 9 };
      },
    };
    const client = await dial();
    for (let sent = 0; sent < INPUT_WINDOW; sent += 32_768) client.say(FRAME.stdin, Buffer.alloc(32_768));
    await expect.poll(() => seen.input).toBe(INPUT_WINDOW);
    way(client);
    await expect.poll(() => seen.cancelled, { timeout: 1000 }).toBe(true);
    await client.closed;
  });

  it('gives a client credit for what the program takes, and passes on no more than it has credit for', async () => {
    let taken = 0;
    const goesOn = Promise.withResolvers<StandInEntry>();
    behaviour = {
      enter: async (entry) => {
        let frame = await entry.next('no-credit');
        for (; frame?.type === FRAME.stdin; frame = await entry.next('no-credit')) {
          taken += frame.payload.length;
          if (taken === INPUT_WINDOW) goesOn.resolve(entry);
        }
        return { kind: 'exited', status: 0 };
      },
    };
    const client = await dial();
    for (let sent = 0; sent < 2 * INPUT_WINDOW; sent += 32_768) client.say(FRAME.stdin, Buffer.alloc(32_768));
    client.say(FRAME.stdinEnd);
    const entry = await goesOn.promise;
    entry.giveCredit(10_000);
    await expect.poll(() => taken).toBe(INPUT_WINDOW + 10_000);
    entry.giveCredit(2 * INPUT_WINDOW);
    await client.closed;
    expect(taken).toBe(2 * INPUT_WINDOW);
    const credit = client.messages.filter((one) => one[0] === FRAME.credit).map((one) => readCredit(one.subarray(1)));
    expect(credit).toEqual([10_000, 2 * INPUT_WINDOW]);
  });

  it('closes without an outcome when nobody knows it, and says so when nothing began', async () => {
    behaviour = { enter: async () => undefined };
    const broken = await dial();
    expect(await broken.closed).toBe(1011);
    expect(broken.messages).toEqual([]);
    await agent.close();
    const unreachable = await dial();
    expect(await unreachable.closed).toBe(1000);
    expect(unreachable.output(FRAME.outcome)).toContain('"not-started"');
  });

  it('ends with the gate', async () => {
    behaviour = {
      enter: async (entry) => {
        for (let frame = await entry.next(); frame?.type === FRAME.stdin; frame = await entry.next());
        return { kind: 'signalled', signal: 15 };
      },
    };
    const client = await dial();
    await streams.stop();
    expect(await client.closed).toBe(1000);
    expect(client.output(FRAME.outcome)).toContain('signalled');
  });
});

describe('whom the gate dials', () => {
  it('is only who has a certificate of the authority named', async () => {
    const other = await makeTestCertificate('127.0.0.1');
    let connections = 0;
    replica.on('connection', () => (connections += 1));
    streams.dial({ order: 'dial', ticket: TICKET, url: url(), ca: other.ca });
    streams.dial({ order: 'dial', ticket: TICKET, url: url().replace('127.0.0.1', 'localhost'), ca: certificate.ca });
    streams.dial({ order: 'dial', ticket: TICKET, url: url().replace('wss:', 'ws:'), ca: certificate.ca });
    streams.dial({ order: 'dial', ticket: TICKET, url: 'wss://[', ca: 'no certificate' });
    await streams.stop();
    expect(connections).toBe(0);
  });
});

describe('messages', () => {
  it('are frames, and only those of a client come in', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(FRAME)), fc.uint8Array(), (type, payload) => {
        const decoded = decodeClientMessage(encodeMessage(type, payload));
        if (type >= FRAME.stdout) expect(decoded).toBeUndefined();
        else expect(decoded).toEqual({ type, payload: Buffer.from(payload) });
      }),
    );
    expect(decodeClientMessage(Buffer.alloc(0))).toBeUndefined();
    expect(decodeClientMessage(Buffer.from([9]))).toBeUndefined();
  });
});
