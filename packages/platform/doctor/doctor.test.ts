import { describe, expect, test } from 'vitest';
import { stateFolders } from '../state/folders.ts';
import { cgroupMounts, judgeCgroups } from './cgroups.ts';
import { examine, judgePackages } from './doctor.ts';
import { judgeKernel } from './kernel.ts';
import { judgeMemory, judgePort, judgeProgram, judgeRoot, judgeSource, judgeSpace, judgeSystem } from './machine.ts';
import { type Diagnosis, diagnosisText, missing, ok } from './need.ts';

const V1 = ['cpu', 'cpuacct', 'cpuset', 'memory', 'devices', 'freezer', 'blkio', 'pids']
  .map((name) => `cgroup /sys/fs/cgroup/${name} cgroup rw,relatime,${name} 0 0`)
  .concat('cgroup /sys/fs/cgroup/systemd cgroup rw,relatime,name=systemd 0 0');
const V2 = 'cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev 0 0';

describe('control groups', () => {
  test('version 1 with everything, and the extra version 2 mount beside it', () => {
    const need = judgeCgroups(
      cgroupMounts([...V1, V2.replace('cgroup cgroup2', 'cgroup/unified cgroup2')].join('\n')),
      'hugetlb',
    );
    expect(need.verdict).toBe('ok');
    expect(need.found).toContain('version 1 with an extra version 2 mount');
  });

  test('version 1 without a controller that a limit stands on', () => {
    const need = judgeCgroups(cgroupMounts(V1.filter((line) => !line.includes('pids')).join('\n')), '');
    expect(need).toMatchObject({ verdict: 'missing', costs: expect.stringContaining('pids') });
  });

  test('version 1 without blkio is a warning only', () => {
    const need = judgeCgroups(cgroupMounts(V1.filter((line) => !line.includes('blkio')).join('\n')), '');
    expect(need.verdict).toBe('warning');
  });

  test('controllers that share a hierarchy are all seen', () => {
    const shared = V1.filter((line) => !/cpu|cpuacct/.test(line)).concat(
      'cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0',
      'cgroup /sys/fs/cgroup/cpuset cgroup rw,cpuset 0 0',
    );
    expect(judgeCgroups(cgroupMounts(shared.join('\n')), '').verdict).toBe('ok');
  });

  test('version 2', () => {
    const mounts = cgroupMounts(V2);
    expect(judgeCgroups(mounts, 'cpuset cpu io memory pids\n').verdict).toBe('ok');
    expect(judgeCgroups(mounts, 'cpuset cpu memory pids\n').verdict).toBe('warning');
    expect(judgeCgroups(mounts, 'cpuset cpu io pids\n')).toMatchObject({
      verdict: 'missing',
      costs: expect.stringContaining('memory'),
    });
  });

  test('none at all', () => {
    expect(judgeCgroups(cgroupMounts('proc /proc proc rw 0 0'), '').verdict).toBe('missing');
  });
});

describe('the machine', () => {
  test.each([
    ['ok', judgeRoot(0)],
    ['missing', judgeRoot(1000)],
    ['ok', judgeKernel('6.1.0-13-amd64')],
    ['ok', judgeKernel('5.8.0')],
    ['missing', judgeKernel('5.7.19-generic')],
    ['missing', judgeKernel('4.19.0')],
    ['ok', judgeSystem('ID=debian\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian GNU/Linux 12"', 'x64')],
    ['warning', judgeSystem('ID=debian\nVERSION_CODENAME=trixie\n', 'arm64')],
    ['warning', judgeSystem('ID=ubuntu\nID_LIKE=debian\n', 'x64')],
    ['missing', judgeSystem('ID=fedora\n', 'x64')],
    ['missing', judgeSystem('ID=debian\nVERSION_CODENAME=bookworm\n', 'riscv64')],
    ['ok', judgeMemory(8 * 1024 ** 3)],
    ['warning', judgeMemory(2 * 1024 ** 3)],
    ['missing', judgeMemory(1024 ** 3)],
    ['ok', judgePort(7443, true, false)],
    ['ok', judgePort(7443, false, true)],
    ['warning', judgePort(7443, false, false)],
    ['ok', judgeSource('200', false)],
    ['warning', judgeSource('no answer', false)],
    ['ok', judgeProgram({ '/a': 0o100644 })],
    ['missing', judgeProgram({ '/a': 0o100644, '/b': 0o100640 })],
    ['ok', judgePackages([])],
    ['warning', judgePackages(['crun'])],
    ['ok', judgeSpace([{ path: '/a', freeBytes: 2, neededBytes: 1 }])],
    [
      'missing',
      judgeSpace([
        { path: '/a', freeBytes: 2, neededBytes: 1 },
        { path: '/b', freeBytes: 1, neededBytes: 2 },
      ]),
    ],
  ] as const)('%s: %o', (verdict, need) => {
    expect(need.verdict).toBe(verdict);
    if (verdict === 'ok') return;
    expect(need.costs).toMatch(/\.$/);
    expect(need.mend).toMatch(/\.$/);
  });
});

test('the text names what it costs and how to mend it, and can leave out what is well', () => {
  const diagnosis: Diagnosis = {
    fit: false,
    milliseconds: 1,
    needs: [ok('root', 'yes'), missing('btrfs', 'no', 'No quotas.', 'Boot another kernel.')],
  };
  const text = diagnosisText(diagnosis, ['missing']);
  expect(text).not.toContain('root');
  expect(text).toMatch(/^missing {2}btrfs {2}no\n +No quotas\.\n +Boot another kernel\.$/);
});

test('every need is answered in about a second, whatever the machine', async () => {
  const diagnosis = await examine({
    folders: stateFolders('/nonexistent/state'),
    cache: '/nonexistent/cache',
    diskBytes: 1,
  });
  expect(diagnosis.needs.length).toBeGreaterThan(12);
  expect(new Set(diagnosis.needs.map((need) => need.name)).size).toBe(diagnosis.needs.length);
  expect(diagnosis.needs.filter((need) => need.found.includes('could not be examined'))).toEqual([]);
});
