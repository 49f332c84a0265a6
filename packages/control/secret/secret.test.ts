import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generatePassword, hashPassword, isPassword } from './password.ts';
import { makeSeal } from './seal.ts';

describe('the seal', () => {
  const seal = makeSeal(Buffer.alloc(32, 1));

  test('opens what it sealed, and the same text never looks the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(seal.open(seal.seal(text))).toBe(text.toWellFormed());
        expect(seal.seal(text).equals(seal.seal(text))).toBe(false);
      }),
    );
  });

  test('refuses what was changed, cut, or sealed with another key', () => {
    const sealed = seal.seal('a secret');
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(() => seal.open(changed)).toThrow(expect.objectContaining({ code: 'seal.broken' }));
      expect(() => seal.open(sealed.subarray(0, at))).toThrow(expect.objectContaining({ code: 'seal.broken' }));
    }
    expect(() => makeSeal(Buffer.alloc(32, 2)).open(sealed)).toThrow(expect.objectContaining({ code: 'seal.broken' }));
  });
});

describe('passwords', () => {
  test('generated ones differ, and use every sign about as often', () => {
    const many = Array.from({ length: 2000 }, () => generatePassword(randomBytes));
    expect(new Set(many).size).toBe(many.length);
    const counts = Map.groupBy(many.join(''), (sign) => sign);
    expect(counts.size).toBe(56);
    const expected = (2000 * 24) / 56;
    for (const [sign, { length }] of counts)
      expect(Math.abs(length - expected) / Math.sqrt(expected), sign).toBeLessThan(6);
  });

  test('are verified by their hash, and by no other', async () => {
    const stored = await hashPassword('päßwörd 🙂');
    expect(stored).toMatch(/^\{ARGON2ID\}\$argon2id\$v=19\$m=65536,t=3,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await isPassword('päßwörd 🙂', stored)).toBe(true);
    expect(await isPassword('päßwörd 🙁', stored)).toBe(false);
    expect(await isPassword('x', 'x')).toBe(false);
  });
});
