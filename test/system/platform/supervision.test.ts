import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StateFolders } from '#platform/state/folders.ts';
import { ensureInstallation } from '#platform/state/found.ts';
import { installationGroups, processesIn } from '#platform/supervise/group.ts';
import type { Supervised } from '#platform/supervise/script.ts';
import { dismiss, stopAll, supervise, supervisedStates } from '#platform/supervise/tree.ts';
import { eventually, freshState, purge } from './stage.ts';

const USER = { uid: 0x6fff_0001, gid: 0x6fff_0001 };

let folders: StateFolders;
let slot: number;

beforeEach(async () => {
  folders = freshState();
  slot = (await ensureInstallation(folders)).slot;
});

afterEach(async () => {
  expect(await purge(folders, slot)).toEqual([]);
});

function sleeper(name: string, more: Partial<Supervised> = {}): Supervised {
  const argv = ['/bin/sleep', '1000'] as const;
  return { name, argv, environment: {}, stopSignal: 'SIGTERM', stopMs: 2000, ...more };
}

async function pidOf(name: string): Promise<number | undefined> {
  return (await supervisedStates(folders)).find((state) => state.name === name && state.running)?.pid;
}

const running = (name: string, other?: number) =>
  eventually(`${name} runs`, async () => {
    const pid = await pidOf(name);
    return pid !== undefined && pid > 0 && pid !== other ? pid : undefined;
  });

const logOf = (name: string) => readFile(join(folders.log, name, 'current'), 'utf8').catch(() => '');

describe('what is supervised', () => {
  test('runs, is started again when it is killed, and is found in the control group', async () => {
    await supervise(folders, slot, sleeper('one'));
    const first = await running('one');
    const groups = await installationGroups(slot);
    const members = (await Promise.all(groups.map(processesIn))).flat();
    expect(members).toContain(first);
    process.kill(first, 'SIGKILL');
    expect(await running('one', first)).not.toBe(first);
  });

  test('doing it again changes nothing; another script starts it anew', async () => {
    await supervise(folders, slot, sleeper('one'));
    const first = await running('one');
    await supervise(folders, slot, sleeper('one'));
    expect(await running('one')).toBe(first);
    await supervise(folders, slot, sleeper('one', { argv: ['/bin/sleep', '2000'] }));
    const second = await running('one', first);
    expect(await readFile(`/proc/${second}/cmdline`, 'utf8')).toBe('/bin/sleep\u00002000\u0000');
  });

  test('has ended when it was started anew, however long that takes: nobody takes it for the new one', async () => {
    const slow = ['/bin/sh', '-c', 'trap "sleep 1; exit" TERM; while :; do sleep 0.1; done'] as const;
    await supervise(folders, slot, sleeper('one', { argv: slow }));
    const first = await running('one');
    await supervise(folders, slot, sleeper('one'));
    expect(existsSync(`/proc/${first}`)).toBe(false);
  });

  test('has no rights, no variables of ours, and sees the program where it is shown', async () => {
    const hidden = join(folders.root, 'hidden', 'below');
    await mkdir(join(folders.root, 'hidden'), { mode: 0o700 });
    await mkdir(hidden);
    await writeFile(join(hidden, 'word'), 'shown\n');
    const at = join(folders.program, 'app');
    await mkdir(at, { recursive: true });
    const script = `cat ${at}/word; id -u; grep -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/self/status; env | sort; touch ${at}/x; exec sleep 1000`;
    const argv = ['/bin/sh', '-c', script] as const;
    await supervise(
      folders,
      slot,
      sleeper('plain', { argv, user: USER, shown: [{ folder: hidden, at }], environment: { A: 'b' } }),
    );
    const log = await eventually('its words', async () => {
      const text = await logOf('plain');
      return /Read-only|Permission/.test(text) ? text : undefined;
    });
    const words = log
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/^\S+ \S+ +/, ''));
    expect(words.slice(0, 2)).toEqual(['shown', String(USER.uid)]);
    expect(words).toContain('CapEff:\t0000000000000000');
    expect(words).toContain('CapBnd:\t0000000000000000');
    expect(words).toContain('NoNewPrivs:\t1');
    expect(words.filter((word) => /^[A-Z_]+=/.test(word)).map((word) => word.split('=')[0])).toEqual([
      'A',
      'LC_ALL',
      'PATH',
      'PWD',
    ]);
    expect(words.at(-1)).toContain('Read-only file system');
    expect(existsSync(join(at, 'word'))).toBe(false);
  });

  test('is taken over when the scanner was killed', async () => {
    await supervise(folders, slot, sleeper('one'));
    const first = await running('one');
    for (const pid of await scanners(slot)) process.kill(pid, 'SIGKILL');
    await supervise(folders, slot, sleeper('two'));
    await running('two');
    await running('one', first);
    expect(existsSync(`/proc/${first}`)).toBe(false);
  });

  test('comes back when supervisors and processes were all killed at once', async () => {
    await supervise(folders, slot, sleeper('one'));
    await running('one');
    for (const group of await installationGroups(slot)) {
      for (const pid of await processesIn(group)) process.kill(pid, 'SIGKILL');
    }
    await supervise(folders, slot, sleeper('one'));
    await running('one');
  });

  test('ends in the order that is asked for, also what ignores the polite signal', async () => {
    const stubborn = ['/bin/sh', '-c', 'trap "" TERM; while :; do sleep 0.1; done'] as const;
    await supervise(folders, slot, sleeper('one', { argv: stubborn, stopMs: 300 }));
    await supervise(folders, slot, sleeper('two'));
    const pids = [await running('one'), await running('two')];
    await stopAll(folders, ['two', 'one']);
    await eventually('all end', async () => (pids.some((pid) => isAlive(pid)) ? undefined : true));
    await supervise(folders, slot, sleeper('one'));
    await running('one');
    await dismiss(folders, 'one');
    expect(await pidOf('one')).toBeUndefined();
  });
});

describe('a wreck', () => {
  test('the state folder is gone while everything runs: a purge still finds it all', async () => {
    await supervise(folders, slot, sleeper('one'));
    const pid = await running('one');
    await rm(folders.root, { recursive: true });
    expect(await purge(folders)).toEqual([]);
    expect(isAlive(pid)).toBe(false);
  });

  test('a broken description of the installation does not keep a purge from its work', async () => {
    await supervise(folders, slot, sleeper('one'));
    const pid = await running('one');
    await writeFile(folders.installation, '{');
    await expect(ensureInstallation(folders)).rejects.toMatchObject({ code: 'platform.state-broken' });
    expect(await purge(folders)).toEqual([]);
    expect(isAlive(pid)).toBe(false);
  });
});

async function scanners(ofSlot: number): Promise<number[]> {
  const found: number[] = [];
  for (const pid of new Set((await Promise.all((await installationGroups(ofSlot)).map(processesIn))).flat())) {
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
    if (name.trim() === 's6-svscan') found.push(pid);
  }
  return found;
}

/** A process that has ended and that nobody has asked about yet (a zombie) is not alive. */
function isAlive(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return false;
  const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1) ?? '';
  return !afterName.startsWith('Z');
}
