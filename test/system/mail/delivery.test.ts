// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what a mail server could take for its own
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAIL, readMailbox, startMail, until, type World } from './fixture.ts';
import { message, Smtp, send } from './smtp.ts';

let world: World;

beforeAll(async () => {
  world = await startMail(async (w) => {
    const one = await w.domain('one.example', 256 * 1024 ** 2);
    w.mailbox(one, 'info', 64 * 1024 ** 2);
    w.mailbox(one, 'second');
    w.mailbox(one, 'kept');
    const two = await w.domain('two.example');
    w.mailbox(two, '*');
    w.mailbox(two, 'boss');
    w.mailbox(await w.domain('xn--bcher-kva.example'), 'lesen');
    for (const name of ['held', 'odd name', 'kept']) w.waiting.addresses.add(`${name}@one.example`);
    w.waiting.domains.add('held.example');
  });
});
afterAll(async () => await world?.service.stop());

/** The one message in a mailbox whose subject this is. */
async function arrived(user: string, subject: string): Promise<Buffer> {
  return await until(async () => {
    const found = (await readMailbox(user)).find((source) => source.includes(`Subject: ${subject}\r\n`));
    if (found === undefined) throw new Error(`${subject} is not in ${user}`);
    return found;
  });
}

/** What stands behind the first empty line. */
function bodyOf(source: Buffer): Buffer {
  return source.subarray(source.indexOf('\r\n\r\n') + 4);
}

describe('mail for an address here', () => {
  it.each([
    ['info@one.example', 'info@one.example'],
    ['INFO@One.Example', 'info@one.example'],
    ['info+list@one.example', 'info@one.example'],
    ['anybody@two.example', '*@two.example'],
    ['"strange one"@two.example', '*@two.example'],
    ['boss@two.example', 'boss@two.example'],
    ['boss+x@two.example', 'boss@two.example'],
    ['lesen@xn--bcher-kva.example', 'lesen@xn--bcher-kva.example'],
  ])('reaches its mailbox: %s', async (to, mailbox) => {
    const subject = randomBytes(6).toString('hex');
    const { rcpt, data } = await send(MAIL, { from: 'a@sender.example', to: [to], content: message(subject) });
    expect([rcpt[0]?.slice(0, 3), data.slice(0, 3)]).toEqual(['250', '250']);
    const source = await arrived(mailbox, subject);
    expect(source.toString()).toContain(`Envelope-to: ${to}\r\n`);
    expect(source.toString()).toContain('Return-Path: <a@sender.example>\r\n');
  });

  it.each([
    ['held@one.example', '451'],
    ['Held+list@one.example', '451'],
    ['"odd name"@one.example', '451'],
    ['kept@one.example', '451'],
    ['anybody@held.example', '451'],
    ['nobody@one.example', '550'],
    ['info@one.example', '250'],
  ])('is told to come again later where its entry is held back: %s', async (to, code) => {
    const smtp = await Smtp.connect(MAIL, 25);
    await smtp.say('EHLO sender.example');
    await smtp.say('MAIL FROM:<a@sender.example>');
    expect((await smtp.say(`RCPT TO:<${to}>`)).slice(0, 3)).toBe(code);
    smtp.close();
  });

  it('may name its domain in its own script', async () => {
    const to = Buffer.from('lesen@bücher.example').toString('latin1');
    const smtp = await Smtp.connect(MAIL, 25);
    expect(await smtp.say('EHLO sender.example')).toContain('SMTPUTF8');
    await smtp.say('MAIL FROM:<a@sender.example> SMTPUTF8');
    expect(await smtp.say(Buffer.from(`RCPT TO:<${to}>\r\n`, 'latin1'))).toMatch(/^250/);
    expect(await smtp.data(message('own script'))).toMatch(/^250/);
    smtp.close();
    await arrived('lesen@bücher.example', 'own script');
  });

  it.each([
    ['', 'null'],
    ['"john doe"@sender.example', 'quoted'],
    ['a..b@sender.example', 'two dots'],
    ['.a.@sender.example', 'dots outside'],
    ["a/b|c{d}$e`f'g!h#i@sender.example", 'signs'],
    ['${run{/bin/id}}@sender.example', 'an expansion'],
    ['bounce+info=one.example@sender.example', 'VERP'],
    ['SRS0=abcd=xy=other.example=a@sender.example', 'SRS'],
    ['a@xn--bcher-kva.example', 'IDN'],
    ['a@1.2-3.example', 'digits'],
  ])('is accepted from a strange but legal sender: %s (%s)', async (from, name) => {
    const subject = `from ${name}`;
    const { mail, rcpt, data } = await send(MAIL, { from, to: ['second@one.example'], content: message(subject) });
    expect(
      [mail, rcpt[0], data].map((reply) => reply?.slice(0, 4)),
      mail,
    ).toEqual(['250 ', '250 ', '250 ']);
    await arrived('second@one.example', subject);
  });

  it('arrives as it was sent: 8-bit, dots, long lines, 25 MB', async () => {
    const line = Buffer.concat([
      Buffer.from('.dot \xff\x80 '.padEnd(5000, 'é'), 'utf8'),
      Buffer.from([0xff, 0x80, 13, 10]),
    ]);
    const small = Buffer.concat([line, Buffer.from('..\r\n.\t\r\nlast without a break')]);
    const large = Buffer.from(`${randomBytes(18_900_000).toString('base64').replace(/.{76}/g, '$&\r\n')}\r\n`);
    for (const [subject, body] of [
      ['small', small],
      ['large', large],
    ] as const) {
      const content = Buffer.concat([message(subject, ''), body]);
      const { data } = await send(MAIL, { from: 'a@sender.example', to: ['info@one.example'], content });
      expect(data, subject).toMatch(/^250/);
      const stored = bodyOf(await arrived('info@one.example', subject));
      const expected = body.subarray(-2).equals(Buffer.from('\r\n'))
        ? body
        : Buffer.concat([body, Buffer.from('\r\n')]);
      expect(stored.equals(expected)).toBe(true);
    }
  });
});

