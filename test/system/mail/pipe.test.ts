// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what a mail server could take for its own
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseQueue } from '#agent/service/mail-queue.ts';
import { openEnvelope } from '#gate/lmtp/envelope.ts';
import { readHead } from '#gate/wire/head.ts';
import type { SiteId } from '#model/id.ts';
import type { ForwarderWish } from '#model/node/desired.ts';
import { type Delivered, MAIL, readMailbox, Sink, startMail, until, type World } from './fixture.ts';
import { message, send } from './smtp.ts';

let world: World;
let gate: Sink;
let site: SiteId;
let other: SiteId;
let pipes: Record<'help' | 'both' | 'star' | 'waits', ForwarderWish>;

beforeAll(async () => {
  world = await startMail(async (w) => {
    site = w.site('one.example');
    other = w.site('elsewhere.example');
    const one = await w.domain('one.example');
    const two = await w.domain('two.example');
    w.mailbox(one, 'info');
    w.mailbox(one, 'both');
    pipes = {
      help: w.pipe(one, 'help', site),
      both: w.pipe(one, 'both', site),
      star: w.pipe(two, '*', site),
      waits: w.pipe(one, 'waits', other),
    };
  });
  gate = await startGate();
});
afterAll(async () => {
  await gate?.stop();
  await world?.service.stop();
});
afterEach(() => {
  gate.mails.length = 0;
  gate.answer = '250 OK';
});

async function startGate(): Promise<Sink> {
  return await new Sink().listen({ path: join(world.service.folders.gate, 'mail', 'lmtp.sock') });
}

/** The one mail that came to the gate. */
async function piped(): Promise<Delivered> {
  return await until(async () => {
    const [mail, ...more] = gate.mails;
    if (mail === undefined || more.length > 0) throw new Error(`${gate.mails.length} mails at the gate`);
    return mail;
  });
}

/** What the gate makes of it. */
async function open(mail: Delivered) {
  const pieces = [mail.content];
  const head = await readHead({ next: async () => pieces.pop() }, 1024 * 1024);
  if (head === undefined) throw new Error('no head');
  return { ...openEnvelope(head.fields), body: head.rest.subarray(2) };
}

