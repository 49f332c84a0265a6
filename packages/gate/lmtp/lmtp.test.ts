import { createHash, randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FRAME, INPUT_WINDOW } from '#contract/gate/messages.ts';
import type { Outcome } from '#model/door/outcome.ts';
import { makeId } from '#model/id.ts';
import { cutBytes, cuts, trickyBytes } from '../testing/chunks.ts';
import {
  type StandInAgent,
  type StandInBehaviour,
  type StandInEntry,
  startStandInAgent,
} from '../testing/stand-in-agent.ts';
import { makeTemporaryFolder } from '../testing/temporary-folder.ts';
import { WireClient } from '../testing/wire-client.ts';
import { DotStuffer } from '../wire/data.ts';
import { type LmtpServer, startLmtpServer } from './server.ts';
import { Slots } from './slots.ts';

const FORWARDER = makeId('forwarder', randomBytes(20));
const RECIPIENT = `RCPT TO:<${FORWARDER}@pipe.invalid>`;
const EXITED_0: Outcome = { kind: 'exited', status: 0 };

let folder: Awaited<ReturnType<typeof makeTemporaryFolder>>;
let agent: StandInAgent | undefined;
let server: LmtpServer;
let behaviour: StandInBehaviour;
let clients: WireClient[];

const agentSocket = () => join(folder.path, 'agent.sock');
const lmtpSocket = () => join(folder.path, 'mail', 'lmtp.sock');
const startAgent = async () => {
  agent = await startStandInAgent(agentSocket(), {
    enter: (entry) => behaviour.enter?.(entry) ?? Promise.resolve(undefined),
  });
};

beforeEach(async () => {
  folder = await makeTemporaryFolder();
  await mkdir(join(folder.path, 'mail'));
  behaviour = {};
  clients = [];
  await startAgent();
  server = await startLmtpServer(lmtpSocket(), {
    agentSocket: agentSocket(),
    agentPatienceMs: 1000,
    entryMs: 2000,
    slots: new Slots({ all: 8, each: 4, keptFree: 2, waiting: 4, waitingEach: 4, waitMs: 300 }),
    siteOf: () => 'site',
    log: pino({ level: 'silent' }),
  });
});

afterEach(async () => {
  for (const client of clients) client.close();
  await server.stop();
  await agent?.close();
  await folder.remove();
});

const base64 = (text: string) => Buffer.from(text).toString('base64');
const envelope = (sender: string, recipient: string) =>
  `X-Hofje-Envelope: ${sender === '' ? '-' : base64(sender)} ${base64(recipient)}\r\n`;
const ENVELOPE = envelope('a@example.net', 'info@example.org');

async function connectClient(): Promise<WireClient> {
  const client = await WireClient.connect(lmtpSocket());
  clients.push(client);
  return client;
}

/** A client at the point where the message is to be sent. */
async function ready(): Promise<WireClient> {
  const client = await connectClient();
  await client.say('LHLO mail');
  await client.say('MAIL FROM:<>');
  expect(await client.say(RECIPIENT)).toMatch(/^250 /);
  expect(await client.say('DATA')).toMatch(/^354 /);
  return client;
}

async function send(message: string): Promise<string> {
  const client = await ready();
  const reply = await client.say(`${message}\r\n.`);
  client.close();
  return reply;
}

/** An agent whose program reads everything and ends with this. */
function reading(outcome: Outcome): { entries: StandInEntry[]; stdin: (Buffer | undefined)[] } {
  const seen = { entries: Array.of<StandInEntry>(), stdin: Array.of<Buffer | undefined>() };
  behaviour = {
    enter: async (entry) => {
      seen.entries.push(entry);
      seen.stdin.push(await entry.readStdin());
      return outcome;
    },
  };
  return seen;
}

