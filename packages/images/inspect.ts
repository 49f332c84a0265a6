import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isNotFound, isOverlayWhiteout, walk } from './tree.ts';

export type Rule =
  | 'set-id'
  | 'special-file'
  | 'foreign-owner'
  | 'private-key'
  | 'machine-id'
  | 'undeclared-user'
  | 'forbidden';

/** Something in an image that must not be there. */
export interface Violation {
  readonly rule: Rule;
  readonly path: string;
  readonly detail: string;
}

export interface Inspection {
  readonly files: number;
  readonly bytes: number;
  readonly violations: readonly Violation[];
}

export interface InspectOptions {
  /** Globs, relative to the root, that may match nothing. */
  readonly forbidden: readonly string[];
  /** Users that a recipe declares; every other user with a number of 100 or more got it by chance. */
  readonly users: readonly string[];
}

/** An image's files belong to container ids 0..999; a site's own id 1000 and everything above own nothing. */
export const IMAGE_IDS = 1000;

const SET_ID_BITS = 0o6000;
/** Debian's static ids end here (policy 9.2.2). */
const STATIC_IDS_END = 100;
const NOBODY = 65_534;

/** What is wrong with a whole image. */
export async function inspectRootfs(root: string, options: InspectOptions): Promise<Inspection> {
  const tree = await inspectTree(root);
  return { ...tree, violations: [...tree.violations, ...(await inspectWhole(root, options))] };
}

/**
 * What is wrong with the files of a tree, each by itself. Also asked of every layer: what a later layer hides is in the image
 * all the same.
 */
export async function inspectTree(root: string): Promise<Inspection> {
  const violations: Violation[] = [];
  let files = 0;
  let bytes = 0;
  for await (const { path, stats } of walk(root)) {
    if (isOverlayWhiteout(stats)) continue;
    files += 1;
    if (!stats.isSymbolicLink() && (stats.mode & SET_ID_BITS) !== 0) {
      violations.push({ rule: 'set-id', path, detail: `mode ${(stats.mode & 0o7777).toString(8)}` });
    }
    if (stats.uid >= IMAGE_IDS || stats.gid >= IMAGE_IDS) {
      violations.push({ rule: 'foreign-owner', path, detail: `${stats.uid}:${stats.gid}` });
    }
    if (stats.isFile()) {
      bytes += stats.size;
      const key = findPrivateKey(await readFile(join(root, path)));
      if (key !== null) violations.push({ rule: 'private-key', path, detail: key });
    } else if (!stats.isDirectory() && !stats.isSymbolicLink()) {
      violations.push({ rule: 'special-file', path, detail: 'a device, socket or pipe' });
    }
  }
  return { files, bytes, violations };
}

/** What is wrong with an image as a whole: what must not exist, and whose numbers were left to chance. */
export async function inspectWhole(root: string, options: InspectOptions): Promise<readonly Violation[]> {
  const violations = [...(await machineIds(root)), ...(await undeclaredUsers(root, options.users))];
  for (const path of globSync([...options.forbidden], { cwd: root })) {
    violations.push({ rule: 'forbidden', path, detail: 'must not be in this image' });
  }
  return violations;
}

/** Libraries carry published keys for testing themselves (gnutls, dovecot): what a compiler put there is no secret. */
const ELF = Buffer.from('\x7fELF');
const KEY_END = Buffer.from('PRIVATE KEY');
/** A header followed by data; libraries contain the header alone. Covers PEM (RFC 7468), OpenSSH, PGP armour. */
const KEY_TEXT = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?)-----\s+(?:[A-Za-z-]+: [^\n]*\s+)*[A-Za-z0-9+/=]{16,}/;

/** The kind of private key in these bytes, if there is one in a text form. */
export function findPrivateKey(data: Buffer): string | null {
  if (data.subarray(0, ELF.length).equals(ELF) || !data.includes(KEY_END)) return null;
  return KEY_TEXT.exec(data.toString('latin1'))?.[1] ?? null;
}

async function machineIds(root: string): Promise<Violation[]> {
  const violations: Violation[] = [];
  for (const path of ['etc/machine-id', 'var/lib/dbus/machine-id', 'etc/hostid']) {
    const content = await readIfThere(join(root, path));
    if (content !== null && content.trim() !== '') violations.push({ rule: 'machine-id', path, detail: 'has content' });
  }
  return violations;
}

async function undeclaredUsers(root: string, declared: readonly string[]): Promise<Violation[]> {
  const passwd = (await readIfThere(join(root, 'etc/passwd'))) ?? '';
  const violations: Violation[] = [];
  for (const line of passwd.split('\n')) {
    const [name = '', , id = ''] = line.split(':');
    const uid = Number(id);
    if (name === '' || uid < STATIC_IDS_END || uid === NOBODY || declared.includes(name)) continue;
    violations.push({ rule: 'undeclared-user', path: 'etc/passwd', detail: `${name} (${uid}) is not in the recipe` });
  }
  return violations;
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}