describe('what is not for here', () => {
  it.each([
    ['nobody@one.example', '550'],
    ['info@elsewhere.example', '550'],
    ['info%one.example@elsewhere.example', '550'],
    ['@one.example:info@elsewhere.example', '55'],
    ['mbx_00000000000000000000@mailbox.invalid', '550'],
    ['fwd_00000000000000000000@pipe.invalid', '550'],
    ['info@[127.0.0.1]', '501'],
    ['|/bin/id@one.example', '550'],
    ['/etc/passwd@one.example', '550'],
    [':include:/etc/passwd@one.example', '5'],
    ['${run{/bin/id}}@one.example', '550'],
    ['postmaster', '5'],
  ])('is refused: %s', async (to, code) => {
    const { rcpt } = await send(MAIL, { from: 'a@sender.example', to: [to], content: message('no') });
    expect(rcpt[0]?.startsWith(code), rcpt[0]).toBe(true);
    expect(rcpt[0]).not.toMatch(/lookup|cdb|expan|router|config/i);
  });

  it('tells nobody who exists', async () => {
    const smtp = await Smtp.connect(MAIL, 25);
    const features = await smtp.say('EHLO sender.example');
    expect(features).not.toMatch(/AUTH|VRFY|ETRN|CHUNKING|PIPECONNECT/);
    expect(await smtp.say('VRFY info@one.example')).toMatch(/^(252|550)/);
    expect(await smtp.say('EXPN info@one.example')).toMatch(/^550/);
    expect(await smtp.say('ETRN one.example')).toMatch(/^(458|550)/);
    expect(await smtp.say('HELP')).not.toMatch(/info/);
    smtp.close();
  });

  it('is not read over IMAP without TLS or with another password', async () => {
    const smtp = await Smtp.connect(MAIL, 587);
    expect(await smtp.say('EHLO x')).not.toContain('AUTH');
    smtp.close();
    await expect(readMailbox('nobody@one.example')).rejects.toThrow();
  });
});

describe('a suspended site', () => {
  it('has its mail deferred at RCPT and its accounts closed, until it is resumed', async () => {
    const site = world.site('later.example', 'www.later.example');
    world.mailbox(await world.domain('later.example'), 'info');
    world.suspend(site, true);
    await world.write();
    const mail = { from: 'a@sender.example', to: ['info@later.example'], content: message('later') };
    expect((await send(MAIL, mail)).rcpt[0]).toMatch(/^45\d/);
    await expect(readMailbox('info@later.example')).rejects.toThrow();
    world.suspend(site, false);
    expect(await world.write()).toEqual(['accounts', 'addresses.cdb']);
    expect((await send(MAIL, mail)).rcpt[0]).toMatch(/^250/);
    await arrived('info@later.example', 'later');
  });
});
