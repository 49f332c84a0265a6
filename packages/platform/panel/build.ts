import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from '#images/machine-lock.ts';
import { PROJECT_ROOT } from '../program.ts';

/** What the panel is made of. */
const SOURCES = ['packages/panel', 'packages/contract', 'packages/model', 'packages/platform/panel'] as const;
/** Older ones are kept for control planes that were started with them and are started anew after a crash. */
const KEPT = 5;

/**
 * The folder with the panel's files, as browsers get them. Built where the cache does not have it from exactly these
 * sources: a few seconds, no network.
 */
export async function buildPanel(cache: string, detail: (text: string) => void = () => undefined): Promise<string> {
  const all = join(cache, 'panel');
  const folder = join(all, await panelFingerprint());
  if (existsSync(folder)) return folder;
  await mkdir(all, { recursive: true });
  return await withLock(join(all, 'lock'), async () => {
    if (existsSync(folder)) return folder;
    detail('bundling');
    const half = `${folder}.half`;
    await rm(half, { recursive: true, force: true });
    // The bundler is loaded by who needs it alone: most starts find the panel built.
    const { bundlePanel } = await import('./bundle.ts');
    await bundlePanel(half);
    detail('compressing');
    const { compressFolder } = await import('./compress.ts');
    await compressFolder(half);
    await rename(half, folder);
    await removeOld(all);
    return folder;
  });
}

/** Changes whenever anything does that the panel is built from. */
export async function panelFingerprint(): Promise<string> {
  const hash = createHash('sha256');
  const paths = ['package-lock.json'];
  for (const folder of SOURCES) {
    const names = await readdir(join(PROJECT_ROOT, folder), { recursive: true, withFileTypes: true });
    for (const entry of names) {
      if (entry.isFile() && !entry.name.endsWith('.test.ts')) {
        paths.push(join(entry.parentPath, entry.name).slice(PROJECT_ROOT.length + 1));
      }
    }
  }
  for (const path of paths.toSorted()) {
    const content = await readFile(join(PROJECT_ROOT, path));
    hash.update(`${path} ${content.length}\n`).update(content);
  }
  return hash.digest('hex').slice(0, 16);
}

async function removeOld(all: string): Promise<void> {
  const entries = await readdir(all, { withFileTypes: true });
  const folders = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory())
      .map(async ({ name }) => ({ path: join(all, name), made: (await stat(join(all, name))).mtimeMs })),
  );
  const old = folders.toSorted((a, b) => b.made - a.made).slice(KEPT);
  for (const { path } of old) await rm(path, { recursive: true, force: true });
}
