import fc from 'fast-check';
import { expect, test } from 'vitest';
import { median, paired, quantile, spread } from './statistics.ts';

test.each<[number[], number, number]>([
  [[5], 0.5, 5],
  [[4, 1, 3], 0.5, 3],
  [[4, 1, 3, 2], 0.5, 2.5],
  [[0, 10], 0.95, 9.5],
  [[3, 1, 2], 0, 1],
  [[3, 1, 2], 1, 3],
])('of %j the quantile %d is %d', (samples, q, expected) => {
  expect(quantile(samples, q)).toBeCloseTo(expected);
});

test('a quantile lies between the least and the greatest, and does not depend on the order', () => {
  const samples = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1 });
  fc.assert(
    fc.property(samples, fc.double({ min: 0, max: 1, noNaN: true }), (all, q) => {
      const value = quantile(all, q);
      expect(value).toBeGreaterThanOrEqual(Math.min(...all));
      expect(value).toBeLessThanOrEqual(Math.max(...all));
      expect(quantile(all.toReversed(), q)).toBe(value);
    }),
  );
});

test('nothing was measured: no figure', () => {
  expect(median([])).toBeNaN();
});

test('samples are compared pair by pair', () => {
  expect(paired([2, 9], [1, 3], (our, their) => our / their)).toEqual([2, 3]);
  expect(() => paired([1], [], (our) => our)).toThrow(RangeError);
});

test('a spread has its middle and its ends', () => {
  expect(spread([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
});
