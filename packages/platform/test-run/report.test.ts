import { expect, test } from 'vitest';
import { closingLine, countTests, parseReport, sharesText, suitesOf } from './report.ts';

const REPORT = {
  numPassedTests: 5,
  numFailedTests: 1,
  numPendingTests: 2,
  numTodoTests: 1,
  testResults: [
    { name: '/p/packages/gate/a.test.ts', status: 'passed', startTime: 0, endTime: 1000, assertionResults: [{}] },
    { name: '/p/packages/gate/b/c.test.ts', status: 'failed', startTime: 0, endTime: 500, assertionResults: [{}] },
    { name: '/p/test/system/mail/pipe.test.ts', status: 'failed', startTime: 0, endTime: 8500, assertionResults: [] },
  ],
};

test('what is counted: tests, and files that could not even be loaded', () => {
  const report = parseReport(JSON.stringify(REPORT));
  expect(report && countTests(report)).toEqual({ passed: 5, failed: 2, skipped: 3 });
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
