import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Id, makeId, type Noun } from '#model/id.ts';
import type { ForwarderWish, MailboxWish, MailDomainWish, MailWish } from '#model/node/desired.ts';
import { lookUpCdb } from '#test/support/cdb.ts';
import { type LookupFile, renderLookups } from './lookups.ts';
import { siftMail } from './sift.ts';

const NONE: MailWish = { domains: [], mailboxes: [], forwarders: [] };
const HASH = '{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$c2FsdA$aGFzaA';
const MANY = 20;

let count = 0;
function id<N extends Noun>(noun: N): Id<N> {
  count += 1;
  const bytes = Buffer.alloc(20);
  bytes.writeUInt32BE(count);
  return makeId(
    noun,
    Buffer.from([...bytes.toString('hex')].map((digit) => Number.parseInt(digit, 16))).subarray(0, 20),
  );
}

const domains: readonly MailDomainWish[] = Array.from({ length: MANY }, (_, n) => ({
  id: id('domain'),
  name: `d${n}.example`,
  limitBytes: 1000,
}));
const mailboxes: readonly MailboxWish[] = domains.map(({ id: domain }) => ({
  id: id('mailbox'),
  domain,
  localPart: 'info',
  passwordHash: HASH,
  quotaBytes: 1000,
}));
const forwarders: readonly ForwarderWish[] = domains.flatMap(({ id: domain }): readonly ForwarderWish[] => [
  { id: id('forwarder'), domain, localPart: 'team', kind: 'addresses', to: ['a@b.example', 'info@d0.example'] },
  { id: id('forwarder'), domain, localPart: 'help', kind: 'pipe', site: id('site'), command: 'cat', argv: ['cat'] },
]);
const GOOD: MailWish = { domains, mailboxes, forwarders };

/** How an entry can be wrong and yet pass what the node checks when it takes a desired state. */
type Poison = {
  readonly at: number;
  readonly wish: MailWish;
  readonly touched: readonly string[];
  readonly isDomain: boolean;
};

const text = (...special: string[]) =>
  fc.oneof(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }), fc.constantFrom(...special));
const badText = text('a b', 'A', 'a:b', 'x\ny', 'ü', '-', '.a', '*x', '../../etc', 'a@b');

function replaced<T>(list: readonly T[], at: number, change: Partial<T>): readonly T[] {
  return list.map((one, n) => (n === at ? { ...one, ...change } : one));
}

const poison: fc.Arbitrary<Poison> = fc.integer({ min: 0, max: MANY - 1 }).chain((at) => {
  const name = `d${at}.example`;
  const made = (wish: Partial<MailWish>, touched: readonly string[], isDomain = false): Poison => ({
    at,
    wish: { ...GOOD, ...wish },
    touched,
    isDomain,
  });
  const all = ['info', 'team', 'help'].map((part) => `${part}@${name}`);
  return fc.oneof(
    fc
      .constantFrom('a_b.example', 'localhost', 'A.example', 'x..y', '')
      .map((bad) => made({ domains: replaced(domains, at, { name: bad }) }, all, true)),
    badText
      .filter((one) => !/^(\*|[a-z0-9_][a-z0-9._-]{0,63})$/.test(one))
      .map((localPart) => made({ mailboxes: replaced(mailboxes, at, { localPart }) }, [`info@${name}`])),
    fc
      .constantFrom('', 'plain', '{X}a:b', '{X}a b')
      .map((passwordHash) => made({ mailboxes: replaced(mailboxes, at, { passwordHash }) }, [`info@${name}`])),
    fc
      .constantFrom(-1, Number.NaN, 1.5)
      .map((quotaBytes) => made({ mailboxes: replaced(mailboxes, at, { quotaBytes }) }, [`info@${name}`])),
    fc
      .constantFrom('no address', '|/bin/id', ':include:/etc/passwd', 'a"@b.example', 'a@b.example, |/bin/id')
      .map((bad) => made({ forwarders: replaced(forwarders, at * 2, { to: ['a@b.example', bad] }) }, [`team@${name}`])),
  );
});

function render(wish: MailWish, lastGood: MailWish) {
  const { sound, waiting, heldBack } = siftMail(wish, lastGood);
  const files = renderLookups({ mail: sound, sites: [], waiting }, (domain) => domain.slice(4));
  return {
    sound,
    waiting,
    heldBack,
    files,
    at: (file: LookupFile, key: string) => lookUpCdb(files.get(file) ?? Buffer.alloc(0), key),
  };
}

const clean = render(GOOD, NONE);

