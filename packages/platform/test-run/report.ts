import { relative } from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';

/** What one test file counted. */
export interface FileReport {
  readonly path: string;
  readonly seconds: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What vitest's run came to, as our reporter writes it. */
export interface RunReport {
  readonly files: readonly FileReport[];
  /** Errors outside of any test: they fail the run. */
  readonly unhandledErrors: number;
}

const FileShape = Type.Object({
  path: Type.String(),
  seconds: Type.Number(),
  passed: Type.Integer(),
  failed: Type.Integer(),
  skipped: Type.Integer(),
});
const RunShape = Type.Object({ files: Type.Array(FileShape), unhandledErrors: Type.Integer() });

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
export function parseReport(text: string): RunReport | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(RunShape, value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Pure. */
export function countTests(report: RunReport): Count {
  const sum = (part: keyof Count) => report.files.reduce((total, file) => total + file[part], 0);
  return { passed: sum('passed'), failed: sum('failed') + report.unhandledErrors, skipped: sum('skipped') };
}

/** Time per part of the source, the longest first. Pure. */
export function suitesOf(report: RunReport, root: string): readonly Suite[] {
  const sums = new Map<string, number>();
  for (const { path, seconds } of report.files) {
    const suite = suiteOf(relative(root, path));
    sums.set(suite, (sums.get(suite) ?? 0) + seconds);
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
