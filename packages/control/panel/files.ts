import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { HofjeError } from '#model/error.ts';

/** A file of the panel in each form in which it may be sent. */
export interface PanelFile {
  readonly type: string;
  readonly etag: string;
  readonly plain: Buffer;
  readonly br?: Buffer;
  readonly gzip?: Buffer;
}

/** The panel as it was built: small enough to be held in memory, so that no request ever names a file on a disk. */
export interface PanelFiles {
  readonly page: PanelFile;
  /** By their name below `/assets`. */
  readonly assets: ReadonlyMap<string, PanelFile>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** Throws `config.panel` where the folder holds no panel. */
export async function readPanel(folder: string): Promise<PanelFiles> {
  try {
    const page = await readForms(folder, 'index.html');
    const below = join(folder, 'assets');
    const names = (await readdir(below)).filter((name) => !/\.(br|gz)$/.test(name));
    const assets = await Promise.all(names.map(async (name) => [name, await readForms(below, name)] as const));
    return { page, assets: new Map(assets) };
  } catch (cause) {
    throw new HofjeError('config.panel', `There is no panel in ${folder}.`, { field: 'panelFolder', cause });
  }
}

async function readForms(folder: string, name: string): Promise<PanelFile> {
  const path = join(folder, name);
  const type = TYPES[extname(name)];
  if (type === undefined) throw new Error(`the panel holds ${name}, which has no type`);
  const absent = () => undefined;
  const [plain, br, gzip] = await Promise.all([
    readFile(path),
    readFile(`${path}.br`).catch(absent),
    readFile(`${path}.gz`).catch(absent),
  ]);
  const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
  return { type, etag, plain, ...(br && { br }), ...(gzip && { gzip }) };
}
