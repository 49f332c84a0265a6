import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, type Json } from './canonical.ts';
import { beginChain, type ChainedEntry, INSTALLATION_CHAIN, linkEntry, PRUNED } from './chain.ts';
import { type AuditEntry, customersView, differences, objectKind, THROUGH } from './entry.ts';
import { type VerifyOptions, verify } from './verify.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const base = beginChain(INSTALLATION_CHAIN);

const text = fc.string({ unit: 'binary', maxLength: 20 });
const details = fc.option(fc.dictionary(text, fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null))));
const anEntry: fc.Arbitrary<AuditEntry> = fc.record({
  at: fc.integer({ min: 0, max: 4e12 }).map((ms) => new Date(ms).toISOString()),
  who: text,
  through: fc.constantFrom(...THROUGH),
  from: fc.option(text),
  credential: fc.option(text),
  support: fc.option(text),
  operator: fc.boolean(),
  action: text,
  object: text,
  account: fc.option(text),
  site: fc.option(text),
  before: details,
  after: details,
  request: fc.option(text),
});

function chainOf(entries: readonly AuditEntry[], from = base): ChainedEntry[] {
  const chain: ChainedEntry[] = [];
  for (const entry of entries) chain.push(linkEntry(chain.at(-1) ?? from, entry, sha256));
  return chain;
}
/** As it goes through a file. */
const written = (chain: readonly ChainedEntry[]): ChainedEntry[] =>
  chain.map((each) => JSON.parse(JSON.stringify(each)) as ChainedEntry);
const check = (chain: readonly ChainedEntry[], options: Partial<VerifyOptions> = {}) =>
  verify(written(chain), { base, sha256, ...options });
const kindOf = (chain: readonly ChainedEntry[], options: Partial<VerifyOptions> = {}) => {
  const verdict = check(chain, options);
  return verdict.intact ? 'intact' : verdict.fault.kind;
};

const aChain = fc.array(anEntry, { minLength: 3, maxLength: 12 }).map((entries) => chainOf(entries));
/** A chain and a place in it. */
const aPlace = aChain.chain((chain) => fc.record({ chain: fc.constant(chain), at: fc.nat(chain.length - 1) }));

describe('a chain', () => {
  test('is intact as it was written, and every hash of it may be remembered', () => {
    fc.assert(
      fc.property(aPlace, ({ chain, at }) => {
        const head = chain.at(-1) ?? base;
        expect(check(chain, { remembered: chain[at]?.hash ?? '', claimed: head })).toMatchObject({
          intact: true,
          entries: chain.length,
          head: { sequence: chain.length, hash: head.hash },
        });
      }),
    );
  });

  test('with an entry removed is broken, wherever', () => {
    fc.assert(
      fc.property(aPlace, ({ chain, at }) => {
        const rest = chain.toSpliced(at, 1);
        if (at < chain.length - 1) expect(kindOf(rest)).toBe('missing');
        // Also when everything after it is written anew.
        const anew = chainOf(rest.map(({ entry }) => entry));
        expect(kindOf(anew, { remembered: chain.at(-1)?.hash ?? '' })).toBe('not-the-remembered');
      }),
    );
  });

  test('with one member of an entry altered is broken', () => {
    fc.assert(
      fc.property(
        aPlace,
        fc.constantFrom(...(Object.keys(blank()) as (keyof AuditEntry)[])),
        anEntry,
        (place, name, other) => {
          const { chain, at } = place;
          const old = chain[at];
          if (old === undefined) return;
          const entry = { ...old.entry, [name]: other[name] };
          fc.pre(canonicalJson({ ...entry }) !== canonicalJson({ ...old.entry }));
          expect(kindOf(chain.with(at, { ...old, entry }))).toBe('altered');
          // Also when its own hash fits again.
          const forged = linkEntry(chain[at - 1] ?? base, entry, sha256);
          const kind = kindOf(chain.with(at, forged), { remembered: chain.at(-1)?.hash ?? '' });
          expect(kind).toBe(at === chain.length - 1 ? 'not-the-remembered' : 'altered');
        },
      ),
    );
  });

  test('with two entries in each other’s place is broken', () => {
    fc.assert(
      fc.property(aPlace, ({ chain, at }) => {
        const [one, two] = [chain[at], chain[(at + 1) % chain.length]];
        if (one === undefined || two === undefined) return;
        const swapped = chain.with(at, two).with((at + 1) % chain.length, one);
        expect(kindOf(swapped)).toMatch(/missing|reordered/);
        // Also with numbers in order.
        const numbered = swapped.map((each, index) => ({ ...each, sequence: index + 1 }));
        expect(kindOf(numbered)).toBe('altered');
      }),
    );
  });

  test('with an entry put in between is broken', () => {
    fc.assert(
      fc.property(aPlace, anEntry, ({ chain, at }, entry) => {
        const inserted = chain.toSpliced(at, 0, linkEntry(chain[at - 1] ?? base, entry, sha256));
        expect(kindOf(inserted)).toMatch(/reordered|altered/);
      }),
    );
  });

  test('that is cut off is found by what is remembered, or by what the source claims', () => {
    fc.assert(
      fc.property(aPlace, ({ chain, at }) => {
        const head = chain.at(-1) ?? base;
        const cut = chain.slice(0, at);
        expect(kindOf(cut, { remembered: head.hash })).toBe('not-the-remembered');
        expect(kindOf(cut, { claimed: head })).toBe('cut-off');
        expect(kindOf(cut)).toBe('intact');
      }),
    );
  });

  test('of another account is not taken for this one', () => {
    const [first] = chainOf([blank()], beginChain('acc_1'));
    expect(kindOf(first === undefined ? [] : [first])).toBe('foreign');
  });
});

