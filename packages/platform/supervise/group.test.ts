import { expect, test } from 'vitest';
import { cgroupMounts } from '../doctor/cgroups.ts';
import { trackingRoot } from './group.ts';

const mounts = (...lines: string[]) => cgroupMounts(lines.join('\n'));

test('processes are tracked in the named hierarchy, else in one whose controller does no harm, else in version 2', () => {
  const systemd = 'cgroup /cg/systemd cgroup rw,name=systemd 0 0';
  const pids = 'cgroup /cg/pids cgroup rw,pids 0 0';
  const memory = 'cgroup /cg/memory cgroup rw,memory 0 0';
  const v2 = 'cgroup2 /cg2 cgroup2 rw 0 0';
  expect(trackingRoot(mounts(memory, pids, systemd, v2))).toBe('/cg/systemd');
  expect(trackingRoot(mounts(memory, pids, v2))).toBe('/cg/pids');
  expect(trackingRoot(mounts(v2))).toBe('/cg2');
  expect(trackingRoot(mounts())).toBeUndefined();
});
