import { describe, expect, test } from 'vitest';
import { DEVICES, hasOwnDevices } from './devices.ts';
import { mountFault } from './mounts.ts';
import { mapText } from './user-namespace.ts';

/** As a container's `mountinfo` was seen to be. */
const GOOD = `97 99 0:77 /sites/abc /home/site rw,nosuid,nodev,noatime - btrfs /dev/loop3 rw,subvol=/sites/abc
98 105 0:60 /abc /run/hofje/submission ro,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw,size=1024k
99 71 0:77 /images/site / ro,nosuid,nodev,noatime - btrfs /dev/loop3 rw,subvol=/images/site
100 99 0:44 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw,hidepid=invisible,subset=pid
101 99 0:45 / /dev rw,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw,size=64k
102 101 0:46 / /dev/pts rw,nosuid,noexec,relatime - devpts devpts rw,max=32
106 101 0:49 /null /dev/null rw,nosuid,noexec,relatime - tmpfs tmpfs rw,size=64k
`;

describe('the mounts of a created container', () => {
  test('are fit as they should be', () => {
    expect(mountFault(GOOD)).toBeUndefined();
  });

  test.each([
    ['/home/site rw,nosuid,nodev', '/home/site rw,nodev', '/home/site is writable and takes setuid bits'],
    ['/home/site rw,nosuid,nodev', '/home/site rw,nosuid', '/home/site is writable and takes devices'],
    [' / ro,', ' / rw,', 'the root is writable'],
    ['/dev/null rw,nosuid', '/dev/null rw', '/dev/null is writable and takes setuid bits'],
    ['/run/hofje/submission ro', '/sys ro', '/sys is there'],
  ])('are not when %s is %s', (right, wrong, fault) => {
    expect(mountFault(GOOD.replace(right, wrong))).toBe(fault);
  });
});

test('device nodes are our own when the topmost mount of each is', () => {
  const mount = (name: string, options: string) => `1 1 0:1 /${name} /dev/${name} rw - tmpfs tmpfs ${options}\n`;
  const ours = Object.keys(DEVICES).map((name) => mount(name, 'rw,size=64k'));
  expect(hasOwnDevices(ours.join(''))).toBe(true);
  expect(hasOwnDevices(ours.slice(1).join(''))).toBe(false);
  expect(hasOwnDevices([...ours, mount('null', 'rw,size=12334460k')].join(''))).toBe(false);
  expect(hasOwnDevices('')).toBe(false);
});

test("a site's map has the ids of its image and its own, a service's those of its image", () => {
  expect(mapText({ imageUidBase: 5000, siteUid: 70_000 })).toBe('0 5000 1000\n1000 70000 1\n');
  expect(mapText({ imageUidBase: 5000 })).toBe('0 5000 1000\n');
});