describe('one poisoned entry among many', () => {
  it('is held back alone: all others are written as if it were not there', () => {
    fc.assert(
      fc.property(poison, ({ wish, touched }) => {
        const { at, heldBack, files } = render(wish, NONE);
        expect(heldBack).toHaveLength(1);
        for (const { name } of domains) {
          for (const address of ['info', 'team', 'help'].map((part) => `${part}@${name}`)) {
            if (touched.includes(address)) continue;
            for (const file of ['addresses.cdb', 'targets.cdb'] as const) {
              expect(at(file, address)).toBe(clean.at(file, address));
            }
          }
        }
        const accounts = files.get('accounts')?.toString().split('\n') ?? [];
        const expected = clean.files.get('accounts')?.toString().split('\n') ?? [];
        expect(
          expected.filter((line) => !touched.includes(line.split(':')[0] ?? '') && !accounts.includes(line)),
        ).toEqual([]);
      }),
    );
  });

  it('has its mail told to come again later, never refused, where nothing good is known of it', () => {
    fc.assert(
      fc.property(poison, ({ at: index, wish, isDomain }) => {
        const { at, heldBack } = render(wish, NONE);
        expect(heldBack).toMatchObject([{ hasStandIn: false }]);
        const name = (wish.domains[index]?.name ?? '').toLowerCase();
        const localParts = isDomain
          ? ['*']
          : [...wish.mailboxes, ...wish.forwarders].flatMap((one) =>
              heldBack.some(({ id: held }) => held === one.id) ? [one.localPart.toLowerCase()] : [],
            );
        expect(localParts).toHaveLength(1);
        for (const part of localParts) expect(at('addresses.cdb', `${part}@${name}`)).toMatch(/(^| )state=suspended/);
        expect(at('domains.cdb', name)).toBe(name);
      }),
    );
  });

  it('goes on as it was where it was good before', () => {
    fc.assert(
      fc.property(poison, ({ wish, touched }) => {
        const { at, sound, heldBack } = render(wish, GOOD);
        expect(heldBack).toMatchObject([{ hasStandIn: true }]);
        expect(sound).toEqual(GOOD);
        for (const address of touched) expect(at('addresses.cdb', address)).toBe(clean.at('addresses.cdb', address));
      }),
    );
  });
});

it('nothing is held back where all is good, and nothing comes back that is not wished', () => {
  expect(siftMail(GOOD, NONE)).toEqual({
    sound: GOOD,
    waiting: { domains: new Set(), addresses: new Set() },
    heldBack: [],
  });
  expect(siftMail(NONE, GOOD).sound).toEqual(NONE);
});

it('nothing stands in for what is another one by now', () => {
  const [first, second] = mailboxes;
  const [domain] = domains;
  if (first === undefined || second === undefined || domain === undefined) throw new Error('there are many');
  const heir = { ...first, id: id('mailbox') };
  const renamed = { ...GOOD, mailboxes: [heir, { ...first, localPart: 'In Fo' }, ...mailboxes.slice(1)] };
  const { sound, heldBack, at } = render(renamed, GOOD);
  expect(heldBack).toMatchObject([{ id: first.id, hasStandIn: false }]);
  expect(sound.mailboxes).toEqual([heir, ...mailboxes.slice(1)]);
  expect(at('addresses.cdb', 'info@d0.example')).toContain(`mailbox=${heir.id}`);

  const heirDomain = { ...domain, id: id('domain') };
  const moved = { ...GOOD, domains: [heirDomain, { ...domain, name: '' }, ...domains.slice(1)] };
  expect(siftMail(moved, GOOD).sound.domains).toEqual([heirDomain, ...domains.slice(1)]);
});

it('an address of a domain that is not there waits, if the domain was there before', () => {
  const wish = { ...GOOD, domains: domains.slice(1) };
  const { at, heldBack } = render(wish, GOOD);
  expect(heldBack).toHaveLength(3);
  expect(at('addresses.cdb', 'info@d0.example')).toBe('state=suspended');
  expect(at('domains.cdb', 'd0.example')).toBe('d0.example');
  expect(render(wish, NONE).heldBack).toHaveLength(3);
});

it('the mail of a domain without a folder waits, as long as it had none before', () => {
  const [first] = domains;
  const homeless = new Map(first === undefined ? [] : [[first.id, 'Its folder cannot be made.'] as const]);
  const fresh = siftMail(GOOD, NONE, homeless);
  expect(fresh.waiting.domains).toEqual(new Set(['d0.example']));
  expect(fresh.sound.mailboxes).toHaveLength(MANY - 1);
  const known = siftMail(GOOD, GOOD, homeless);
  expect(known.sound).toEqual(GOOD);
  expect(known.heldBack).toMatchObject([{ hasStandIn: true }]);
});
