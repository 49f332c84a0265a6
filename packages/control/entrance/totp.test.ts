import fc from 'fast-check';
import { expect, test } from 'vitest';
import { acceptedStep, base32, totpCode, totpStep, totpUri } from './totp.ts';

/** The test vectors of RFC 6238, appendix B, for SHA-1; the last six of their eight digits. */
const SECRET = Buffer.from('12345678901234567890');

test.each([
  [59, '287082'],
  [1111111109, '081804'],
  [1111111111, '050471'],
  [1234567890, '005924'],
  [2000000000, '279037'],
  [20000000000, '353130'],
])('the code of second %d is %s, as the RFC has it', (second, code) => {
  expect(totpCode(SECRET, totpStep(new Date(second * 1000)))).toBe(code);
});

const moment = fc.integer({ min: 100_000, max: 4_000_000_000_000 }).map((milliseconds) => new Date(milliseconds));

test('a code is taken from one step before to one after, and then spent with all before it', () => {
  fc.assert(
    fc.property(moment, fc.integer({ min: -3, max: 3 }), (now, drift) => {
      const step = totpStep(now) + drift;
      const code = totpCode(SECRET, step);
      const accepted = acceptedStep(SECRET, code, now, null);
      // Two steps may have the same code by chance.
      if (Math.abs(drift) <= 1) expect(accepted).toBeDefined();
      if (accepted !== undefined) {
        expect(totpCode(SECRET, accepted)).toBe(code);
        expect(acceptedStep(SECRET, code, now, accepted)).toBeUndefined();
        expect(acceptedStep(SECRET, totpCode(SECRET, totpStep(now) - 1), now, totpStep(now) + 1)).toBeUndefined();
      }
    }),
  );
});

test('spaces are people, everything else is wrong', () => {
  const now = new Date(59_000);
  expect(acceptedStep(SECRET, ' 287 082 ', now, null)).toBe(1);
  for (const typed of ['', '287082\u0660', '28708', '2870822', '+28708', '٢٨٧٠٨٢', '0x1234'])
    expect(acceptedStep(SECRET, typed, now, null)).toBeUndefined();
});

test.each([
  ['', ''],
  ['f', 'MY'],
  ['fo', 'MZXQ'],
  ['foo', 'MZXW6'],
  ['foob', 'MZXW6YQ'],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI'],
])('base 32 of "%s" is %s (RFC 4648, 10)', (text, encoded) => {
  expect(base32(Buffer.from(text))).toBe(encoded);
});

test('the address for the app names issuer and owner, whatever is in them', () => {
  const url = new URL(totpUri('De Hof & zo', 'a+b:c@example.org', SECRET));
  expect(url.protocol).toBe('otpauth:');
  expect(decodeURIComponent(url.pathname)).toBe('/De Hof & zo:a+b:c@example.org');
  expect(url.searchParams.get('issuer')).toBe('De Hof & zo');
  expect(url.searchParams.get('secret')).toBe(base32(SECRET));
});
