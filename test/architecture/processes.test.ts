import { describe, expect, test } from 'vitest';
import { readSources, type Source } from './sources.ts';

/**
 * Code of a customer is started in one way only: `enter`, in packages/agent/door. What could start a process otherwise is
 * kept to the few folders that start the platform's own tools.
 */
const STARTS_PROCESSES = [
  'packages/host/',
  'packages/agent/container/',
  'packages/agent/door/',
  'packages/images/',
  'packages/platform/',
];
const ENTERS = ['packages/agent/door/', 'packages/agent/service/'];

const program = (await readSources()).filter(({ path, isTest }) => path.startsWith('packages/') && !isTest);
const outside = (folders: readonly string[]) => (source: Source) =>
  !folders.some((folder) => source.path.startsWith(folder));
const importing = (target: string) => (source: Source) => source.imports.some((each) => each.target === target);
const paths = (sources: readonly Source[]) => sources.map(({ path }) => path);

describe('who can start a process', () => {
  test('child_process is imported where the platform starts its own tools, and nowhere else', () => {
    const users = program.filter(
      (source) => importing('node:child_process')(source) || importing('child_process')(source),
    );
    expect(users.length).toBeGreaterThan(0);
    expect(paths(users.filter(outside(STARTS_PROCESSES)))).toEqual([]);
  });

  test('only its forms without a shell are used', () => {
    const names = program.flatMap(({ path, imports }) =>
      imports
        .filter(({ target }) => target === 'node:child_process')
        .flatMap((each) => each.names.map((name) => `${path}: ${name}`)),
    );
    const harmless = /: (spawn|execFile|ChildProcess\w*|SpawnOptions\w*|StdioOptions)$/;
    expect(names.filter((name) => !harmless.test(name))).toEqual([]);
    expect(paths(program.filter(({ text }) => /\bshell:\s*true\b/.test(text)))).toEqual([]);
  });

  test('no other way of Node.js to run code or fork is used', () => {
    const forbidden = ['node:cluster', 'cluster', 'node:vm', 'vm', 'node:worker_threads', 'execa', 'cross-spawn'];
    expect(paths(program.filter((source) => forbidden.some((target) => importing(target)(source))))).toEqual([]);
  });

  test('terminals are opened by the door alone', () => {
    expect(paths(program.filter(importing('@lydell/node-pty')).filter(outside(['packages/agent/door/'])))).toEqual([]);
  });

  test('crun enters a container for the door and for the services alone', () => {
    const callers = program.filter(({ text }) => /['"`]crun['"`]/.test(text) && /['"`]exec['"`]/.test(text));
    expect(paths(callers.filter(outside(ENTERS)))).toEqual([]);
  });

  test('no shell is named as a program to run', () => {
    const shells = /\[\s*['"`](\/bin\/)?(ba|da|z)?sh['"`]\s*,\s*['"`]-\w*c/;
    expect(paths(program.filter(({ text }) => shells.test(text)))).toEqual([]);
  });
});

test('the gate and the control plane have no means to act on the machine', () => {
  const unprivileged = program.filter(({ part }) => part === 'gate' || part === 'control');
  const means = ['packages/host/run.ts', 'node:child_process', '@lydell/node-pty'];
  expect(unprivileged.length).toBeGreaterThan(0);
  expect(paths(unprivileged.filter((source) => means.some((target) => importing(target)(source))))).toEqual([]);
});

test('the model and the contract touch nothing', () => {
  const pure = program.filter(({ part }) => part === 'model' || part === 'contract');
  const impure = pure.flatMap(({ path, imports }) =>
    imports
      .filter(({ target }) => target.startsWith('node:') && !PURE_MODULES.includes(target))
      .map(({ target }) => `${path} -> ${target}`),
  );
  expect(impure).toEqual([]);
  const calls =
    /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.(env|argv|pid|cwd|hrtime|exit)\b|\brandomBytes\(/;
  expect(paths(pure.filter(({ text }) => calls.test(text)))).toEqual([]);
});

const PURE_MODULES = ['node:buffer', 'node:net', 'node:path', 'node:url', 'node:util'];
