import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HofjeError } from '../error.ts';
import { checkHoldable, isRelated, isWithin, namesAbove, parseHostName } from './name.ts';

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work();
  } catch (error) {
    if (error instanceof HofjeError) return error.code;
    throw error;
  }
  return undefined;
};

describe('parseHostName', () => {
  test.each([
    ['example.com', 'example.com'],
    ['Example.COM', 'example.com'],
    ['example.com.', 'example.com'],
    ['bücher.de', 'xn--bcher-kva.de'],
    ['BÜCHER.de', 'xn--bcher-kva.de'],
    ['xn--bcher-kva.de', 'xn--bcher-kva.de'],
    ['XN--BCHER-KVA.DE', 'xn--bcher-kva.de'],
    ['straße.de', 'xn--strae-oqa.de'],
    ['例え.jp', 'xn--r8jz45g.jp'],
    ['日本ー語.jp', 'xn--wekz60nb2acz6g.jp'],
    ['한국.kr', 'xn--3e0b707e.kr'],
    ['россия.example', 'xn--h1alffa9f.example'],
    ['ελλάδα.gr', 'xn--hxakic4aa.gr'],
    ['l·l.cat', 'xn--ll-0ea.cat'],
    ['a。com', 'a.com'],
    ['1and1.de', '1and1.de'],
    ['a.b.c.d.e.example', 'a.b.c.d.e.example'],
  ])('%s is stored as %s', (typed, stored) => {
    expect(parseHostName(typed)).toBe(stored);
  });

  test.each([
    ['nothing', ''],
    ['a dot', '.'],
    ['one label', 'localhost'],
    ['an IPv4 address', '192.0.2.1'],
    ['an IPv4 address in hexadecimal', '0x7f.1'],
    ['a hexadecimal last label', 'a.0x1'],
    ['a numeric last label', 'example.123'],
    ['an IPv6 address', '[::1]'],
    ['an IPv6 address without brackets', '2001:db8::1'],
    ['a port', 'example.com:80'],
    ['a URL', 'https://example.com'],
    ['a path', 'example.com/x'],
    ['percent signs', 'ex%41mple.com'],
    ['percent signs beside letters that are mapped', 'bü%41.de'],
    ['an underscore', '_dmarc.example.com'],
    ['a wildcard', '*.example.com'],
    ['an empty label', 'a..com'],
    ['a dot in front', '.example.com'],
    ['two dots behind', 'example.com..'],
    ['a hyphen in front', '-a.com'],
    ['a hyphen behind', 'a-.com'],
    ['hyphens in the third and fourth place', 'ab--cd.com'],
    ['an A-label that decodes to nothing', 'xn--a.com'],
    ['an A-label of ASCII letters', 'xn--abc-.com'],
    ['a snowman', '☃.com'],
    ['an emoji as A-label', 'xn--ls8h.la'],
    ['a zero-width joiner', 'a‍b.com'],
    ['a soft hyphen', 'exam­ple.com'],
    ['a space', 'exa mple.com'],
    ['a NUL', 'a\0.com'],
    ['a line break', 'a.com\n'],
    ['half a surrogate pair', 'a\ud800.com'],
    ['a label of 64', `${'a'.repeat(64)}.com`],
    ['254 characters', `${'a.'.repeat(126)}co`],
    ['a megabyte', 'a'.repeat(1_000_000)],
    ['Cyrillic that looks Latin', 'аррӏе.com'],
    ['the same as A-label', 'xn--80ak6aa92e.com'],
    ['Greek that looks Latin', 'ονο.com'],
    ['Latin with one Cyrillic letter', 'pаypal.com'],
    ['Latin with Greek', 'gοοgle.com'],
    ['Cyrillic with Hebrew', 'дом-בית.com'],
    ['digits of two scripts', '१1.com'],
    ['a script that nobody writes names in', '𐎠𐎡.com'],
  ])('%s is refused', (_what, typed) => {
    expect(codeOf(() => parseHostName(typed))).toBe('domain.invalid');
  });

  test('whatever is typed, it is refused or becomes a name that is stored as it is', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.domain(),
      fc.tuple(fc.string({ unit: 'grapheme', maxLength: 10 }), fc.domain()).map((parts) => parts.join('.')),
      fc.string({ unit: fc.constantFrom('a', 'ä', '.', '-', 'xn--', 'А', '。', '1', '\u200d', '%', '🙂') }),
    );
    fc.assert(
      fc.property(anything, (typed) => {
        let stored: string;
        try {
          stored = parseHostName(typed);
        } catch (error) {
          expect(error).toBeInstanceOf(HofjeError);
          return;
        }
        expect(stored).toMatch(
          /^(?=.{4,253}$|.{3}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
        );
        expect(parseHostName(stored)).toBe(stored);
        expect(parseHostName(stored.toUpperCase())).toBe(stored);
      }),
      { numRuns: 2000 },
    );
  });

  test('the error names the field of the caller', () => {
    expect(() => parseHostName('-', 'aliases.3')).toThrow(expect.objectContaining({ field: 'aliases.3' }));
  });
});

describe('checkHoldable', () => {
  test.each([
    'co.uk',
    'com.br',
    'github.io',
    'kawasaki.jp',
    'local.example.local',
    'x.localhost',
    'x.invalid',
    'x.onion',
    '1.0.10.in-addr.arpa',
    'x.internal',
  ])('%s is nobody’s', (name) => {
    expect(codeOf(() => checkHoldable(name, []))).toBe('domain.refused');
  });

  test.each(['example.co.uk', 'me.github.io', 'alice.example', 'alice.test', 'city.kawasaki.jp'])(
    '%s may be held',
    (name) => {
      expect(codeOf(() => checkHoldable(name, []))).toBeUndefined();
    },
  );

  test.each(['panel.host.example', 'host.example', 'x.panel.host.example'])('%s touches the platform', (name) => {
    expect(codeOf(() => checkHoldable(name, ['panel.host.example']))).toBe('domain.refused');
  });
});

describe('relations', () => {
  const name = fc.domain();
  test('a name is within each name above it, and in no other', () => {
    fc.assert(
      fc.property(name, (each) => {
        for (const above of namesAbove(each)) {
          expect(isWithin(each, above)).toBe(true);
          expect(isWithin(above, each)).toBe(false);
          expect(isRelated(above, each)).toBe(true);
        }
        expect(isWithin(`x${each}`, each)).toBe(false);
        expect(isRelated(each, each)).toBe(true);
      }),
    );
  });
  test('no name above has less than two labels', () => {
    expect(namesAbove('a.b.example.com')).toEqual(['b.example.com', 'example.com']);
    expect(namesAbove('example.com')).toEqual([]);
  });
});
