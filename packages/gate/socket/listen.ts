import { chmod, rename, rm } from 'node:fs/promises';
import type { Server } from 'node:net';
import { HofjeError } from '#model/error.ts';

/** Longest path of a socket: `sun_path` of unix(7) with its NUL, minus the suffix of a socket that is being made. */
const PATH_BYTES_MAX = 107 - '.new'.length;

/**
 * Listens on a socket file for the group of its folder, which the agent made: the one who is to connect. The file is
 * finished before it takes its name, so it replaces what a killed process left behind and is never there half made.
 */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > PATH_BYTES_MAX)
    throw new HofjeError('gate.socket-path-too-long', `a socket cannot have the path ${path}`, { field: 'runFolder' });
  const unfinished = `${path}.new`;
  await rm(unfinished, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path: unfinished }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  await chmod(unfinished, 0o660);
  await rename(unfinished, path);
}
