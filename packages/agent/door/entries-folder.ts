import { mkdir, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '#host/run.ts';

/** Descriptions are of some kB, 120 at most (COMMAND_BYTES_MAX); a node has some hundred entries at a time. */
const SIZE = 'size=64m';

/**
 * Sees to it that what is written for an entry lies in memory: a description may hold secrets, which no disk needs to keep,
 * and three files made and removed on one take the agent a millisecond. Mounted in the own mount namespace. What an earlier
 * agent that was killed has left there is removed: nobody reads it any more, and it would take the room of others.
 */
export async function ensureEntriesFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = await realpath(folder);
  if (isMountPoint(await readFile('/proc/self/mountinfo', 'utf8'), path)) return await empty(path);
  await run(['mount', '-t', 'tmpfs', '-o', `${SIZE},mode=700,nosuid,nodev,noexec`, '--', 'tmpfs', path]);
}

async function empty(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
}

/** From the text of proc_pid_mountinfo(5), which writes blanks and the like as octal numbers. Exported for its test. */
export function isMountPoint(mountinfo: string, path: string): boolean {
  const written = path.replaceAll(/[ \t\n\\]/g, (byte) => `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}`);
  return mountinfo.split('\n').some((line) => line.split(' ')[4] === written);
}
