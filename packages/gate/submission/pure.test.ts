import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SendingHistory, secondsUntilRoom, sentWithinHour, withSent } from './allowance.ts';
import { parseSubmissionCommand } from './command.ts';
import { addressDomains } from './header-address.ts';
import { recipientFor, senderFor } from './policy.ts';

const SITE = {
  id: 'site_00000000000000000000',
  folder: '/nowhere',
  primaryName: 'example.org',
  senderDomains: ['example.org', 'xn--bcher-kva.example'],
  mailPerHour: 10,
};

const parse = (text: string) => parseSubmissionCommand(Buffer.from(text, 'latin1'));

describe('parseSubmissionCommand', () => {
  it.each([
    ['MAIL FROM:<a@b>', 'a', 'b'],
    ['mail from: <a..b.@EXAMPLE.org> SIZE=10 BODY=8bitmime', 'a..b.', 'example.org'],
    ['MAIL FROM:<"john doe"@b>', '"john doe"', 'b'],
    ['MAIL FROM:<"a\\"@<x>"@b>', '"a\\"@<x>"', 'b'],
    ["MAIL FROM:<!#$%&'*+/=?^_`{|}~-@b>", "!#$%&'*+/=?^_`{|}~-", 'b'],
    ['MAIL FROM:<a@[IPv6:::1]>', 'a', '[ipv6:::1]'],
    ['MAIL FROM:<root>', 'root', ''],
  ])('takes %s', (line, localPart, domain) => {
    expect(parse(line)).toMatchObject({ kind: 'mail', sender: { localPart, domain } });
  });

  it('knows the null sender', () => {
    expect(parse('MAIL FROM:<>')).toEqual({ kind: 'mail', sender: undefined, parameters: { size: 0, body: '7BIT' } });
    expect(parse('RCPT TO:<>')).toEqual({ kind: 'bad', why: 'address' });
  });

  it.each([
    ['MAIL FROM:a@b', 'address'],
    ['MAIL FROM:<a b@c>', 'address'],
    ['MAIL FROM:<@x:a@b>', 'address'],
    ['MAIL FROM:<a@b', 'address'],
    ['MAIL FROM:<a@b>>', 'address'],
    ['MAIL FROM:<a\rb@c>', 'address'],
    ['MAIL FROM:<a\0@c>', 'address'],
    ['MAIL FROM:<"a\nb"@c>', 'address'],
    ['MAIL FROM:<a@b\0>', 'address'],
    [`MAIL FROM:<${'a'.repeat(400)}@b>`, 'address'],
    ['MAIL FROM:<b\xc3\xbccher@c>', 'not-ascii'],
    ['RCPT TO:<a@b\xc3\xbc>', 'not-ascii'],
    ['MAIL FROM:<a@b> AUTH=<>', 'parameter'],
    ['MAIL FROM:<a@b> SIZE=x', 'parameter'],
    ['RCPT TO:<a@b> NOTIFY=NEVER', 'parameter'],
  ])('refuses %j', (line, why) => {
    expect(parse(line)).toEqual({ kind: 'bad', why });
  });

  it('lets nothing through that could be another command, whatever is put in', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '@',
      '"',
      '\\',
      ' ',
      '\r',
      '\n',
      '\0',
      'a',
      '.',
      ':',
      '[',
      ']',
      '\xff',
      '\t',
      'RCPT TO:<x@y>',
    );
    const path = fc.array(piece, { maxLength: 15 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(path, fc.constantFrom('MAIL FROM:<', 'RCPT TO:<'), (text, verb) => {
        const command = parse(`${verb}${text}>`);
        const address =
          command.kind === 'mail' ? command.sender : command.kind === 'rcpt' ? command.recipient : undefined;
        if (address === undefined) return;
        expect(address.localPart + address.domain).toMatch(/^[ -~]*$/);
        expect(recipientFor(SITE, address)).toMatch(/^(?:"(?:[^"\\]|\\.)*"|[^\s<>"]+)@[^\s<>"@]+$/);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('senderFor', () => {
  it('keeps own senders, names those without a domain, refuses foreign ones', () => {
    expect(senderFor(SITE, { localPart: '"a b"', domain: 'xn--bcher-kva.example' })).toBe(
      '"a b"@xn--bcher-kva.example',
    );
    for (const nobody of [undefined, { localPart: 'www-data', domain: '' }, { localPart: 'root', domain: 'localhost' }])
      expect(senderFor(SITE, nobody)).toBe('site@example.org');
    for (const domain of ['gmail.com', 'sub.example.org', 'example.org.', 'xexample.org', '[127.0.0.1]'])
      expect(senderFor(SITE, { localPart: 'a', domain })).toMatchObject({ code: 550, status: '5.7.1' });
  });
});

describe('addressDomains', () => {
  it.each<[string, readonly string[] | undefined]>([
    ['a@b', ['b']],
    ['"Doe, J. @ home" <j@Example.ORG> (a (nested) comment)', ['example.org']],
    ['J Doe <j@a>, (x) <k@b>', ['a', 'b']],
    ['J\xc3\xb6rg <j@a>', ['a']],
    ['root (Cron Daemon)', ['']],
    ['Foo, Inc. <a@b>', ['', 'b']],
    ['', undefined],
    ['a@b <c@d>', undefined],
    ['<a@b> <c@d>', undefined],
    ['<a@b> c@d', undefined],
    ['a@b@c', undefined],
    ['<@x:a@b>', undefined],
    ['Friends: a@b, c@d;', undefined],
    ['"open <a@b>', undefined],
    ['(open a@b', undefined],
    ['a@b,', undefined],
    ['a@"b"', undefined],
    ['a\\@b', undefined],
  ])('reads %j as %j', (value, domains) => {
    expect(addressDomains(value)).toEqual(domains);
  });

  it('ends for every text, and names each domain that stands behind an @ in brackets', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '@',
      '"',
      '\\',
      ' ',
      '(',
      ')',
      ',',
      ':',
      ';',
      '[',
      ']',
      'a',
      'b.c',
      '\t',
      '\xe9',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), (parts) => {
        const text = parts.join('');
        const domains = addressDomains(text);
        const plain = /^[^"()\\]*<a@b\.c>[^"()\\]*$/.test(text);
        if (domains !== undefined && plain) expect(domains).toContain('b.c');
      }),
      { numRuns: 5000 },
    );
  });

  it('is quick about a long and hostile text', () => {
    const from = performance.now();
    for (const piece of ['(', '"', '<', 'a ', '\\', '[', '"" ', 'a@b,']) addressDomains(piece.repeat(60_000));
    expect(performance.now() - from).toBeLessThan(2000);
  });
});

