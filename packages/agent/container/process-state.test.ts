import { expect, test } from 'vitest';
import { parseStat, readProcess } from './process-state.ts';

const rest = (state: string, flags: number, tty: number, start: number) =>
  `${state} 1 7 7 ${tty} 7 ${flags} 0 0 0 0 0 0 0 0 20 0 1 0 ${start} 0 0`;

test('a name with parentheses and spaces does not shift the fields', () => {
  const state = parseStat(`7 (a) S 9) ( (x)) ${rest('S', 0, 34817, 4711)}`);
  expect(state).toEqual({ startTime: 4711, ending: false, terminal: 34817 });
});

test('a zombie and a process that is just ending are no longer there', () => {
  expect(parseStat(`7 (a) ${rest('Z', 0, 0, 1)}`).ending).toBe(true);
  expect(parseStat(`7 (a) ${rest('S', 0x400004, 0, 1)}`).ending).toBe(true);
});

test('this process is there, and none of an impossible number', () => {
  expect(readProcess(process.pid)?.ending).toBe(false);
  expect(readProcess(2 ** 30)).toBeUndefined();
});
