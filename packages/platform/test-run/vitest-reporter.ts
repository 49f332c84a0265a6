import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';
import type { FileReport, RunReport } from './report.ts';

/** Where the report goes; named by who starts vitest. */
export const REPORT_VARIABLE = 'HOFJE_TEST_REPORT';

/** Writes what each file counted and how long it took, hooks and imports included. */
// biome-ignore lint/style/noDefaultExport: vitest loads a reporter from a default export
export default class HofjeReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const report: RunReport = { files: modules.map(fileReport), unhandledErrors: unhandledErrors.length };
    const path = process.env[REPORT_VARIABLE];
    if (path !== undefined) writeFileSync(path, JSON.stringify(report));
  }
}

function fileReport(module: TestModule): FileReport {
  const { duration, collectDuration, setupDuration } = module.diagnostic();
  const states = [...module.children.allTests()].map((test) => test.result().state);
  const count = (state: string) => states.filter((each) => each === state).length;
  const failed = count('failed');
  return {
    path: module.moduleId,
    seconds: (duration + collectDuration + setupDuration) / 1000,
    passed: count('passed'),
    // A file that cannot be loaded, or whose hook fails, has failed even if none of its tests has.
    failed: failed === 0 && module.state() === 'failed' ? 1 : failed,
    skipped: count('skipped'),
  };
}
