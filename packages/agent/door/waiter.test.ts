import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { entryProcess } from '../container/spec.ts';
import { NO_PROGRAM_SIGNAL, onceSized } from './waiter.ts';

/** As crun starts it, where there is no terminal to wait for. */
function run(argv: readonly string[], env: Readonly<Record<string, string>> = {}, by: readonly string[] = []) {
  const { args, env: variables } = onceSized(entryProcess({ argv, env, filesMax: 1024 }));
  const [program = '', ...rest] = [...by, ...args];
  const pairs = variables.map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)] as const);
  return spawnSync(program, rest, {
    env: Object.fromEntries([...pairs, ['HOME', '/added/by/crun']]),
    encoding: 'utf8',
  });
}

test('the program has its own environment, and the waiter obeys none of it', () => {
  const env = {
    PERL5OPT: '-MNo::Such::Module',
    PERL5LIB: '/no/such',
    LD_PRELOAD: '/no/such.so',
    LC_ALL: 'xx_XX',
    KEPT_X: 'ü\n=',
    EMPTY: '',
  };
  // The dynamic linker complains of what it cannot load each time that it is asked to: once, by the program itself.
  const { stdout, stderr, status } = run(['/bin/cat', '/proc/self/environ'], env);
  expect({ status, complaints: stderr.split('\n').filter(Boolean).length }).toEqual({ status: 0, complaints: 1 });
  const wanted = entryProcess({ argv: [], env, filesMax: 1024 }).env;
  expect(stdout.split('\0').slice(0, -1).sort()).toEqual([...wanted].sort());
});

test('the program gets its arguments byte for byte', () => {
  const script = 'printf "%s|" "$@"';
  expect(run(['sh', '-c', script, 'sh', '-x', '', 'ü\n"\\$x']).stdout).toBe('-x||ü\n"\\$x|');
});

test('a program that is not there is told by a signal', () => {
  const { stdout } = run(['/no/such/program'], {}, ['sh', '-c', '"$@"; echo $?', 'sh']);
  expect(stdout).toBe(`${128 + NO_PROGRAM_SIGNAL}\n`);
});
