import { expect, test } from 'vitest';
import { absentPackages, MACHINE_PACKAGES, missingPackages, TEST_PACKAGES, withoutMainCluster } from './packages.ts';

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

test.each([
  ['where nobody has configured PostgreSQL', '', true],
  ['where Debian’s own file stands, which leaves it open', "#create_main_cluster = true\n#start_conf = 'auto'\n", true],
  ['where the last line has no end', "start_conf = 'manual'", true],
  ['but not where the operator wants one', 'create_main_cluster = true\n', false],
  ['nor a second time', withoutMainCluster(''), false],
])('a server that is installed gets no cluster that nobody uses: %s', (_where, text, isChanged) => {
  const result = withoutMainCluster(text);
  expect(result).toBe(isChanged ? `${text}${result.slice(text.length)}` : text);
  if (isChanged) expect(result.split('\n').slice(-2)).toEqual(['create_main_cluster = false', '']);
});
