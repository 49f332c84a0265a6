import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scatter } from './sequence.ts';

test('is a permutation of every size', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 32 }), fc.integer({ min: 1, max: 150 }), (key, size) => {
      const numbers = new Set(Array.from({ length: size }, (_, n) => scatter(key, size, n)));
      expect(numbers.size).toBe(size);
      expect(Math.min(...numbers)).toBe(0);
      expect(Math.max(...numbers)).toBe(size - 1);
    }),
    { numRuns: 40 },
  );
});

test('follows no order that a neighbour could count on', () => {
  const key = Buffer.from('an example key of some length');
  const first = Array.from({ length: 200 }, (_, n) => scatter(key, 2 ** 22 - 3, n));
  const rising = first.filter((number, index) => index > 0 && number > (first[index - 1] ?? 0)).length;
  expect(rising).toBeGreaterThan(60);
  expect(rising).toBeLessThan(140);
  expect(first).not.toEqual(Array.from({ length: 200 }, (_, n) => scatter(Buffer.from('another'), 2 ** 22 - 3, n)));
});

test('refuses numbers outside', () => {
  expect(() => scatter(Buffer.from('k'), 10, 10)).toThrow(RangeError);
  expect(() => scatter(Buffer.from('k'), 0, 0)).toThrow(RangeError);
});
