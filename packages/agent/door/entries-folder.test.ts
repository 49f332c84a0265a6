import { expect, test } from 'vitest';
import { isMountPoint } from './entries-folder.ts';

const TABLE = [
  '23 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
  '24 23 0:30 / /srv/my\\040node/entries rw - tmpfs tmpfs rw,mode=700',
].join('\n');

test.each([
  { path: '/srv/my node/entries', found: true },
  { path: '/srv/my node', found: false },
  { path: '/srv/my\\040node/entries', found: false },
])('whether $path is a mount point: $found', ({ path, found }) => {
  expect(isMountPoint(TABLE, path)).toBe(found);
});
