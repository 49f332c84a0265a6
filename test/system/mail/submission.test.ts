// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what a mail server could take for its own
import { createTransport } from 'nodemailer';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { run } from '#host/run.ts';
import { randomAddress } from '#test/support/service.ts';
import { MAIL, PASSWORD, readMailbox, startMail, until, type World } from './fixture.ts';
import { type Outside, startOutside } from './outside.ts';
import { Smtp, send } from './smtp.ts';

let world: World;
let outside: Outside;

beforeAll(async () => {
  world = await startMail(async (w) => {
    const one = await w.domain('one.example');
    w.mailbox(one, 'info');
    w.mailbox(one, 'boss');
    w.forward(one, 'sales', 'info@one.example');
    const two = await w.domain('two.example');
    w.mailbox(two, '*');
    w.mailbox(two, 'boss');
  });
  outside = await startOutside(world.service);
});
afterAll(async () => {
  await outside?.stop();
  await world?.service.stop();
});
afterEach(() => {
  outside.sink.mails.length = 0;
});

interface Attempt {
  readonly user?: string;
  readonly password?: string;
  readonly envelope: string;
  /** The whole From field. */
  readonly author: string;
  readonly headers?: string;
  readonly to?: string;
  readonly port?: 465 | 587;
}

/** Logs in and sends; gives the first reply that was no success, or the last one. */
async function submit(attempt: Attempt): Promise<string> {
  const { user = 'info@one.example', password = PASSWORD, to = 'friend@outside.example', port = 465 } = attempt;
  const smtp = await Smtp.connect(MAIL, port);
  try {
    await smtp.say('EHLO client.example');
    if (port === 587) {
      await smtp.startTls();
      await smtp.say('EHLO client.example');
    }
    const plain = Buffer.from(`\0${user}\0${password}`).toString('base64');
    const replies = [
      () => smtp.say(`AUTH PLAIN ${plain}`),
      () => smtp.say(`MAIL FROM:<${attempt.envelope}>`),
      () => smtp.say(`RCPT TO:<${to}>`),
      () => smtp.data(Buffer.from(`${attempt.author}\r\n${attempt.headers ?? ''}Subject: x\r\n\r\nHello\r\n`)),
    ];
    let reply = '';
    for (const next of replies) {
      reply = await next();
      if (!/^2/.test(reply)) return reply;
    }
    return reply;
  } finally {
    smtp.close();
  }
}

const own = { envelope: 'info@one.example', author: 'From: info@one.example' };

