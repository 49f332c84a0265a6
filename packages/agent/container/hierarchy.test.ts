import { describe, expect, test } from 'vitest';
import { PLANS } from '#model/plan/plan.ts';
import { findHierarchies, groupSettings, hierarchyLabel, parseMembership } from './hierarchy.ts';
import { siteLimits } from './limits.ts';

const V1 = `31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:7 - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
36 31 0:32 /part /elsewhere rw,relatime - cgroup cgroup rw,memory
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd
`;
const V2 = '41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate\n';

describe('hierarchies', () => {
  test('of version 1, whole ones only, the named one too', () => {
    expect(findHierarchies(V1).map(({ root, controllers }) => [root, controllers])).toEqual([
      ['/sys/fs/cgroup/cpu,cpuacct', ['cpu', 'cpuacct']],
      ['/sys/fs/cgroup/memory', ['memory']],
      ['/sys/fs/cgroup/systemd', ['name=systemd']],
    ]);
  });

  test('of version 2', () => {
    expect(findHierarchies(V2)).toEqual([{ version: 2, root: '/sys/fs/cgroup/unified', controllers: [] }]);
  });

  test('of both: those with the controllers', () => {
    expect(findHierarchies(V2 + V1).every(({ version }) => version === 1)).toBe(true);
  });

  test('none', () => {
    expect(findHierarchies('')).toEqual([]);
  });

  test('are found again in the membership of a process', () => {
    const membership = parseMembership('4:memory:/a/b\n2:cpuacct,cpu:/a/b:c\n1:name=systemd:/a\n0::/d\n');
    const [cpu, memory, systemd] = findHierarchies(V1).map((one) => membership.get(hierarchyLabel(one)));
    expect([cpu, memory, systemd]).toEqual(['/a/b:c', '/a/b', '/a']);
    expect(membership.get('')).toBe('/d');
  });
});

describe('settings', () => {
  const limits = { memoryBytes: 10_000, processes: 20, cpuPercent: 50, io: { device: '7:0', perSecond: 500 } };
  const written = (controllers: readonly string[]) =>
    groupSettings({ version: 1, root: '', controllers }, limits).map(({ file, value }) => `${file}=${value}`);

  test('of version 1 go to the hierarchy that has the controller', () => {
    expect(written(['memory'])).toEqual(['memory.limit_in_bytes=8192', 'memory.memsw.limit_in_bytes=8192']);
    expect(written(['cpu', 'cpuacct'])).toEqual(['cpu.cfs_period_us=100000', 'cpu.cfs_quota_us=50000']);
    expect(written(['pids'])).toEqual(['pids.max=20']);
    expect(written(['blkio'])).toEqual([
      'blkio.throttle.read_iops_device=7:0 500',
      'blkio.throttle.write_iops_device=7:0 500',
    ]);
    expect(written(['name=systemd'])).toEqual([]);
  });

  test('of version 2', () => {
    const settings = groupSettings({ version: 2, root: '', controllers: [] }, limits);
    expect(settings.map(({ file, value }) => `${file}=${value}`)).toEqual([
      'memory.max=8192',
      'memory.swap.max=0',
      'pids.max=20',
      'cpu.max=50000 100000',
      'io.max=7:0 riops=500 wiops=500',
    ]);
  });

  test('nothing is written for what is not limited', () => {
    expect(groupSettings({ version: 2, root: '', controllers: [] }, {})).toEqual([]);
  });
});

describe("a site's limits", () => {
  test('leave each half a part of the whole', () => {
    const { whole, web, entries } = siteLimits(PLANS[1].limits);
    expect(whole).toEqual({ memoryBytes: 512 * 1024 ** 2, processes: 256, cpuPercent: 100 });
    expect(web).toEqual({ memoryBytes: 384 * 1024 ** 2, processes: 192 });
    expect(entries).toEqual(web);
  });
});
