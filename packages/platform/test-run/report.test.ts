import { expect, test } from 'vitest';
import { closingLine, countTests, parseReport, sharesText, suitesOf } from './report.ts';

const REPORT = {
  files: [
    { path: '/p/packages/gate/a.test.ts', seconds: 1, passed: 3, failed: 0, skipped: 0 },
    { path: '/p/packages/gate/b/c.test.ts', seconds: 0.5, passed: 2, failed: 1, skipped: 2 },
    { path: '/p/test/system/mail/pipe.test.ts', seconds: 8.5, passed: 0, failed: 1, skipped: 1 },
  ],
  unhandledErrors: 1,
};

test('what is counted: tests, and errors outside of them', () => {
  const report = parseReport(JSON.stringify(REPORT));
  expect(report && countTests(report)).toEqual({ passed: 5, failed: 3, skipped: 3 });
  expect(parseReport('')).toBeUndefined();
  expect(parseReport('{}')).toBeUndefined();
});

test('the closing line', () => {
  expect(closingLine({ passed: 5, failed: 0, skipped: 0 })).toBe('5 passed, 0 failed');
  expect(closingLine({ passed: 5, failed: 1, skipped: 2 })).toBe('5 passed, 1 failed, 2 skipped');
});

test('time is told per part, and per file of the system tests', () => {
  const report = parseReport(JSON.stringify(REPORT));
  const suites = report === undefined ? [] : suitesOf(report, '/p');
  expect(suites).toEqual([
    { name: 'test/system/mail/pipe', seconds: 8.5 },
    { name: 'packages/gate', seconds: 1.5 },
  ]);
  expect(sharesText(suites)).toBe('test/system/mail/pipe      8.5 s   85 %\npackages/gate              1.5 s   15 %');
});
