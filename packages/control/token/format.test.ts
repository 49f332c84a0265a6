import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isTokenText, makeToken } from './format.ts';

test('every token has its form, and no two are the same', () => {
  const tokens = Array.from({ length: 2000 }, () => makeToken(randomBytes));
  for (const token of tokens) {
    expect(token).toMatch(/^hofje_[0-9A-Za-z]{40}$/);
    expect(isTokenText(token)).toBe(true);
  }
  expect(new Set(tokens).size).toBe(tokens.length);
});

test('any sign that is changed is found without asking anybody', () => {
  const sign = fc.constantFrom(...'0123456789ABCXYZabcxyz_-+ é');
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 45 }), sign, (at, other) => {
      const token = makeToken(randomBytes);
      const changed = token.slice(0, at) + other + token.slice(at + 1);
      expect(isTokenText(changed)).toBe(changed === token);
    }),
  );
});

test('what is no text of ours is none', () => {
  for (const text of ['', 'hofje_', `hofje_${'0'.repeat(39)}1`, `${makeToken(randomBytes)}\n`])
    expect(isTokenText(text)).toBe(false);
});
