// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expansions of Exim
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSelfSigned } from '#agent/mail/certificate.ts';
import { parseQueue } from '#agent/service/mail-queue.ts';
import { imap, MAIL, readMailbox, Sink, startMail, until, type World } from './fixture.ts';
import { message, send } from './smtp.ts';

const KiB = 1024;
const MiB = 1024 ** 2;

let world: World;
let gate: Sink;

beforeAll(async () => {
  world = await startMail(async (w) => {
    const one = await w.domain('one.example');
    w.mailbox(one, 'info');
    w.mailbox(one, 'small', 100 * KiB);
    w.pipe(one, 'help', w.site('one.example'));
    w.mailbox(await w.domain('full.example', 4 * MiB), 'info', 64 * MiB);
  });
  gate = await new Sink().listen({ path: join(world.service.folders.gate, 'mail', 'lmtp.sock') });
});
afterAll(async () => {
  await gate?.stop();
  await world?.service.stop();
});

const from = 'a@sender.example';
const big = (subject: string, bytes: number) =>
  message(subject, `${'x'.repeat(998)}\r\n`.repeat(Math.ceil(bytes / 1000)));

describe('a full mailbox', () => {
  it('is told about at RCPT where the size is known, and else after the message', async () => {
    const mail = { from, to: ['small@one.example'], content: big('too large', 150 * KiB) };
    expect((await send(MAIL, { ...mail, parameters: `SIZE=${mail.content.length}` })).rcpt[0]).toMatch(/^452 4\.2\.2/);
    expect((await send(MAIL, mail)).data).toMatch(/^452 4\.2\.2/);
    const fits = { ...mail, content: big('fits', 60 * KiB) };
    expect((await send(MAIL, fits)).data).toMatch(/^250/);
    await until(async () => expect(await readMailbox('small@one.example')).toHaveLength(1));
    await until(async () => expect((await send(MAIL, fits)).data).toMatch(/^452/));
    // Room is room again.
    const client = await imap('small@one.example');
    await client.mailboxOpen('INBOX');
    await client.messageDelete('1:*');
    expect(((await client.getQuota('INBOX')) || undefined)?.storage?.limit).toBe(100 * KiB);
    await client.logout();
    expect((await send(MAIL, fits)).data).toMatch(/^250/);
  });

  it('among several recipients keeps its mail waiting and not the others', async () => {
    const to = ['small@one.example', 'info@one.example'];
    const { rcpt, data } = await send(MAIL, { from, to, content: big('several', 90 * KiB) });
    expect([...rcpt, data].every((reply) => reply.startsWith('250'))).toBe(true);
    await until(async () => expect(await readMailbox('info@one.example')).toHaveLength(1));
    await until(async () => {
      const waiting = parseQueue((await world.exim('-bp')).stdout);
      expect(waiting.map(({ recipients }) => recipients)).toEqual([['small@one.example']]);
    });
    await world.exim('-Mrm', parseQueue((await world.exim('-bp')).stdout)[0]?.id ?? '');
  });

  it('of a full domain loses nothing', async () => {
    for (let n = 0; n < 3; n += 1) {
      const { data } = await send(MAIL, { from, to: ['info@full.example'], content: big(`full ${n}`, 2 * MiB) });
      expect(data).toMatch(/^250/);
    }
    await until(async () => {
      const stored = (await readMailbox('info@full.example')).length;
      const waiting = parseQueue((await world.exim('-bp')).stdout).length;
      expect(waiting).toBeGreaterThan(0);
      expect(stored + waiting).toBe(3);
    });
    for (const { id } of parseQueue((await world.exim('-bp')).stdout)) await world.exim('-Mrm', id);
  });
});

describe('the service', () => {
  it('comes back when Exim or Dovecot is killed', async () => {
    for (const program of ['exim4', 'dovecot']) {
      expect((await world.service.kill(program)).length).toBeGreaterThan(0);
      const subject = `after ${program}`;
      await until(async () => {
        const { data } = await send(MAIL, { from, to: ['info@one.example'], content: message(subject) });
        expect(data).toMatch(/^250/);
      });
      // What came while Dovecot was away waits for the next look through the queue.
      await until(async () => {
        await world.order('deliver');
        const found = (await readMailbox('info@one.example')).some((source) => source.includes(subject));
        expect(found).toBe(true);
      });
    }
  });

  it('keeps what waits over a restart', async () => {
    gate.answer = '451 4.3.0 Not now';
    for (let n = 0; n < 5; n += 1) {
      const { data } = await send(MAIL, { from, to: ['help@one.example'], content: message(`waits ${n}`) });
      expect(data).toMatch(/^250/);
    }
    await world.service.restart();
    gate.mails.length = 0;
    gate.answer = '250 OK';
    await until(async () => {
      await world.order('deliver');
      expect(gate.mails.length).toBeGreaterThanOrEqual(5);
      expect(parseQueue((await world.exim('-bp')).stdout)).toEqual([]);
    });
  });

  it('shows another certificate when it is told to', async () => {
    const tls = await makeSelfSigned('mail.other.example');
    expect(await world.write({ tls })).toEqual(['tls/key.pem', 'tls/cert.pem']);
    await world.order('reload');
    await until(async () => {
      const client = await imap('info@one.example');
      await client.logout();
      expect((await world.service.exec(['cat', '/etc/hofje/lookup/tls/cert.pem'], 200)).stdout).toBe(tls.chain);
    });
  });

  it('lets nobody read what is not his', async () => {
    const { service } = world;
    for (const [uid, file] of [
      [210, '/etc/hofje/lookup/accounts'],
      [202, '/etc/hofje/lookup/tls/key.pem'],
      [210, '/etc/hofje/lookup/srs-secret'],
      [201, '/etc/hofje/lookup/addresses.cdb'],
      [202, '/var/spool/exim4/input'],
      [200, '/etc/hofje/lookup/accounts'],
    ] as const) {
      expect((await service.exec(['cat', file], uid)).code, `${uid} ${file}`).not.toBe(0);
    }
  });

  it('answers look-ups as the files were written', async () => {
    const { stdout } = await world.exim(
      '-be',
      '${lookup{info@one.example}cdb{/etc/hofje/lookup/addresses.cdb}}|${lookup{no@one.example}cdb{/etc/hofje/lookup/addresses.cdb}{found}{none}}',
    );
    expect(stdout.trim()).toMatch(/^key=info@one\.example state=ok mailbox=mbx_\w{20}\|none$/);
  });
});
