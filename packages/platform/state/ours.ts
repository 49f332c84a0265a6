import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { HofjeError } from '#model/error.ts';
import type { StateFolders } from './folders.ts';

/** A file that is being written has its final name in front (see `writeFileAtomically`). */
const UNFINISHED = /\.[0-9a-f]+\.new$/;

/**
 * Makes sure that a folder is a state folder, or may become one, before its rights are changed or it is removed with all
 * that is in it: a mistyped HOFJE_STATE must not cost somebody's home. Throws `platform.state-foreign`.
 */
export async function mustBeOurs(folders: StateFolders): Promise<void> {
  const names = await readdir(folders.root).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (names.includes(basename(folders.installation))) return;
  const foreign = foreignNames(names, folders);
  if (foreign.length === 0) return;
  throw new HofjeError('platform.state-foreign', `${folders.root} is no state folder: it holds other things`, {
    field: 'HOFJE_STATE',
    hint: `Among them: ${foreign.slice(0, 5).join(', ')}. Name a new folder, or one that \`hofje up\` has made.`,
  });
}

/** Names that no installation makes in its folder. Pure. */
export function foreignNames(names: readonly string[], folders: StateFolders): readonly string[] {
  const { installation, lock, secrets, control, postgres, run, supervise, log, program, nodes } = folders;
  const own = [installation, lock, secrets, control, postgres, run, supervise, log, program, nodes];
  // The state folder may be a disk of its own, which begins with that folder.
  const known = new Set([...own.map((path) => basename(path)), 'lost+found']);
  return names.filter((name) => !known.has(name.replace(UNFINISHED, '')));
}