describe('mail for a pipe', () => {
  it.each([
    ['a@sender.example', 'help@one.example'],
    ['', 'help@one.example'],
    ['"john doe"@sender.example', 'HELP+ticket-7@one.example'],
    ['a..b@sender.example', 'anything.at-all@two.example'],
    ['${run{/bin/id}}@sender.example', '"${run{/bin/id}} $HOME `id`"@two.example'],
    ['a@xn--bcher-kva.example', '|/bin/id@two.example'],
    ["o'hara!#$%&*/=?^_{|}~@sender.example", '":include: /etc/passwd"@two.example'],
  ])('comes to the gate with its true envelope and under its id alone: %s to %s', async (sender, recipient) => {
    const { rcpt, data } = await send(MAIL, { from: sender, to: [recipient], content: message('x') });
    expect([rcpt[0]?.slice(0, 3), data.slice(0, 3)]).toEqual(['250', '250']);
    const mail = await piped();
    const { id } = recipient.endsWith('@two.example') ? pipes.star : pipes.help;
    expect([mail.from, mail.to]).toEqual(['pipe@pipe.invalid', [`${id}@pipe.invalid`]]);
    const { envelope, fields } = await open(mail);
    expect(envelope).toEqual({ sender, recipient });
    expect(fields.map(({ name }) => name)).toEqual(['received', 'from', 'to', 'subject']);
  });

  it('has the body that was sent: 8-bit, dots, long lines', async () => {
    const lines = [
      '.dot',
      '..',
      'é'.repeat(5000),
      '\xff\x80',
      'From here',
      '',
      '-- ',
      'tab\tand blanks   ',
      randomBytes(30_000).toString('hex'),
    ];
    const body = Buffer.concat(lines.map((line) => Buffer.concat([Buffer.from(line), Buffer.from('\r\n')])));
    await send(MAIL, {
      from: 'a@b.example',
      to: ['help@one.example'],
      content: Buffer.concat([message('x', ''), body]),
    });
    expect((await open(await piped())).body.equals(body)).toBe(true);
  });

  it('has the headers that were sent, and no envelope of a stranger', async () => {
    const evil = Buffer.from(`X-Hofje-Envelope: ${btoa('evil@sender.example')} ${btoa('evil@one.example')}\r\n`);
    const content = Buffer.concat([evil, evil, Buffer.from('X-Own: kept\r\nx-hofje-envelope: - x\r\n'), message('x')]);
    await send(MAIL, { from: 'a@b.example', to: ['help@one.example'], content });
    const mail = await piped();
    expect((await open(mail)).envelope).toEqual({ sender: 'a@b.example', recipient: 'help@one.example' });
    expect(mail.content.toString().match(/x-hofje-envelope/gi)).toHaveLength(1);
    expect(mail.content.toString()).toContain('X-Own: kept\r\n');
  });

  it('goes into the mailbox of the same address, too', async () => {
    await send(MAIL, { from: 'a@b.example', to: ['both@one.example'], content: message('two ways') });
    expect((await piped()).to).toEqual([`${pipes.both.id}@pipe.invalid`]);
    await until(async () => expect(await readMailbox('both@one.example')).toHaveLength(1));
  });

  it('for several pipes is one transaction each', async () => {
    const to = ['help@one.example', 'both@one.example', 'x@two.example', 'y@two.example'];
    await send(MAIL, { from: 'a@b.example', to, content: message('many') });
    await until(async () => expect(gate.mails.length).toBeGreaterThanOrEqual(3));
    for (const { to: recipients } of gate.mails) expect(recipients).toHaveLength(1);
  });

  it('is deferred while the gate says so or is not there, and then delivered', async () => {
    gate.answer = '451 4.3.0 Not now';
    await send(MAIL, { from: 'a@b.example', to: ['help@one.example'], content: message('patience') });
    await until(async () => expect(gate.mails).toHaveLength(1));
    const [queued] = await until(async () => {
      const messages = parseQueue((await world.exim('-bp')).stdout);
      expect(messages).toHaveLength(1);
      return messages;
    });
    expect(queued).toMatchObject({ sender: 'a@b.example', recipients: ['help@one.example'], frozen: false });

    await gate.stop();
    await world.order('deliver', queued?.id ?? '');
    gate = await startGate();
    await world.order('deliver');
    await until(async () => expect(parseQueue((await world.exim('-bp')).stdout)).toEqual([]));
    expect((await piped()).to).toEqual([`${pipes.help.id}@pipe.invalid`]);
  });

  it('that is refused comes back to its sender and tells nothing about the inside', async () => {
    gate.answer = '550 5.7.0 Refused for reasons of its own';
    await send(MAIL, { from: 'info@one.example', to: ['help@one.example'], content: message('bounce me') });
    const [bounce] = await until(async () => {
      const mails = await readMailbox('info@one.example');
      expect(mails).toHaveLength(1);
      return mails;
    });
    const text = bounce?.toString() ?? '';
    expect(text).toContain('help@one.example');
    expect(text).not.toMatch(/pipe\.invalid|fwd_|lmtp\.sock|hofje|reasons of its own/i);
  });

  it('waits while its site is suspended, and is delivered at once when it is resumed', async () => {
    gate.answer = '451 4.3.0 Not now';
    const mail = { from: 'a@b.example', to: ['waits@one.example'], content: message('waits') };
    expect((await send(MAIL, mail)).data).toMatch(/^250/);
    await until(async () => expect(gate.mails).toHaveLength(1));
    world.suspend(other, true);
    expect(await world.write()).toEqual(['addresses.cdb']);
    expect((await send(MAIL, mail)).rcpt[0]).toMatch(/^45\d/);
    expect((await send(MAIL, { ...mail, to: ['help@one.example'] })).rcpt[0]).toMatch(/^250/);
    await world.order('deliver');
    gate.mails.length = 0;
    gate.answer = '250 OK';
    world.suspend(other, false);
    await world.write();
    await world.order('deliver');
    await until(async () => expect(parseQueue((await world.exim('-bp')).stdout)).toEqual([]));
    expect(gate.mails.some(({ to }) => to[0] === `${pipes.waits.id}@pipe.invalid`)).toBe(true);
  });
});