describe('the hour of a site', () => {
  const MINUTE = 60_000;
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 * MINUTE }), fc.integer({ min: 1, max: 3 })), {
    maxLength: 60,
  });

  it('lets no sixty minutes see more than the limit, and refuses only when it is reached', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 3, max: 12 }), (moves, limit) => {
        let history: SendingHistory = [];
        let now = 1_000_000 * MINUTE;
        const sent: { at: number; count: number }[] = [];
        const within = (milliseconds: number) =>
          sent.filter(({ at }) => at > now - milliseconds).reduce((sum, { count }) => sum + count, 0);
        for (const [pause, count] of moves) {
          now += pause;
          const wait = secondsUntilRoom(history, now, limit, count);
          if (wait > 0) {
            expect(within(60 * MINUTE) + count).toBeGreaterThan(limit);
            expect(secondsUntilRoom(history, now + wait * 1000, limit, count)).toBe(0);
            continue;
          }
          history = withSent(history, now, count);
          sent.push({ at: now, count });
          expect(within(59 * MINUTE)).toBeLessThanOrEqual(limit);
        }
        expect(history.length).toBeLessThanOrEqual(60);
      }),
    );
  });

  it('does not count the future of a clock that was wrong', () => {
    const history = withSent([], 2_000_000 * MINUTE, 5);
    expect(sentWithinHour(history, 1_000_000 * MINUTE)).toBe(0);
  });
});
