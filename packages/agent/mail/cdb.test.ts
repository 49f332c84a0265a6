import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cdbHash, encodeCdb } from './cdb.ts';

/** Looks a key up as https://cr.yp.to/cdb/cdb.txt tells a reader to. */
function lookUp(cdb: Buffer, key: string): string | undefined {
  const bytes = Buffer.from(key);
  const hash = cdbHash(bytes);
  const tableAt = cdb.readUInt32LE((hash % 256) * 8);
  const slots = cdb.readUInt32LE((hash % 256) * 8 + 4);
  for (let probe = 0; probe < slots; probe += 1) {
    const at = tableAt + (((hash >>> 8) + probe) % slots) * 8;
    const position = cdb.readUInt32LE(at + 4);
    if (position === 0) return undefined;
    if (cdb.readUInt32LE(at) !== hash) continue;
    const keyEnd = position + 8 + cdb.readUInt32LE(position);
    if (cdb.subarray(position + 8, keyEnd).equals(bytes)) {
      return cdb.subarray(keyEnd, keyEnd + cdb.readUInt32LE(position + 4)).toString();
    }
  }
  return undefined;
}

describe('a constant database', () => {
  it('gives what was put in, and nothing else', () => {
    const texts = fc.string({ unit: 'grapheme', maxLength: 20 });
    fc.assert(
      fc.property(fc.dictionary(texts, texts), fc.array(texts), (entries, others) => {
        const cdb = encodeCdb(Object.entries(entries));
        for (const [key, value] of Object.entries(entries)) expect(lookUp(cdb, key)).toBe(value);
        for (const key of others) expect(lookUp(cdb, key)).toBe(Object.hasOwn(entries, key) ? entries[key] : undefined);
      }),
    );
  });

  it('holds many', () => {
    const keys = Array.from({ length: 20_000 }, (_, n) => `user${n}@example.org`);
    const cdb = encodeCdb(keys.map((key) => [key, key.toUpperCase()] as const));
    for (const key of keys) expect(lookUp(cdb, key)).toBe(key.toUpperCase());
    expect(lookUp(cdb, 'nobody@example.org')).toBeUndefined();
  });

  it('gives the first of several', () => {
    expect(
      lookUp(
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
