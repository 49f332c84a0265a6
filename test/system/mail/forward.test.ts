import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseQueue } from '#agent/service/mail-queue.ts';
import { MAIL, readMailbox, type Sink, startMail, until, type World } from './fixture.ts';
import { type Outside, startOutside } from './outside.ts';
import { message, send } from './smtp.ts';

let world: World;
let outside: Outside;
let sink: Sink;

beforeAll(async () => {
  world = await startMail(async (w) => {
    const one = await w.domain('one.example');
    w.mailbox(one, 'info');
    w.forward(one, 'away', 'friend@outside.example');
    w.forward(one, 'chain', 'away@one.example');
    w.forward(one, 'team', 'info@one.example', 'friend@outside.example', 'other@outside.example');
    w.forward(one, 'strange', '|/bin/id@outside.example', '/etc/passwd@outside.example', '$home{x}`@outside.example');
    w.forward(one, 'loop', 'pool@one.example');
    w.forward(one, 'pool', 'loop@one.example');
    w.forward(one, 'private', 'friend@private.example');
    w.forward(await w.domain('two.example'), '*', 'friend@outside.example');
  });
  outside = await startOutside(world.service);
  sink = outside.sink;
});
afterAll(async () => {
  await outside?.stop();
  await world?.service.stop();
});
afterEach(() => {
  sink.mails.length = 0;
});

const from = 'a@sender.example';
const arrived = (count: number) => until(async () => expect(sink.mails).toHaveLength(count));

describe('mail for a forwarder', () => {
  it('goes on with a sender of ours, to whom bounces come back and pass on', async () => {
    await send(MAIL, { from, to: ['away@one.example'], content: message('away') });
    await arrived(1);
    const [mail] = sink.mails;
    expect(mail?.to).toEqual(['friend@outside.example']);
    expect(mail?.from).toMatch(/^SRS0=[^=]+=[^=]+=sender\.example=a@one\.example$/);
    const to = mail?.from ?? '';
    expect((await send(MAIL, { from: '', to: [to], content: message('bounce') })).rcpt[0]).toMatch(/^250/);
    await arrived(2);
    expect(sink.mails[1]).toMatchObject({ from: '', to: ['a@sender.example'] });
    // Others do not relay by such an address, nor by one that they made up.
    expect((await send(MAIL, { from, to: [to], content: message('no bounce') })).rcpt[0]).toMatch(/^550/);
    const forged = to.replace('=a@', '=b@');
    expect((await send(MAIL, { from: '', to: [forged], content: message('forged') })).rcpt[0]).toMatch(/^550/);
  });

  it('without a sender stays so', async () => {
    await send(MAIL, { from: '', to: ['away@one.example'], content: message('null') });
    await arrived(1);
    expect(sink.mails[0]?.from).toBe('');
  });

  it('goes through others of this server, and to several', async () => {
    await send(MAIL, { from, to: ['chain@one.example'], content: message('chain') });
    await arrived(1);
    await send(MAIL, { from, to: ['team@one.example'], content: message('team') });
    await arrived(3);
    expect(
      sink.mails
        .slice(1)
        .flatMap(({ to }) => to)
        .sort(),
    ).toEqual(['friend@outside.example', 'other@outside.example']);
    await until(async () => expect(await readMailbox('info@one.example')).toHaveLength(1));
    await send(MAIL, { from, to: ['who.ever@two.example'], content: message('star') });
    await arrived(4);
    expect(sink.mails[3]?.from).toMatch(/@two\.example$/);
  });

  it('is never a program, a file or an expansion', async () => {
    const { data } = await send(MAIL, { from, to: ['strange@one.example'], content: message('strange') });
    expect(data).toMatch(/^250/);
    await arrived(3);
    expect(sink.mails.flatMap(({ to }) => to).sort()).toEqual([
      '"/etc/passwd"@outside.example',
      '"|/bin/id"@outside.example',
      '$home{x}`@outside.example',
    ]);
  });

  it('in a circle ends', async () => {
    await send(MAIL, { from: '', to: ['loop@one.example'], content: message('circle') });
    await until(async () => {
      const waiting = parseQueue((await world.exim('-bp')).stdout).filter(({ frozen }) => !frozen);
      expect(waiting).toEqual([]);
    });
    expect(sink.mails).toEqual([]);
  });

  it('does not go into private networks', async () => {
    await send(MAIL, { from, to: ['private@one.example'], content: message('private') });
    await until(async () =>
      expect(await world.logs()).toMatch(
        /private\.example.*all relevant MX records point to non-existent hosts|lowest numbered MX/,
      ),
    );
    expect(outside.private.mails).toEqual([]);
  });
});
