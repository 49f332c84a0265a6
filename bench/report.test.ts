import { expect, test } from 'vitest';
import { difference, type Finding, type Result, ratio, type Series } from './benchmark.ts';
import { quantity, reportText } from './report.ts';

const ours: Series = { name: 'ours', unit: 'requests/s', samples: [900, 1100, 1000] };
const theirs: Series = { name: 'theirs', unit: 'requests/s', samples: [1000, 1000, 1250] };
const goal = { text: '>= 1', holds: (median: number) => median >= 1 };

const finding: Finding = {
  series: [ours, theirs],
  comparisons: [ratio('against theirs', ours, theirs, goal), difference('more', ours, theirs)],
  notes: ['read this'],
  disturbed: 2,
};
const result: Result = { name: 'http', title: 'Pages', ...finding, seconds: 12.4, load: [0.5, 2.25] };
const machine = { cores: 2, processor: 'Some Processor', memoryBytes: 8 * 1024 ** 3, kernel: '6.1' };

test('pairs are compared, and the middle is judged', () => {
  expect(finding.comparisons[0]).toEqual({
    what: 'against theirs',
    kind: 'ratio',
    unit: 'times',
    median: 0.9,
    min: 0.8,
    max: 1.1,
    goal: { text: '>= 1', met: false },
  });
});

test('a report has a line for each figure', () => {
  const text = reportText({ machine, quick: true, results: [result] });
  expect(text.split('\n')).toEqual([
    '2 cores (Some Processor), 8.0 GiB of memory, Linux 6.1',
    'Few samples (--quick): they tell that it works, not how fast.',
    '',
    'http: Pages (12 s, load 0.5 to 2.3)',
    '  ours              1000 requests/s  900 requests/s to 1100 requests/s, 3 samples',
    '  theirs            1000 requests/s  1000 requests/s to 1250 requests/s, 3 samples',
    '  = against theirs           0.90 x  0.80 x to 1.10 x                               goal >= 1: missed',
    '  = more            -100 requests/s  -250 requests/s to 100 requests/s',
    '  - read this',
    '  - others kept the machine busy: 2 times no quiet moment came',
  ]);
});

test('what was left out or went wrong says why', () => {
  const nothing: Result = { ...result, series: [], comparisons: [], notes: [], disturbed: 0 };
  const text = (more: Partial<Result>) => reportText({ machine, quick: false, results: [{ ...nothing, ...more }] });
  expect(text({ skipped: 'no podman' })).toMatch(/\n {2}skipped: no podman$/);
  expect(text({ failed: 'it broke' })).toMatch(/\n {2}FAILED: it broke$/);
});

test.each([
  [1.234, 'times', '1.23 x'],
  [12.34, 'times', '12.3 x'],
  [5.55, 'ms', '5.5 ms'],
  [1234.5, 'ms', '1235 ms'],
  [2048, 'bytes', '2.0 KiB'],
  [-3 * 1024 ** 2, 'bytes', '-3.0 MiB'],
  [14.66, 'mails/s', '14.7 mails/s'],
] as const)('%d %s is written %s', (value, unit, text) => {
  expect(quantity(value, unit)).toBe(text);
});
