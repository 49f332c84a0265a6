import { expect, test } from 'vitest';
import { byTheme, countOf, lastLook, secondsUntil, type Wall, worstTheme } from './summary.ts';

const wall = (probe: string, theme: Wall['theme'], verdict: Wall['verdict']): Wall => ({
  ...{ probe, theme, verdict, promise: '', declared: null, findings: [], control: null },
});
const walls = [wall('a', 'files', 'closed'), wall('b', 'files', 'open'), wall('c', 'mail', 'declared')];

test('walls are counted by what is known of them', () => {
  expect(countOf(walls)).toEqual({ closed: 1, open: 1, declared: 1, notTested: 0 });
});

test('every theme is there, and in it a hole stands first', () => {
  const themes = byTheme(walls);
  expect(themes.map(({ theme }) => theme)).toContain('network');
  expect(themes.find(({ theme }) => theme === 'files')?.walls.map(({ probe }) => probe)).toEqual(['b', 'a']);
});

test('first one looks at a hole, where there is one', () => {
  expect(worstTheme(walls)).toBe('files');
  expect(worstTheme([])).toBe('processes');
});

test('the last look is the latest that took place', () => {
  expect(lastLook([])).toBeUndefined();
  const look = {
    source: 'own',
    door: 'exec',
    triedAt: '2026-01-03T00:00:00Z',
    failure: null,
    image: null,
    current: true,
  } as const;
  expect(
    lastLook([
      { ...look, at: '2026-01-01T00:00:00Z' },
      { ...look, at: null },
    ]),
  ).toBe('2026-01-01T00:00:00Z');
});

test('seconds are whole, and never less than none', () => {
  expect(secondsUntil('2026-01-01T00:00:10Z', Date.parse('2026-01-01T00:00:00.100Z'))).toBe(10);
  expect(secondsUntil('2026-01-01T00:00:10Z', Date.parse('2026-01-01T00:01:00Z'))).toBe(0);
  expect(secondsUntil(null, 0)).toBe(0);
});