describe('an account', () => {
  it.each([
    ['465', { port: 465, secure: true }],
    ['587 with STARTTLS', { port: 587, secure: false, requireTLS: true }],
  ])('sends through port %s', async (_, options) => {
    const transport = createTransport({
      ...options,
      host: MAIL,
      auth: { user: 'info@one.example', pass: PASSWORD },
      tls: { rejectUnauthorized: false },
    });
    const to = ['friend@outside.example', 'boss@one.example'];
    await transport.sendMail({ from: 'Info <info@one.example>', to, subject: 'sent', text: 'Hello' });
    transport.close();
    await until(async () => expect(outside.sink.mails).toHaveLength(1));
    const [mail] = outside.sink.mails;
    expect([mail?.from, mail?.to]).toEqual(['info@one.example', ['friend@outside.example']]);
    expect(mail?.content.toString()).not.toMatch(/^Sender:/m);
    await until(async () => expect((await readMailbox('boss@one.example')).length).toBeGreaterThan(0));
  });

  it.each([
    ['its own address', own],
    ['in capitals', { envelope: 'INFO@One.example', author: 'From: "Info, Inc." <INFO@ONE.EXAMPLE>' }],
    ['a detail', { envelope: 'info+list@one.example', author: 'From: info+list@one.example' }],
    ['an address that leads to it', { envelope: 'sales@one.example', author: 'From: Sales <sales@one.example>' }],
    ['nobody, to answer automatically', { envelope: '', author: 'From: info@one.example' }],
    [
      'what its catch-all gets',
      { user: '*@two.example', envelope: 'any@two.example', author: 'From: any@two.example' },
    ],
  ])('may send as %s', async (_, attempt) => {
    for (const port of [465, 587] as const) expect(await submit({ ...attempt, port })).toMatch(/^250/);
  });

  it.each([
    ['another account in the envelope', { ...own, envelope: 'boss@one.example' }],
    ['another account in the header', { ...own, author: 'From: boss@one.example' }],
    ['a stranger in the envelope', { ...own, envelope: 'ceo@outside.example' }],
    ['a stranger in the header', { ...own, author: 'From: info@one.example <ceo@outside.example>' }],
    ['a stranger behind a group', { ...own, author: 'From: x: ceo@outside.example;' }],
    ['two authors', { ...own, author: 'From: info@one.example, ceo@outside.example' }],
    ['two From fields', { ...own, author: 'From: info@one.example\r\nFrom: ceo@outside.example' }],
    ['an encoded author', { ...own, author: 'From: =?utf-8?q?info=40one=2Eexample?= <ceo@outside.example>' }],
    ['a strange Sender', { ...own, headers: 'Sender: ceo@outside.example\r\n' }],
    ['no From', { ...own, author: 'X-From: info@one.example' }],
    ['an empty From', { ...own, author: 'From: ' }],
    [
      'somebody whom a catch-all does not get',
      { user: '*@two.example', envelope: 'boss@two.example', author: 'From: boss@two.example' },
    ],
    ['an expansion', { ...own, envelope: '"${lookup{x}lsearch{/etc/passwd}}"@one.example' }],
  ])('may not send as %s', async (_, attempt) => {
    expect(await submit(attempt)).toMatch(/^5/);
  });

  it('is told by its password', async () => {
    expect(await submit({ ...own, password: 'wrong password' })).toMatch(/^535/);
    expect(await submit({ ...own, user: 'nobody@one.example' })).toMatch(/^535/);
    expect(await submit({ ...own, user: 'info@one.example\0x' })).toMatch(/^5/);
  });

  it('says nothing of itself without TLS, and sends nothing without logging in', async () => {
    const smtp = await Smtp.connect(MAIL, 587);
    expect(await smtp.say('EHLO client.example')).not.toContain('AUTH');
    expect(await smtp.say('AUTH PLAIN AGEAYg==')).toMatch(/^5/);
    expect(await smtp.say('MAIL FROM:<info@one.example>')).toMatch(/^5/);
    await smtp.startTls();
    expect(await smtp.say('EHLO client.example')).toContain('AUTH PLAIN LOGIN');
    expect(await smtp.say('MAIL FROM:<info@one.example>')).toMatch(/^5/);
    smtp.close();
  });
});

describe('the mail of sites', () => {
  const content = Buffer.from('From: Shop <shop@one.example>\r\nTo: x\r\nSubject: order\r\n\r\nThanks\r\n');

  it('is taken from the gate, and shows no address of the inside', async () => {
    const to = ['friend@outside.example', 'boss@one.example'];
    const { rcpt, data } = await send(MAIL, { from: 'shop@one.example', to, content, port: 2525 });
    expect([...rcpt, data].every((reply) => reply.startsWith('250'))).toBe(true);
    await until(async () => expect(outside.sink.mails).toHaveLength(1));
    const text = outside.sink.mails[0]?.content.toString() ?? '';
    expect(outside.sink.mails[0]?.from).toBe('shop@one.example');
    expect(text).toMatch(/^Message-I[Dd]: /m);
    expect(text).toMatch(/^Date: /m);
    expect(text).not.toMatch(/10\.63\.|^Sender:/m);
  });

  it('for an address here that is not there is refused at once', async () => {
    const { rcpt } = await send(MAIL, { from: 'shop@one.example', to: ['no@one.example'], content, port: 2525 });
    expect(rcpt[0]).toMatch(/^550/);
  });

  it('is taken from nobody else', async () => {
    const stranger = randomAddress();
    await run(['ip', 'addr', 'add', `${stranger}/32`, 'dev', world.service.linkName]);
    const { stdout } = await run(
      ['curl', '--silent', '--max-time', '5', '--interface', stranger, '--noproxy', '*', `telnet://${MAIL}:2525`],
      { accept: [0, 28, 56] },
    );
    expect(stdout).toMatch(/^5/);
  });
});
