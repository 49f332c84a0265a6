import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { HofjeError } from '#model/error.ts';

/** Certificates and the logs of the platform's own processes are far smaller. */
const BYTES_MAX = 16 * 1024 * 1024;

/**
 * Reads a file of a folder that belongs to an unprivileged process of ours. Its owner may have put anything under the name:
 * a link is not followed, a pipe or device not waited for, and what has a second name elsewhere is not read. The folder
 * itself must stand in one that is root's. Throws `platform.foreign-file`, and what open(2) says.
 */
export async function readForeignFile(path: string): Promise<string> {
  const file = await openUnfollowed(path);
  try {
    const stats = await file.stat();
    if (!stats.isFile() || stats.nlink !== 1 || stats.size > BYTES_MAX) throw foreign(path);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

async function openUnfollowed(path: string) {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A link (open(2)), a socket.
    if (code === 'ELOOP' || code === 'ENXIO') throw foreign(path);
    throw error;
  }
}

function foreign(path: string): HofjeError {
  return new HofjeError('platform.foreign-file', `${path} is no plain file of its own`, {
    hint: 'The process that owns its folder has put something else there: find out why before you go on.',
  });
}
