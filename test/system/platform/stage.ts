import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { down } from '#platform/down/down.ts';
import { findLeftovers } from '#platform/down/leftovers.ts';
import { type StateFolders, stateFolders } from '#platform/state/folders.ts';

/** A state folder of a test's own, that exists nowhere yet. */
export function freshState(): StateFolders {
  return stateFolders(`/tmp/hofje-t-${randomBytes(4).toString('hex')}`);
}

/** Ends and removes an installation, and says what is left of it. */
export async function purge(folders: StateFolders, slot?: number): Promise<readonly string[]> {
  await down({ folders, purge: true, progress: () => undefined });
  return (await findLeftovers(folders, slot)).map(({ kind, what }) => `${kind}: ${what}`);
}

/** Asks again until it holds. */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined>, seconds = 20): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s`);
    await pause(50);
  }
}
