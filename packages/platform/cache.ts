import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HofjeError } from '#model/error.ts';
import { runningStates } from './state/claims.ts';

/** Node.js that runs this very command may lie there too; it is tiny beside the rest. */
const KEPT = 'node';

/**
 * Removes downloads and built images, Node.js excepted. Throws `platform.cache-in-use` while an installation runs, since
 * nodes take images from there.
 */
export async function clearCache(cache: string): Promise<readonly string[]> {
  const [running] = (await runningStates()).filter((state) => existsSync(state));
  if (running !== undefined) {
    throw new HofjeError(
      'platform.cache-in-use',
      `the installation in ${running} is running and takes images from there`,
      {
        hint: 'Stop it first with `hofje down`.',
      },
    );
  }
  const names = (await readdir(cache).catch(() => [])).filter((name) => name !== KEPT);
  for (const name of names) await rm(join(cache, name), { recursive: true, force: true });
  return names;
}
