import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readCrunLog } from '../container/crun.ts';
import { OutputRelay, pipeEnd } from './relay.ts';
import { type PipeEnds, Starter } from './starter.ts';

const OWN = process.getuid?.() ?? 0;

let folder: string;
let log: string;
let starter: Starter;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hofje-starter-'));
  log = join(folder, 'log');
  starter = new Starter();
});

afterEach(() => {
  starter.close();
  rmSync(folder, { recursive: true });
});

/** What a started program writes to its output. */
async function outputOf(ends: PipeEnds): Promise<string> {
  closeSync(ends.stdin);
  closeSync(ends.stderr);
  const destination = new PassThrough();
  const relay = new OutputRelay(pipeEnd(ends.stdout, 'read'), destination, () => undefined);
  relay.release();
  await relay.finish(5000);
  return destination.read()?.toString() ?? '';
}

function letGo(ends: PipeEnds): void {
  for (const descriptor of Object.values(ends)) closeSync(descriptor);
}

function helperPid(): number {
  const out = execFileSync('pgrep', ['-P', `${process.pid}`, '-x', 'perl'], { encoding: 'utf8' });
  return Number(out.trim().split('\n').at(-1));
}

describe('a program that is started', () => {
  test('gets its arguments byte for byte, and an environment of the platform', async () => {
    const script = 'printf "%s|" "$@"; echo; env | cut -d= -f1 | sort | tr "\\n" " "';
    const argv = ['sh', '-c', script, 'sh', 'a b', '', '%41', 'ü\n"\\$x'];
    const { started, ends } = await starter.withPipes({ argv, joins: [], log }, OWN);
    const expected = /^a b\|\|%41\|ü\n"\\\$x\|\nLC_ALL PATH PWD _LIBCONTAINER_CLONED_BINARY (_ )?$/;
    expect(await outputOf(ends)).toMatch(expected);
    expect(await started.ended).toBe(0);
    expect(existsSync(log)).toBe(false);
  });

  test.each([
    { argv: ['sh', '-c', 'exit 7'], code: 7 },
    { argv: ['sh', '-c', 'kill -9 $$'], code: null },
  ])('ends with its own code: $code', async ({ argv, code }) => {
    const { started, ends } = await starter.withPipes({ argv, joins: [], log }, OWN);
    expect(await started.ended).toBe(code);
    letGo(ends);
  });

  test('can be killed, and once more when it has ended', async () => {
    const { started, ends } = await starter.withPipes({ argv: ['sleep', '600'], joins: [], log }, OWN);
    started.kill();
    expect(await started.ended).toBeNull();
    started.kill();
    letGo(ends);
  });

  test('says its place before it runs', async () => {
    const joins = [join(folder, 'one'), join(folder, 'two')];
    for (const file of joins) writeFileSync(file, '');
    const { started, ends } = await starter.withPipes({ argv: ['cat', ...joins], joins, log }, OWN);
    expect(await outputOf(ends)).toBe('00');
    expect(await started.ended).toBe(0);
  });

  test('is one of many', async () => {
    const runs = Array.from({ length: 20 }, async (_, number) => {
      const argv = ['sh', '-c', `echo ${number}; exit ${number}`];
      const { started, ends } = await starter.withPipes({ argv, joins: [], log }, OWN);
      return [await outputOf(ends), await started.ended];
    });
    expect(await Promise.all(runs)).toEqual(Array.from({ length: 20 }, (_, number) => [`${number}\n`, number]));
  });
});

describe('a program is not started', () => {
  const mark = () => join(folder, 'ran');
  const program = () => ['touch', mark()];

  test('when a group does not take it, and the log says why', async () => {
    const there = join(folder, 'one');
    writeFileSync(there, '');
    const joins = [there, join(folder, 'no "such" group')];
    const { started, ends } = await starter.withPipes({ argv: program(), joins, log }, OWN);
    expect(await started.ended).toBe(1);
    letGo(ends);
    expect(existsSync(mark())).toBe(false);
    expect(readCrunLog(log).messages).toEqual([`open ${folder}/no ?such? group: No such file or directory`]);
  });

  test('when a group refuses the write', async () => {
    const { started, ends } = await starter.withPipes({ argv: program(), joins: ['/dev/full'], log }, OWN);
    expect(await started.ended).toBe(1);
    letGo(ends);
    expect(existsSync(mark())).toBe(false);
    expect(readCrunLog(log).messages).toEqual(['write /dev/full: No space left on device']);
  });

  test('when it is not there', async () => {
    const { started, ends } = await starter.withPipes({ argv: ['no-such-program'], joins: [], log }, OWN);
    expect(await started.ended).toBe(1);
    letGo(ends);
    expect(readCrunLog(log).messages).toEqual(['start no-such-program: No such file or directory']);
  });

  test('when the helper ends before it is in its group', async () => {
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const { started, ends } = await starter.withPipes({ argv: program(), joins: [fifo], log }, OWN);
    process.kill(helperPid(), 'SIGKILL');
    expect(await started.ended).toBeNull();
    // Only now its place takes it.
    expect(readFileSync(fifo, 'utf8')).toBe('0');
    for (const deadline = Date.now() + 5000; isThere(started.pid); ) {
      if (Date.now() > deadline) throw new Error('it still waits');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    letGo(ends);
    expect(existsSync(mark())).toBe(false);
  });
});

function isThere(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

test('a helper that was killed is followed by another', async () => {
  const first = await starter.withPipes({ argv: ['sleep', '600'], joins: [], log }, OWN);
  process.kill(helperPid(), 'SIGKILL');
  expect(await first.started.ended).toBeNull();
  process.kill(first.started.pid, 'SIGKILL');
  letGo(first.ends);
  const { started, ends } = await starter.withPipes({ argv: ['true'], joins: [], log }, OWN);
  expect(await started.ended).toBe(0);
  letGo(ends);
});
