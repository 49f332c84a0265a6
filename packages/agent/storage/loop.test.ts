import { describe, expect, it } from 'vitest';
import { parseLoopDevices } from './loop.ts';

describe('the list of loop devices', () => {
  it('is nothing at all when there are none', () => {
    expect(parseLoopDevices('')).toEqual([]);
    expect(parseLoopDevices('\n')).toEqual([]);
  });

  it('leaves out a device that is just being let go', () => {
    const json =
      '{"loopdevices":[{"name":"/dev/loop0","back-file":"/s/disk.img"},{"name":"/dev/loop1","back-file":null}]}';
    expect(parseLoopDevices(json)).toEqual([{ device: '/dev/loop0', backingFile: '/s/disk.img' }]);
  });
});
