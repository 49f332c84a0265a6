/** Limits of a group in one hierarchy: written, and read back. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { groupsFault, readGroupFile, writeGroupFile } from './group-files.ts';
import { groupSettings, type Hierarchy, type Setting } from './hierarchy.ts';
import type { GroupLimits } from './limits.ts';

/** Throws `container.cgroup` when one does not hold. */
export function setLimits(hierarchy: Hierarchy, folder: string, limits: GroupLimits): void {
  const settings = presentSettings(folder, groupSettings(hierarchy, limits));
  for (const { file, value } of settings) writeGroupFile(join(folder, file), value);
  for (const setting of settings) verify(folder, setting);
}

/** Optional ones (accounting of swap, throttling) are left out where the kernel lacks their file. */
function presentSettings(folder: string, settings: readonly Setting[]): readonly Setting[] {
  const optional = /^memory\.(memsw|swap)\.|^blkio\.|^io\./;
  const names = settings.some(({ file }) => optional.test(file)) ? readdirSync(folder) : [];
  const present = settings.filter(({ file }) => !optional.test(file) || names.includes(file));
  // Memory with swap is never less than memory alone: which of the two goes first depends on the direction.
  const [first, second] = present;
  if (first?.file !== 'memory.limit_in_bytes' || second?.file !== 'memory.memsw.limit_in_bytes') return present;
  const grows = Number(second.value) > Number(readGroupFile(join(folder, second.file)));
  return grows ? [second, first, ...present.slice(2)] : present;
}

function verify(folder: string, { file, expect }: Setting): void {
  const lines = readGroupFile(join(folder, file)).split('\n');
  if (!lines.includes(expect)) throw groupsFault(`${join(folder, file)} is "${lines.join(' ')}" and not "${expect}"`);
}
