import { describe, expect, it } from 'vitest';
import { parseMounts } from './mount-table.ts';

describe('the mount table', () => {
  it('is read field by field, with and without optional fields', () => {
    const text = [
      '64 43 0:39 / /srv/a\\040b\\134c rw,nosuid,noatime - btrfs /dev/loop0 ro,space_cache=v2,subvol=/',
      '65 43 0:40 / /mnt rw shared:7 master:1 - tmpfs none rw',
      '',
    ].join('\n');
    expect(parseMounts(text)).toEqual([
      {
        id: 64,
        point: '/srv/a b\\c',
        type: 'btrfs',
        source: '/dev/loop0',
        options: ['rw', 'nosuid', 'noatime'],
        superOptions: ['ro', 'space_cache=v2', 'subvol=/'],
      },
      { id: 65, point: '/mnt', type: 'tmpfs', source: 'none', options: ['rw'], superOptions: ['rw'] },
    ]);
  });
});
