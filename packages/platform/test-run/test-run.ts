import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { examine } from '../doctor/doctor.ts';
import { diagnosisText } from '../doctor/need.ts';
import { installPackages, MACHINE_PACKAGES, TEST_PACKAGES } from '../packages.ts';
import { buildPanel } from '../panel/build.ts';
import { PROJECT_ROOT } from '../program.ts';
import { type Progress, step } from '../progress/progress.ts';
import { DISK_BYTES } from '../settings.ts';
import type { StateFolders } from '../state/folders.ts';
import { ensureImages } from '../up/images.ts';
import { LINTS, type LintResult, runLint } from './lints.ts';
import { type Count, countTests, parseReport, type Suite, suitesOf } from './report.ts';
import { REPORT_VARIABLE } from './vitest-reporter.ts';

export interface TestOptions {
  /** Part of a path or of a lint's name; everything otherwise. */
  readonly pattern: string | undefined;
  /** The long suites too. */
  readonly all: boolean;
  readonly folders: StateFolders;
  readonly cache: string;
  readonly progress: Progress;
}

export interface TestRun {
  readonly count: Count;
  readonly suites: readonly Suite[];
  /** Output of the lints that failed. */
  readonly complaints: readonly LintResult[];
}

/** Sets up what tests need, then runs lints and suites. Vitest's own report goes to stderr as it comes. */
export async function runTests(options: TestOptions): Promise<TestRun> {
  const { progress, pattern } = options;
  const onlyLints = pattern?.startsWith('lint/') === true;
  if (!onlyLints) await setUp(options);
  const lints: LintResult[] = [];
  for (const lint of LINTS.filter(({ name }) => pattern === undefined || name.includes(pattern))) {
    const result = await step(progress, { step: lint.name, title: lint.name }, async (_detail, conclude) => {
      const ran = await runLint(lint);
      conclude(ran.passed ? 'passed' : 'FAILED');
      return ran;
    });
    lints.push(result);
  }
  const tests = onlyLints ? { count: { passed: 0, failed: 0, skipped: 0 }, suites: [] } : await runVitest(options);
  return {
    count: {
      passed: tests.count.passed + lints.filter(({ passed }) => passed).length,
      failed: tests.count.failed + lints.filter(({ passed }) => !passed).length,
      skipped: tests.count.skipped,
    },
    suites: [...lints.map(({ name, seconds }) => ({ name, seconds })), ...tests.suites].toSorted(
      (a, b) => b.seconds - a.seconds,
    ),
    complaints: lints.filter(({ passed }) => !passed),
  };
}

async function setUp({ progress, folders, cache }: TestOptions): Promise<void> {
  await step(progress, { step: 'packages', title: 'Debian packages' }, async (detail, conclude) => {
    const installed = await installPackages([...MACHINE_PACKAGES, ...TEST_PACKAGES], detail);
    conclude(installed.length === 0 ? 'all there' : `${installed.length} installed`);
  });
  await step(progress, { step: 'doctor', title: 'Examining the machine' }, async (_detail, conclude) => {
    const { fit, needs, milliseconds } = await examine({ folders, cache, diskBytes: DISK_BYTES });
    // Tests of what needs no machine are worth running all the same; the others will say what they miss.
    conclude(fit ? 'it has all that is needed' : `\n${diagnosisText({ fit, needs, milliseconds }, ['missing'])}`);
  });
  await step(progress, { step: 'images', title: 'Images' }, async (detail, conclude) => {
    const built = await ensureImages(cache, detail);
    conclude(Object.keys(built).join(', '));
  });
  await step(progress, { step: 'panel', title: 'Panel' }, async (detail, conclude) => {
    conclude(basename(await buildPanel(cache, detail)));
  });
}

async function runVitest({ pattern, all, cache }: TestOptions): Promise<{ count: Count; suites: readonly Suite[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'hofje-test-'));
  try {
    const report = join(folder, 'report.json');
    const code = await vitest(pattern, {
      ...process.env,
      [REPORT_VARIABLE]: report,
      HOFJE_CACHE: cache,
      HOFJE_TEST_ALL: all ? '1' : '',
    });
    const parsed = parseReport(await readFile(report, 'utf8').catch(() => ''));
    if (parsed === undefined) return { count: { passed: 0, failed: 1, skipped: 0 }, suites: [] };
    const count = countTests(parsed);
    // Whatever else made vitest fail is a failure, too.
    const hidden = code !== 0 && count.failed === 0 ? 1 : 0;
    return { count: { ...count, failed: count.failed + hidden }, suites: suitesOf(parsed, PROJECT_ROOT) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function vitest(pattern: string | undefined, env: NodeJS.ProcessEnv): Promise<number> {
  const reporter = join(import.meta.dirname, 'vitest-reporter.ts');
  const argv = [join(PROJECT_ROOT, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--reporter=default'];
  // (Not behind `--`, which vitest keeps for others. A pattern never begins with a dash: it would be an option of ours.)
  const chosen = pattern === undefined ? [] : [pattern];
  return await new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...argv, `--reporter=${reporter}`, ...chosen], {
      cwd: PROJECT_ROOT,
      env,
      // Its words are for people: the closing line stands alone on stdout.
      stdio: ['ignore', 2, 2],
    });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