describe('a mail for a pipe', () => {
  it('reaches the program as it was sent, with its envelope in the environment', async () => {
    const seen = reading(EXITED_0);
    expect(
      await send(`Subject: x\r\n${envelope('"john doe"@a..b', 'Info+x@xn--bcher-kva.example')}\r\n..\r\ntext`),
    ).toBe('250 2.0.0 Delivered');
    expect(seen.stdin[0]?.toString()).toBe('Subject: x\n\n.\ntext\n');
    expect(seen.entries[0]?.request).toEqual({
      ask: 'enter',
      door: 'mail-pipe',
      forwarder: FORWARDER,
      env: {
        SENDER: '"john doe"@a..b',
        RECIPIENT: 'Info+x@xn--bcher-kva.example',
        LOCAL_PART: 'Info',
        LOCAL_PART_SUFFIX: '+x',
        DOMAIN: 'xn--bcher-kva.example',
      },
    });
  });

  it('is byte for byte the same whatever it holds and however it arrives', async () => {
    const seen = reading(EXITED_0);
    const client = await connectClient();
    await client.say('LHLO mail');
    await fc.assert(
      fc.asyncProperty(trickyBytes, cuts, async (bytes, at) => {
        const content = bytes.toString('latin1').replaceAll(/\r\n|\n/g, '\r\n');
        const wire = new DotStuffer().push(Buffer.from(`${ENVELOPE}\r\n${content}\r\n`, 'latin1'));
        await client.say('MAIL FROM:<>');
        await client.say(RECIPIENT);
        await client.say('DATA');
        for (const piece of cutBytes(wire, at)) await client.write(piece);
        expect(await client.say('.')).toMatch(/^250 /);
        expect(seen.stdin.pop()?.toString('latin1')).toBe(`\n${content.replaceAll('\r\n', '\n')}\n`);
      }),
      { numRuns: 150 },
    );
  });

  it('may be 25 MB of bytes without meaning', async () => {
    const line = Buffer.concat([
      randomBytes(300_000).filter((byte) => byte !== 10 && byte !== 13 && byte !== 46),
      Buffer.from('\r\n'),
    ]);
    const hash = createHash('sha256');
    let received = 0;
    behaviour = {
      enter: async (entry) => {
        for (let frame = await entry.next(); frame?.type === FRAME.stdin; frame = await entry.next()) {
          hash.update(frame.payload);
          received += frame.payload.length;
        }
        return EXITED_0;
      },
    };
    const expected = createHash('sha256').update('\n');
    const client = await ready();
    await client.write(`${ENVELOPE}\r\n`);
    for (let sent = 0; sent < 25_000_000; sent += line.length) {
      await client.write(line);
      expected.update(line.subarray(0, -2)).update('\n');
    }
    expect(await client.say('.')).toMatch(/^250 /);
    expect(received).toBeGreaterThan(25_000_000);
    expect(hash.digest('hex')).toBe(expected.digest('hex'));
  });

  it('is not held by the gate while the program does not read', async () => {
    const reads = Promise.withResolvers<void>();
    behaviour = { enter: (entry) => reads.promise.then(() => entry.readStdin()).then(() => EXITED_0) };
    const client = await ready();
    await client.write(`${ENVELOPE}\r\n`);
    const line = Buffer.from(`${'x'.repeat(99_998)}\r\n`);
    let sent = 0;
    const sending = (async () => {
      for (; sent < 25_000_000; sent += line.length) await client.write(line);
    })();
    let before = -1;
    const isStuck = () => {
      const same = sent === before;
      before = sent;
      return same;
    };
    await expect.poll(isStuck, { interval: 200 }).toBe(true);
    expect(sent).toBeLessThan(3_000_000);
    reads.resolve();
    await sending;
    expect(await client.say('.')).toMatch(/^250 /);
  });

  it.each<[Outcome, number]>([
    [{ kind: 'exited', status: 1 }, 550],
    [{ kind: 'exited', status: 75 }, 451],
    [{ kind: 'no-program' }, 550],
    [{ kind: 'signalled', signal: 9 }, 451],
    [{ kind: 'not-started', reason: 'suspended', detail: '/host/path' }, 451],
    [{ kind: 'timed-out', seconds: 240 }, 451],
    [{ kind: 'starved', what: 'memory', status: 1 }, 451],
  ])('is answered by the outcome %j with %i', async (outcome, code) => {
    reading(outcome);
    const reply = await send(ENVELOPE);
    expect(reply).toMatch(new RegExp(`^${code} `));
    expect(reply).not.toContain('host');
  });

  it('is delivered when the program succeeds without reading', async () => {
    behaviour = { enter: async () => EXITED_0 };
    const client = await ready();
    await client.write(`${ENVELOPE}\r\n`);
    for (let part = 0; part < 40; part += 1) await client.write(`${'x'.repeat(100_000)}\r\n`);
    expect(await client.say('.')).toMatch(/^250 /);
    expect(await client.say('NOOP')).toMatch(/^250 /);
  });

  it('is not disturbed by a program that writes much', async () => {
    behaviour = {
      enter: async (entry) => {
        for (let part = 0; part < 50; part += 1) await entry.write(FRAME.stdout, Buffer.alloc(200_000, 'x'));
        await entry.write(FRAME.stderr, Buffer.from('secret'));
        await entry.readStdin();
        return EXITED_0;
      },
    };
    expect(await send(`${ENVELOPE}\r\n${'y\r\n'.repeat(200_000)}`)).toBe('250 2.0.0 Delivered');
  });

  it('believes the last envelope only and shows none to the program', async () => {
    const seen = reading(EXITED_0);
    await send(
      `${envelope('forged@x', 'forged@y')}A: b\r\nx-hofje-envelope : ${base64('f@x')}\r\n ${base64('f@y')}\r\n${ENVELOPE}\r\nx`,
    );
    expect(seen.stdin[0]?.toString()).toBe('A: b\n\nx\n');
    expect(seen.entries[0]?.request).toMatchObject({ env: { SENDER: 'a@example.net' } });
  });

  it.each(['Subject: none\r\n\r\nx', '', `\r\n${'X-Hofje-Envelope: - YUBi'}`, 'X-Hofje-Envelope: nonsense\r\n'])(
    'starts nothing without an envelope (%j)',
    async (message) => {
      const seen = reading(EXITED_0);
      expect(await send(message)).toMatch(/^451 /);
      expect(seen.entries).toHaveLength(0);
    },
  );
});