describe('a pruned chain', () => {
  const whole = chainOf([blank(), blank(), blank()]);
  const gone = { ...base, ...whole[1] };
  const stone: AuditEntry = {
    ...blank(),
    action: PRUNED,
    after: { chain: gone.chain, sequence: gone.sequence, hash: gone.hash },
  };
  const head = whole.at(-1) ?? base;
  const pruned = [...whole.slice(2), linkEntry(head, stone, sha256)];

  test('is verifiable from the last hash that went, which an entry tells', () => {
    expect(check(pruned, { base: gone })).toMatchObject({ intact: true, entries: 2 });
    expect(kindOf(pruned, { base: gone, remembered: gone.hash })).toBe('intact');
  });

  test('is broken when no entry tells that it was pruned', () => {
    expect(kindOf(whole.slice(2), { base: gone })).toBe('pruned-silently');
    expect(kindOf(pruned.slice(1), { base: { ...base, ...whole[2] } })).toBe('pruned-silently');
  });
});

describe('canonical JSON', () => {
  test.each<[Json, string]>([
    [{ b: 1, a: [true, null, 'x'], c: undefined }, '{"a":[true,null,"x"],"b":1}'],
    [{ '\u{1f600}': 1, '\ufb33': 2, '1': 3, '\r': 4 }, '{"\\r":4,"1":3,"\u{1f600}":1,"\ufb33":2}'],
    [[1e21, 1e-7, 0.1, -0, 1e5], '[1e+21,1e-7,0.1,0,100000]'],
    ['\u2028\u0007"\\/', '"\u2028\\u0007\\"\\\\/"'],
    ['a\0b\ud800', '"a\ufffdb\ufffd"'],
  ])('%j', (value, expected) => {
    expect(canonicalJson(value)).toBe(expected);
  });

  test('is the same again after it was read', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const once = canonicalJson(value as Json);
        expect(canonicalJson(JSON.parse(once) as Json)).toBe(once);
      }),
    );
  });

  test('has no number that JSON lacks', () => {
    expect(() => canonicalJson(Number.NaN)).toThrow(RangeError);
  });
});

test('customers do not see where an operator sits', () => {
  const entry = { ...blank(), from: '192.0.2.1', credential: 'ses_x' };
  expect(customersView(entry)).toEqual(entry);
  expect(customersView({ ...entry, operator: true })).toMatchObject({ from: null, credential: null, who: 'machine' });
});

test('of two states only what differs is kept', () => {
  expect(differences({ a: 1, b: [1], c: 'x' }, { a: 2, b: [1], d: true })).toEqual({
    before: { a: 1, c: 'x', d: null },
    after: { a: 2, c: null, d: true },
  });
});

test.each([
  ['site_0123456789abcdefghjk', 'site'],
  ['mbx_0123456789abcdefghjk', 'mailbox'],
  ['sha256:00', 'image'],
  ['small', 'plan'],
  ['site_', 'plan'],
])('%s is a %s', (object, kind) => {
  expect(objectKind(object)).toBe(kind);
});

function blank(): AuditEntry {
  return {
    at: '2026-01-01T00:00:00.000Z',
    who: 'machine',
    through: 'cli',
    from: null,
    credential: null,
    support: null,
    operator: false,
    action: 'POST /v1/sites',
    object: 'x',
    account: null,
    site: null,
    before: null,
    after: null,
    request: null,
  };
}
