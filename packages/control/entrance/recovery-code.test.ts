import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeRecoveryCode, recoveryCodeHash } from './recovery-code.ts';

test('a code reads well, and no two are the same', () => {
  const codes = Array.from({ length: 1000 }, () => makeRecoveryCode(randomBytes));
  for (const code of codes) expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){3}$/);
  expect(new Set(codes).size).toBe(codes.length);
});

test('it counts however it is typed, and only as itself', () => {
  const hash = recoveryCodeHash('ab01-cd23-ef45-gh67');
  for (const typed of ['AB01CD23EF45GH67', ' abOl cd23 ef45 gh67 ', 'aboi-cd23-ef45-gh67'])
    expect(recoveryCodeHash(typed)).toEqual(hash);
  expect(recoveryCodeHash('ab01-cd23-ef45-gh68')).not.toEqual(hash);
});