describe('trouble', () => {
  it('defers while the agent is away, and goes on when it is back', async () => {
    await agent?.close();
    expect(await send(ENVELOPE)).toMatch(/^451 /);
    const late = send(ENVELOPE);
    reading(EXITED_0);
    await startAgent();
    expect(await late).toMatch(/^250 /);
  });

  it('defers when the agent breaks off or talks nonsense', async () => {
    behaviour = { enter: async () => undefined };
    expect(await send(ENVELOPE)).toMatch(/^451 /);
    const nonsense: unknown = { kind: 'exited', status: 'fine' };
    behaviour = { enter: (entry) => entry.readStdin().then(() => nonsense as Outcome) };
    expect(await send(ENVELOPE)).toMatch(/^451 /);
  });

  it('gives up an entry that takes too long, even one that never reads', async () => {
    behaviour = { enter: () => new Promise(() => undefined) };
    const client = await ready();
    const from = performance.now();
    await client.write(`${ENVELOPE}\r\n`);
    client.socket.write(`${'x'.repeat(1000)}\r\n`.repeat(5000));
    expect(await client.say('.')).toMatch(/^451 /);
    expect(performance.now() - from).toBeGreaterThan(1900);
  });

  it('ends the entry when the mail server goes away, in the message or after it', async () => {
    for (const message of [`${ENVELOPE}\r\nhalf`, `${ENVELOPE}\r\nwhole\r\n.\r\n`]) {
      const cancelled = Promise.withResolvers<void>();
      const begun = Promise.withResolvers<void>();
      behaviour = {
        enter: async (entry) => {
          begun.resolve();
          for (
            let frame = await entry.next();
            frame !== undefined && frame.type !== FRAME.cancel;
            frame = await entry.next()
          );
          cancelled.resolve();
          return { kind: 'signalled', signal: 9 };
        },
      };
      const client = await ready();
      await client.write(message);
      await begun.promise;
      client.close();
      await cancelled.promise;
    }
  });

  it('ends the entry at once when the mail server goes away while the program takes nothing', async () => {
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
    const client = await ready();
    void client.write(`${ENVELOPE}\r\n${`${'x'.repeat(78)}\r\n`.repeat(100_000)}`);
    await expect.poll(() => seen.input).toBe(INPUT_WINDOW);
    client.close();
    await expect.poll(() => seen.cancelled, { timeout: 1500 }).toBe(true);
    expect(seen.input).toBe(INPUT_WINDOW);
  });

  it('lets each site run only so many at once, the rest waits a little', async () => {
    const release = Promise.withResolvers<void>();
    behaviour = { enter: () => release.promise.then(() => EXITED_0) };
    const running = await Promise.all([1, 2, 3, 4].map(ready));
    for (const client of running) await client.write(`${ENVELOPE}\r\n.\r\n`);
    const fifth = await connectClient();
    await fifth.say('MAIL FROM:<>');
    const another = `RCPT TO:<${makeId('forwarder', randomBytes(20))}@pipe.invalid>`;
    expect(await fifth.say(another)).toMatch(/^451 4\.3\.2/);
    const waiting = fifth.say(another);
    release.resolve();
    for (const client of running) expect(await client.reply()).toMatch(/^250 /);
    expect(await waiting).toMatch(/^250 /);
  });

  it('keeps the order of commands, and lets nobody else in', async () => {
    const client = await connectClient();
    expect(await client.say(RECIPIENT)).toMatch(/^503 /);
    expect(await client.say('DATA')).toMatch(/^503 /);
    expect(await client.say('EHLO x')).toMatch(/^500 /);
    await client.say('MAIL FROM:<"x>y"@z> BODY=8BITMIME');
    expect(await client.say('RCPT TO:<info@example.org>')).toMatch(/^451 /);
    expect(await client.say(RECIPIENT)).toMatch(/^250 /);
    expect(await client.say(RECIPIENT)).toMatch(/^452 /);
    expect(await client.say(`NOOP ${'x'.repeat(100_000)}`)).toMatch(/^500 /);
    expect(await client.say('QUIT')).toMatch(/^221 /);
    expect(await client.reply()).toBe('');
  });

  it('stops when idle, and only then', async () => {
    const release = Promise.withResolvers<void>();
    behaviour = { enter: () => release.promise.then(() => EXITED_0) };
    const idle = await connectClient();
    const busy = await ready();
    await busy.write(`${ENVELOPE}\r\n.\r\n`);
    const stopped = server.stop();
    expect(await idle.reply()).toMatch(/^421 /);
    release.resolve();
    expect(await busy.reply()).toMatch(/^250 /);
    expect(await busy.reply()).toMatch(/^421 /);
    await stopped;
  });
});
