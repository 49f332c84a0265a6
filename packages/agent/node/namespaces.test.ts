import { expect, test } from 'vitest';
import { mountPoints } from './namespaces.ts';

test('reads mount points and their kinds, whatever optional fields stand between', () => {
  const text = [
    '22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw',
    '31 22 0:4 net:[4026532281] /srv/h/pins/net rw - nsfs nsfs rw',
    '40 22 0:30 / /sys/fs/cgroup/unified rw shared:9 master:2 - cgroup2 cgroup2 rw',
    '41 22 0:31 / /srv/a\\040folder rw - tmpfs tmpfs rw',
    '',
  ].join('\n');
  expect(mountPoints(text)).toEqual([
    { point: '/', type: 'ext4' },
    { point: '/srv/h/pins/net', type: 'nsfs' },
    { point: '/sys/fs/cgroup/unified', type: 'cgroup2' },
    { point: '/srv/a folder', type: 'tmpfs' },
  ]);
});
