import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { createTransport } from 'nodemailer';
import { pino } from 'pino';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SubmissionSite } from '#contract/gate/messages.ts';
import { makeId } from '#model/id.ts';
import { cutBytes, cuts, trickyBytes } from '../testing/chunks.ts';
import { makeTemporaryFolder } from '../testing/temporary-folder.ts';
import { WireClient } from '../testing/wire-client.ts';
import { Allowances } from './allowances.ts';
import { SubmissionServers } from './servers.ts';

interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly helo: string;
  readonly bytes: number;
  readonly sha256: string;
  /** The first megabyte. */
  readonly text: string;
}

/** An SMTP server that was written by others, in the place of the mail server. */
async function startSink(options: SMTPServerOptions = {}) {
  const received: Received[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData(stream, session, done) {
      const hash = createHash('sha256');
      const parts: Buffer[] = [];
      let bytes = 0;
      stream.on('data', (chunk: Buffer) => {
        hash.update(chunk);
        if (bytes < 1_000_000) parts.push(chunk);
        bytes += chunk.length;
      });
      stream.on('end', () => {
        received.push({
          from: session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address,
          to: session.envelope.rcptTo.map(({ address }) => address),
          helo: session.hostNameAppearsAs,
          bytes,
          sha256: hash.digest('hex'),
          text: Buffer.concat(parts).toString('latin1'),
        });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  return { received, port, close: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

let folder: Awaited<ReturnType<typeof makeTemporaryFolder>>;
let sink: Awaited<ReturnType<typeof startSink>>;
let servers: SubmissionServers;
let allowances: Allowances;
let site: SubmissionSite;
let clients: WireClient[];

const log = pino({ level: 'silent' });
const socketOf = ({ folder: path }: SubmissionSite) => join(path, 'submission.sock');
const addressFile = () => join(folder.path, 'mail-address');
const limitsFile = () => join(folder.path, 'limits.json');

async function pointAt(port: number): Promise<void> {
  await writeFile(addressFile(), `127.0.0.1:${port}\n`);
}

async function useSink(options: SMTPServerOptions): Promise<void> {
  await sink.close();
  sink = await startSink(options);
  await pointAt(sink.port);
}

async function makeSite(mailPerHour: number): Promise<SubmissionSite> {
  const id = makeId('site', randomBytes(20));
  await mkdir(join(folder.path, id));
  return { id, folder: join(folder.path, id), primaryName: 'example.org', senderDomains: ['example.org'], mailPerHour };
}

async function connectClient(to = site): Promise<WireClient> {
  const client = await WireClient.connect(socketOf(to));
  clients.push(client);
  await client.say('EHLO site');
  return client;
}

/** A client at the point where the message is to be sent. */
async function ready(to = site): Promise<WireClient> {
  const client = await connectClient(to);
  expect(await client.say('MAIL FROM:<info@example.org>')).toMatch(/^250/);
  expect(await client.say('RCPT TO:<you@example.net>')).toMatch(/^250/);
  expect(await client.say('DATA')).toMatch(/^354/);
  return client;
}

async function send(message: string, to = site): Promise<string> {
  const client = await ready(to);
  const reply = await client.say(`${message}\r\n.`);
  client.close();
  return reply;
}

beforeEach(async () => {
  folder = await makeTemporaryFolder();
  sink = await startSink();
  await pointAt(sink.port);
  allowances = await Allowances.open(limitsFile(), log);
  servers = new SubmissionServers({ mailAddressFile: addressFile(), allowances, log });
  site = await makeSite(1000);
  clients = [];
  await servers.apply([site]);
});

afterEach(async () => {
  for (const client of clients) client.close();
  await servers.stop();
  await allowances.save();
  await sink.close();
  await folder.remove();
});

describe('mail of a site', () => {
  it('goes on to the mail server as it is, with what it lacks', async () => {
    expect(await send('Subject: x\r\nBcc: secret@example.net\r\nX-Hofje-Site: other\r\n\r\n..\r\nbody')).toBe(
      '250 2.0.0 Accepted for delivery',
    );
    const [mail] = sink.received;
    expect(mail).toMatchObject({ from: 'info@example.org', to: ['you@example.net'] });
    expect(mail?.helo).toBe(`${site.id.slice(5)}.site.invalid`);
    expect(mail?.text).toMatch(
      new RegExp(
        `^X-Hofje-Site: ${site.id}\r\nSubject: x\r\nFrom: site@example\\.org\r\nDate: [^\r]+ \\+0000\r\nMessage-ID: <[0-9a-z]{20}@example\\.org>\r\n\r\n\\.\r\nbody\r\n$`,
      ),
    );
  });

  it('can be sent by a client that we did not write', async () => {
    const connection = connect(socketOf(site));
    await once(connection, 'connect');
    const transport = createTransport({ connection, ignoreTLS: true });
    const info = await transport.sendMail({
      from: '"Jörg, from here" <joerg@example.org>',
      to: ['a@example.net', 'b+c@example.net'],
      subject: 'Grüße',
      text: '.\n..\nlong '.repeat(50),
    });
    expect(info.accepted).toHaveLength(2);
    expect(sink.received[0]?.to).toHaveLength(2);
  });

  it('arrives byte for byte, and cannot smuggle another one', async () => {
    const client = await connectClient();
    await fc.assert(
      fc.asyncProperty(trickyBytes, cuts, async (bytes, at) => {
        await client.say('MAIL FROM:<info@example.org>');
        await client.say('RCPT TO:<you@example.net>');
        await client.say('DATA');
        const lines = bytes.toString('latin1').replaceAll(/\r\n|\r|\n/g, '\r\n');
        const message = `A: b\r\n\r\n${bytes.toString('latin1')}\r\n`;
        const wire = Buffer.from(message.replaceAll('\r\n.', '\r\n..'), 'latin1');
        const before = sink.received.length;
        for (const piece of cutBytes(wire, at)) await client.write(piece);
        expect(await client.say('.')).toMatch(/^250 /);
        expect(sink.received).toHaveLength(before + 1);
        expect(sink.received.at(-1)?.text.split('\r\n\r\n').slice(1).join('\r\n\r\n')).toBe(`${lines}\r\n`);
      }),
      { numRuns: 40 },
    );
  });

  it.each(['\n.\n', '\n.\r\n', '\r.\r', '\r\n.\n', '\r.\r\n'])('stays one message with %j in it', async (fake) => {
    await send(`A: b\r\n\r\nx${fake}MAIL FROM:<forged@example.com>${fake}DATA`);
    expect(sink.received).toHaveLength(1);
    expect(sink.received[0]?.text).toContain('MAIL FROM');
  });

  it('arrives whole when it comes byte by byte', async () => {
    const client = await ready();
    client.socket.setNoDelay(true);
    const message = Buffer.from(`A: ${'b'.repeat(20_000)}\r\n\r\n${'c'.repeat(20_000)}\r\n.\r\n`);
    for (const byte of message) {
      client.socket.write(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
    expect(await client.reply()).toMatch(/^250 /);
    expect(sink.received).toHaveLength(1);
  });

  it('may have 25 MB and no more', async () => {
    const piece = Buffer.from(`${'x'.repeat(998)}\r\n`.repeat(1000));
    const large = await ready();
    await large.write('A: b\r\n\r\n');
    for (let part = 0; part < 25; part += 1) await large.write(piece);
    expect(await large.say('.')).toMatch(/^250 /);
    expect(sink.received[0]?.bytes).toBeGreaterThan(25_000_000);
    const tooLarge = await ready();
    await tooLarge.write('A: b\r\n\r\n');
    for (let part = 0; part < 28; part += 1) await tooLarge.write(piece);
    expect(await tooLarge.say('.')).toMatch(/^552 /);
    expect(sink.received).toHaveLength(1);
    expect(await tooLarge.say('MAIL FROM:<> SIZE=30000000')).toMatch(/^552 /);
  });
});

describe('who a site may be', () => {
  it('only itself in the envelope', async () => {
    const client = await connectClient();
    expect(await client.say('MAIL FROM:<ceo@example.com>')).toBe(
      '550 5.7.1 This site may not send mail as example.com; its own domains are: example.org',
    );
    await client.say('MAIL FROM:<>');
    await client.say('RCPT TO:<postmaster>');
    await client.say('DATA');
    await client.say('\r\nx\r\n.');
    expect(sink.received).toMatchObject([{ from: 'site@example.org', to: ['postmaster@example.org'] }]);
  });

  it.each([
    'From: ceo@example.com',
    'From: "ceo@example.com" <a@example.org>, b@example.com',
    'From: a@example.org\r\nFrom: b@example.com',
    'From: a@example.org\r\nfrom : a@example.org',
    'From: a@example.org <b@example.com>',
    'From: a@example.org\r\n (, x@y\r\n b@example.com',
    'From:\r\n ceo@example.com',
    'X: y\r\rFrom: ceo@example.com\r\nZ: a',
    'X: y\nFrom: ceo@example.com',
  ])('only itself in the header (%j)', async (header) => {
    expect(await send(`${header}\r\n\r\nx`)).toMatch(header.includes('\r\r') ? /^250/ : /^550 /);
    // After an empty line it is text.
    if (header.includes('\r\r')) expect(sink.received[0]?.text).toContain('\r\n\r\nFrom: ceo');
    else expect(sink.received).toHaveLength(0);
  });

  it.each([
    ['From: root (Cron Daemon)', 'From: site@example.org\r\n'],
    ['Sender: ceo@example.com', '\r\nFrom: site@example.org\r\n'],
    ['no field\r\nFrom: ceo@example.com', '\r\n\r\nno field\r\nFrom: ceo@example.com\r\n'],
    ['From root Mon Jan 1 10:00:00 2026\r\nFrom: a@example.org', 'From: a@example.org\r\n'],
  ])('%j becomes harmless', async (header, expected) => {
    expect(await send(`${header}\r\n\r\nx`)).toMatch(/^250 /);
    const text = sink.received[0]?.text ?? '';
    expect(text).toContain(expected);
    expect(text.split('\r\n\r\n')[0]).not.toMatch(/example\.com|^From /m);
  });
});

describe('limits', () => {
  it('lets a site send so many an hour, says so, and remembers', async () => {
    const small = await makeSite(3);
    await servers.apply([site, small]);
    const client = await connectClient(small);
    await client.say('MAIL FROM:<>');
    for (const name of ['a', 'b', 'c']) expect(await client.say(`RCPT TO:<${name}@x.example>`)).toMatch(/^250 /);
    expect(await client.say('RCPT TO:<d@x.example>')).toMatch(/^450 4\.7\.1 This site may send 3 messages an hour/);
    await client.say('RSET');
    await client.say('MAIL FROM:<>');
    for (const name of ['a', 'b', 'c']) expect(await client.say(`RCPT TO:<${name}@x.example>`)).toMatch(/^250 /);
    await client.say('DATA');
    expect(await client.say('\r\nx\r\n.')).toMatch(/^250 /);
    await client.say('MAIL FROM:<>');
    expect(await client.say('RCPT TO:<d@x.example>')).toMatch(/^450 4\.7\.1 .*in (60|59) minutes/);
    expect(await send('\r\nneighbour')).toMatch(/^250 /);
    await allowances.save();
    const again = await Allowances.open(limitsFile(), log);
    expect(again.reserve(small, Date.now())).toBeTypeOf('number');
    expect((await stat(limitsFile())).mode & 0o777).toBe(0o600);
  });

  it('counts what was refused or broken off, not what the mail server could not take', async () => {
    const small = await makeSite(2);
    await servers.apply([small]);
    expect(await send('From: a@example.com\r\n\r\nx', small)).toMatch(/^550 /);
    await useSink({
      onData: (stream, _session, done) =>
        void stream.resume().on('end', () => done(Object.assign(new Error('busy'), { responseCode: 452 }))),
    });
    expect(await send('\r\nx', small)).toMatch(/^452 /);
    const broken = await ready(small);
    await broken.write('half');
    broken.close();
    await expect.poll(() => allowances.reserve(small, Date.now())).toBeTypeOf('number');
  });

  it('takes a hundred recipients a message', async () => {
    const client = await connectClient();
    await client.say('MAIL FROM:<>');
    for (let at = 0; at < 100; at += 1) expect(await client.say(`RCPT TO:<r${at}@x.example>`)).toMatch(/^250 /);
    expect(await client.say('RCPT TO:<more@x.example>')).toMatch(/^452 4\.5\.3 /);
  });

  it('slows down whoever talks without end', async () => {
    const client = await connectClient();
    const from = performance.now();
    for (let at = 0; at < 520; at += 1) await client.say('NOOP');
    expect(performance.now() - from).toBeGreaterThan(300);
  });

  it('has so many connections for each site', async () => {
    const eight = await Promise.all(Array.from({ length: 8 }, () => connectClient()));
    expect(eight).toHaveLength(8);
    const ninth = await WireClient.connect(socketOf(site));
    expect(await ninth.reply()).toBe('');
  });
});

describe('trouble', () => {
  it('asks for another try while the mail server is away', async () => {
    const { port } = sink;
    await sink.close();
    const client = await connectClient();
    expect(await client.say('MAIL FROM:<>')).toMatch(/^451 4\.3\.0 /);
    sink = await startSink();
    expect(sink.port).not.toBe(port);
    await pointAt(sink.port);
    expect(await client.say('MAIL FROM:<>')).toMatch(/^250 /);
    await writeFile(addressFile(), 'nowhere');
    expect(await (await connectClient()).say('MAIL FROM:<>')).toMatch(/^451 /);
  });

  it('passes the refusals of the mail server on', async () => {
    await useSink({
      onRcptTo: (address, _session, done) =>
        done(
          address.address.startsWith('no')
            ? Object.assign(new Error('5.1.1 Nobody h\u00e9re'), { responseCode: 550 })
            : null,
        ),
    });
    const client = await connectClient();
    await client.say('MAIL FROM:<>');
    expect(await client.say('RCPT TO:<nobody@example.org>')).toMatch(/^550 5\.1\.1 Nobody h\?+re$/);
    expect(await client.say('DATA')).toMatch(/^503 /);
    expect(await client.say('RCPT TO:<somebody@example.org>')).toMatch(/^250 /);
  });

  it('delivers nothing of a message that breaks off', async () => {
    const client = await ready();
    await client.write('A: b\r\n\r\nhalf of it\r\n');
    client.close();
    expect(await send('\r\nanother')).toMatch(/^250 /);
    expect(sink.received.map(({ text }) => text.includes('half'))).toEqual([false]);
  });

  it('is not disturbed by a mail server that hangs up in the middle', async () => {
    await useSink({
      onData: (stream) => {
        stream.once('data', () => void sink.close());
      },
      closeTimeout: 10,
    });
    const client = await ready();
    await client.write(`\r\n${'x'.repeat(900)}\r\n`.repeat(1000));
    expect(await client.say('.')).toMatch(/^451 /);
    expect(await client.say('NOOP')).toMatch(/^250 /);
  });
});

describe('the sockets', () => {
  it('come and go with the sites, and settings change under open conversations', async () => {
    const client = await connectClient();
    const other = await makeSite(5);
    await servers.apply([{ ...site, senderDomains: ['example.net'] }, other]);
    expect(await client.say('MAIL FROM:<a@example.org>')).toMatch(/^550 /);
    expect(await client.say('MAIL FROM:<a@example.net>')).toMatch(/^250 /);
    expect((await stat(socketOf(other))).mode & 0o777).toBe(0o660);
    await servers.apply([site]);
    expect(await readdir(other.folder)).toEqual([]);
    await servers.apply([site, { ...other, folder: join(folder.path, 'missing') }]);
    expect(await send('\r\nx')).toMatch(/^250 /);
  });

  it('keep a broken file of limits from stopping anything', async () => {
    await writeFile(limitsFile(), '{"site":');
    const broken = await Allowances.open(limitsFile(), log);
    expect(broken.reserve(site, Date.now())).toBeTypeOf('object');
    await broken.save();
    expect(await readFile(limitsFile(), 'utf8')).toBe('{}');
  });
});
