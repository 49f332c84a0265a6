import { expect, test } from 'vitest';
import { absentPackages, MACHINE_PACKAGES, missingPackages, TEST_PACKAGES } from './packages.ts';

test('a package counts as there only when it is installed, not when its configuration is left', () => {
  const lines = 'installed crun\nconfig-files nftables\nunpacked s6\ninstalled crun-extra\n';
  expect(absentPackages(['crun', 'nftables', 's6', 'umoci'], lines)).toEqual(['nftables', 's6', 'umoci']);
});

test('dpkg is asked as it wants to be asked', async () => {
  expect(await missingPackages(['dpkg', 'no-such-package-anywhere'])).toEqual(['no-such-package-anywhere']);
});

test('no package is named twice', () => {
  const all = [...MACHINE_PACKAGES, ...TEST_PACKAGES];
  expect(new Set(all).size).toBe(all.length);
});
