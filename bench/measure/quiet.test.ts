import { expect, test } from 'vitest';
import { busyShare, processorTime } from './quiet.ts';

const stat = (numbers: string) => `cpu  ${numbers}\ncpu0 1 2 3 4 5 6 7 8 9 10\nctxt 1\n`;

test('how busy the machine was between two looks', () => {
  const before = processorTime(stat('100 10 50 1000 20 1 2 3 0 0'));
  const after = processorTime(stat('120 10 60 1100 40 1 2 13 0 0'));
  expect(before).toEqual({ busy: 166, idle: 1020 });
  expect(busyShare(before, after)).toBe(40 / 160);
  expect(busyShare(before, before)).toBe(0);
});
