import { run } from '#host/run.ts';

const PATIENCE_MS = 600_000;

/**
 * Removes files and folders with everything in them; nothing happens where they are absent. What is below may belong to
 * others who change it meanwhile: rm(1) goes by open folders and never by a path through them, Node.js's own does not.
 */
export async function removeTree(...paths: readonly string[]): Promise<void> {
  if (paths.length > 0) await run(['rm', '--recursive', '--force', '--', ...paths], { timeoutMs: PATIENCE_MS });
}
