import { mkdir, readFile, realpath } from 'node:fs/promises';
import { run } from '#host/run.ts';

/** Descriptions are of some kB, 120 at most (COMMAND_BYTES_MAX); a node has some hundred entries at a time. */
const SIZE = 'size=64m';

/**
 * Sees to it that what is written for an entry lies in memory: a description may hold secrets, which no disk needs to keep,
 * and three files made and removed on one take the agent a millisecond. Mounted in the own mount namespace; found as an
 * earlier agent left it.
 */
export async function ensureEntriesFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = await realpath(folder);
  if (isMountPoint(await readFile('/proc/self/mountinfo', 'utf8'), path)) return;
  await run(['mount', '-t', 'tmpfs', '-o', `${SIZE},mode=700,nosuid,nodev,noexec`, '--', 'tmpfs', path]);
}

/** From the text of proc_pid_mountinfo(5), which writes blanks and the like as octal numbers. Exported for its test. */
export function isMountPoint(mountinfo: string, path: string): boolean {
  const written = path.replaceAll(/[ \t\n\\]/g, (byte) => `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}`);
  return mountinfo.split('\n').some((line) => line.split(' ')[4] === written);
}
