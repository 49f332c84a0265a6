import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFileAtomically } from '#host/file.ts';
import type { StateFolders } from './state/folders.ts';

/** The folder that holds package.json: the program itself. */
export const PROJECT_ROOT = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');

/** What of the project's folder a running process needs. */
const SHOWN = ['packages', 'node_modules'] as const;

/**
 * How a process without rights starts one of the platform's programs: from a read-only view of program and Node.js in a
 * mount namespace of its own, so that both may lie where its user cannot go. `prepareProgram` makes the places.
 */
export function shownProgram(folders: StateFolders, entry: string) {
  const app = join(folders.program, 'app');
  const node = join(folders.program, 'node');
  return {
    argv: [join(node, 'node'), '--disable-warning=ExperimentalWarning', join(app, entry)],
    shown: [
      ...SHOWN.map((name) => ({ folder: join(PROJECT_ROOT, name), at: join(app, name) })),
      { folder: dirname(process.execPath), at: node },
    ],
  } as const;
}

/** Changes whenever a file of the program does: what runs is started anew then. */
export async function programFingerprint(): Promise<string> {
  const hash = createHash('sha256');
  const packages = join(PROJECT_ROOT, 'packages');
  const names = (await readdir(packages, { recursive: true })).filter(
    // The panel runs in browsers: a change of it starts no process anew but the one that serves it.
    (name) => /(?<!\.test)\.(ts|pl)$/.test(name) && !name.startsWith('panel/'),
  );
  for (const path of [
    ...names.toSorted().map((name) => join(packages, name)),
    join(PROJECT_ROOT, 'package-lock.json'),
  ]) {
    const { size, mtimeMs } = await stat(path);
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

/** Makes the folders that the view is mounted over, and what it needs besides them. */
export async function prepareProgram(folders: StateFolders): Promise<void> {
  const app = join(folders.program, 'app');
  for (const folder of [...SHOWN.map((name) => join(app, name)), join(folders.program, 'node'), folders.panel]) {
    await mkdir(folder, { recursive: true });
  }
  const manifest = await readFile(join(PROJECT_ROOT, 'package.json'), 'utf8');
  await writeFileAtomically(join(app, 'package.json'), manifest, { mode: 0o644 });
}

/** The same for root's own. */
export function ownProgram(entry: string): readonly [string, ...string[]] {
  return [process.execPath, '--disable-warning=ExperimentalWarning', join(PROJECT_ROOT, entry)];
}
