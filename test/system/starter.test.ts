import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from './container/neighbours.ts';

/* The helper that starts programs, whose agent dies: with the control groups of either version. */

const ROOTS = ['/sys/fs/cgroup/freezer', '/sys/fs/cgroup/unified', '/sys/fs/cgroup'];
const HIERARCHIES = ROOTS.filter((root) => existsSync(join(root, 'cgroup.procs')));

let folder: string;
let agent: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hofje-starter-'));
});
afterEach(() => {
  agent?.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

const SCRIPT = 'trap "" HUP TERM; cat > mail; touch ended';

/** Starts a program in a group, writes half of its input and says so: once it has ended when it does that before. */
async function startAgent(group: string, { isComplete = false, ends = false, script = SCRIPT }): Promise<void> {
  const order = { argv: ['sh', '-c', `cd ${folder}; ${script}`], joins: [join(group, 'cgroup.procs')], group };
  const program = `
    import { writeSync } from 'node:fs';
    import { Starter } from '#agent/door/starter.ts';
    const order = { ...${JSON.stringify(order)}, log: ${JSON.stringify(join(folder, 'log'))} };
    const { started, ends } = await new Starter().withPipes(order, process.getuid());
    writeSync(ends.stdin, 'half');
    if (${isComplete}) started.endInput();
    if (${ends}) await started.ended;
    console.log('written');
    setInterval(() => undefined, 1000);`;
  agent = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (agent.stdout !== null) await once(agent.stdout, 'data');
}

const readers = (group: string) => readFileSync(join(group, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).length;
const has = (name: string) => existsSync(join(folder, name));

test.each(HIERARCHIES)('in %s kills what would take half of its input for the whole', async (root) => {
  const group = join(root, `hofje-test-${process.pid}`);
  mkdirSync(group);
  try {
    await startAgent(group, {});
    await until(async () => readers(group) >= 2);
    agent?.kill('SIGKILL');
    await until(async () => readers(group) === 0);
    expect(has('ended')).toBe(false);
  } finally {
    rmdirSync(group);
  }
});

test.each(HIERARCHIES)('in %s kills what a program has left behind that still reads', async (root) => {
  const group = join(root, `hofje-test-${process.pid}`);
  mkdirSync(group);
  try {
    await startAgent(group, { ends: true, script: `exec 3<&0; (exec <&3 3<&-; ${SCRIPT}) & exit 0` });
    agent?.kill('SIGKILL');
    await until(async () => readers(group) === 0);
    expect(has('ended')).toBe(false);
  } finally {
    rmdirSync(group);
  }
});

test.each(HIERARCHIES)('in %s leaves alone what has all of its input', async (root) => {
  const group = join(root, `hofje-test-${process.pid}`);
  mkdirSync(group);
  try {
    await startAgent(group, { isComplete: true });
    await until(async () => readers(group) >= 2);
    agent?.kill('SIGKILL');
    await until(async () => readers(group) === 0);
    expect(has('ended')).toBe(true);
  } finally {
    rmdirSync(group);
  }
});
