import { describe, expect, it } from 'vitest';
import { proposedDescendants } from './subvolume.ts';

describe('nested subvolumes', () => {
  it('are found over all levels, in whatever order they are listed', () => {
    const list = [
      'ID 260 gen 9 top level 258 path sites/a/x/y',
      'ID 256 gen 9 top level 5 path sites/a',
      'ID 257 gen 9 top level 5 path sites/b',
      'ID 258 gen 9 top level 256 path sites/a/x',
      'ID 261 gen 9 top level 257 path sites/b/z',
      '',
    ].join('\n');
    expect([...proposedDescendants(list, 256)].sort()).toEqual([258, 260]);
    expect(proposedDescendants(list, 261)).toEqual([]);
  });

  it('may be proposed by a forged name, which is why the kernel is asked about each', () => {
    const list =
      'ID 256 gen 1 top level 5 path a\nID 257 gen 1 top level 256 path a/x\nID 999 gen 1 top level 256 path y\n';
    expect(proposedDescendants(list, 256)).toContain(999);
  });

  it('do not loop for ever on a forged ring', () => {
    const list = 'ID 256 gen 1 top level 257 path a\nID 257 gen 1 top level 256 path b\n';
    expect(proposedDescendants(list, 256)).toEqual([257]);
  });
});
