import { expect, test } from 'vitest';
import { sinceOf } from './period.ts';

const NOW = Date.parse('2026-11-24T13:51:07.123Z');

test('a period begins at a full hour, and all has no beginning', () => {
  expect(sinceOf('day', NOW)).toBe('2026-11-23T13:00:00.000Z');
  expect(sinceOf('week', NOW)).toBe('2026-11-17T13:00:00.000Z');
  expect(sinceOf('all', NOW)).toBeUndefined();
});
