import { expect, test } from 'vitest';
import { loopDevicesBelow, mountPointsBelow } from './leftovers.ts';

const TABLE = [
  '1 0 8:1 / / rw - ext4 /dev/a rw',
  '9 1 8:2 / /srv/h rw - ext4 /dev/b rw',
  '2 1 0:4 net:[4026532] /srv/h/nodes/node1/pins/net rw - nsfs nsfs rw',
  '3 1 7:0 / /srv/h/nodes/node1/disk rw - btrfs /dev/loop0 rw',
  '4 3 7:0 /x /srv/h/nodes/node1/disk/sites rw - btrfs /dev/loop0 rw',
  '5 1 7:0 / /srv/hother/disk rw - btrfs /dev/loop1 rw',
  '',
].join('\n');

test('mounts are found below the folder only, the last mounted first', () => {
  expect(mountPointsBelow(TABLE, '/srv/h')).toEqual([
    '/srv/h/nodes/node1/disk/sites',
    '/srv/h/nodes/node1/disk',
    '/srv/h/nodes/node1/pins/net',
  ]);
  expect(mountPointsBelow(TABLE, '/srv/none')).toEqual([]);
});

test('loop devices are found by their files, deleted ones too', () => {
  const json = JSON.stringify({
    loopdevices: [
      { name: '/dev/loop0', 'back-file': '/srv/h/nodes/node1/disk.img' },
      { name: '/dev/loop1', 'back-file': '/srv/hother/disk.img' },
      { name: '/dev/loop2', 'back-file': '/srv/h/nodes/node1/disk.img (deleted)' },
      { name: '/dev/loop3', 'back-file': null },
    ],
  });
  expect(loopDevicesBelow(json, '/srv/h').map(({ device }) => device)).toEqual(['/dev/loop0', '/dev/loop2']);
  expect(loopDevicesBelow('', '/srv/h')).toEqual([]);
});
