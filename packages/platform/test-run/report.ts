import { relative } from 'node:path';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';

/** The part of vitest's JSON report (the form of Jest's) that is read here. */
const VitestReport = Type.Object({
  numPassedTests: Type.Integer(),
  numFailedTests: Type.Integer(),
  numPendingTests: Type.Integer(),
  numTodoTests: Type.Integer(),
  testResults: Type.Array(
    Type.Object({
      name: Type.String(),
      status: Type.String(),
      startTime: Type.Number(),
      endTime: Type.Number(),
      assertionResults: Type.Array(Type.Unknown()),
    }),
  ),
});
type VitestReport = Static<typeof VitestReport>;

export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface Suite {
  readonly name: string;
  readonly seconds: number;
}

/** Undefined when vitest broke off before it could report. Pure. */
export function parseReport(text: string): VitestReport | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(VitestReport, value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A file that cannot even be loaded counts as one failed test. Pure. */
export function countTests(report: VitestReport): Count {
  const broken = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** Time per part of the source, the longest first. Pure. */
export function suitesOf(report: VitestReport, root: string): readonly Suite[] {
  const sums = new Map<string, number>();
  for (const { name, startTime, endTime } of report.testResults) {
    const suite = suiteOf(relative(root, name));
    sums.set(suite, (sums.get(suite) ?? 0) + Math.max(0, endTime - startTime) / 1000);
  }
  return [...sums].map(([name, seconds]) => ({ name, seconds })).toSorted((a, b) => b.seconds - a.seconds);
}

/** `packages/gate` for a file of that part, the file itself for a system test. */
function suiteOf(path: string): string {
  const [top = '', second = ''] = path.split('/');
  return top === 'test' ? path.replace(/\.test\.ts$/, '') : `${top}/${second}`;
}

/** How long each suite took and its share. Pure. */
export function sharesText(suites: readonly Suite[]): string {
  const total = suites.reduce((sum, suite) => sum + suite.seconds, 0) || 1;
  const width = Math.max(0, ...suites.map(({ name }) => name.length));
  return suites
    .map(({ name, seconds }) => {
      const share = `${Math.round((100 * seconds) / total)} %`;
      return `${name.padEnd(width)}  ${seconds.toFixed(1).padStart(7)} s  ${share.padStart(5)}`;
    })
    .join('\n');
}

/** The last line of every run. Pure. */
export function closingLine({ passed, failed, skipped }: Count): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}
