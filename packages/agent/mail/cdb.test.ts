import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lookUpCdb } from '#test/support/cdb.ts';
import { encodeCdb } from './cdb.ts';

describe('a constant database', () => {
  it('gives what was put in, and nothing else', () => {
    const texts = fc.string({ unit: 'grapheme', maxLength: 20 });
    fc.assert(
      fc.property(fc.dictionary(texts, texts), fc.array(texts), (entries, others) => {
        const cdb = encodeCdb(Object.entries(entries));
        for (const [key, value] of Object.entries(entries)) expect(lookUpCdb(cdb, key)).toBe(value);
        for (const key of others)
          expect(lookUpCdb(cdb, key)).toBe(Object.hasOwn(entries, key) ? entries[key] : undefined);
      }),
    );
  });

  it('holds many', () => {
    const keys = Array.from({ length: 20_000 }, (_, n) => `user${n}@example.org`);
    const cdb = encodeCdb(keys.map((key) => [key, key.toUpperCase()] as const));
    for (const key of keys) expect(lookUpCdb(cdb, key)).toBe(key.toUpperCase());
    expect(lookUpCdb(cdb, 'nobody@example.org')).toBeUndefined();
  });

  it('gives the first of several', () => {
    expect(
      lookUpCdb(
        encodeCdb([
          ['a', '1'],
          ['a', '2'],
        ]),
        'a',
      ),
    ).toBe('1');
  });

  it('lays records out as the format says', () => {
    const cdb = encodeCdb([['one', 'Hello']]);
    expect(cdb.length).toBe(2048 + 8 + 3 + 5 + 16);
    expect(cdb.subarray(2048, 2064).toString('hex')).toBe(`0300000005000000${Buffer.from('oneHello').toString('hex')}`);
  });
});
