import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StateFolders } from './state/folders.ts';

/** The folder that holds package.json: the program itself. */
export const PROJECT_ROOT = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');

/**
 * How a process without rights starts one of the platform's programs: from a read-only view of program and Node.js in a
 * mount namespace of its own, so that both may lie where its user cannot go.
 */
export function shownProgram(folders: StateFolders, entry: string) {
  const app = join(folders.program, 'app');
  const node = join(folders.program, 'node');
  return {
    argv: [join(node, 'node'), '--disable-warning=ExperimentalWarning', join(app, entry)],
    shown: [
      { folder: PROJECT_ROOT, at: app },
      { folder: dirname(process.execPath), at: node },
    ],
  } as const;
}

/** The same for root's own. */
export function ownProgram(entry: string): readonly [string, ...string[]] {
  return [process.execPath, '--disable-warning=ExperimentalWarning', join(PROJECT_ROOT, entry)];
}
