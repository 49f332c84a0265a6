import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '#host/run.ts';

/** Everything here is mounted in the stage's own mount namespace and gone when the stage ends, however it ends. */

/** Lays an empty writable folder over trees that stay as they are. */
export async function mountOverlay(options: {
  readonly lowers: readonly string[];
  readonly upper: string;
  readonly work: string;
  readonly merged: string;
}): Promise<void> {
  // Without redirects and metadata-only copies the upper folder is a layer on its own.
  const settings = [
    `lowerdir=${options.lowers.join(':')}`,
    `upperdir=${options.upper}`,
    `workdir=${options.work}`,
    'redirect_dir=off',
    'metacopy=off',
  ];
  await run(['mount', '-t', 'overlay', '-o', settings.join(','), 'overlay', options.merged]);
}

/** The layers below as one tree, read-only. */
export async function mountLowers(lowers: readonly string[], at: string): Promise<void> {
  await mkdir(at, { recursive: true });
  const [only, ...more] = lowers;
  if (only === undefined) throw new RangeError('no layer to mount');
  if (more.length === 0) await run(['mount', '--bind', '--', only, at]);
  else await run(['mount', '-t', 'overlay', '-o', `ro,lowerdir=${lowers.join(':')}`, 'overlay', at]);
}

export async function bind(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await run(['mount', '--bind', '--', from, to]);
}

const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];

/** /proc, a small /dev and empty /run and /tmp for programs that run in `root`. */
export async function mountSystem(root: string): Promise<void> {
  for (const folder of ['proc', 'dev', 'run', 'tmp']) await mkdir(join(root, folder), { recursive: true });
  await run(['mount', '-t', 'proc', 'proc', join(root, 'proc')]);
  for (const [folder, mode] of [
    ['run', '755'],
    ['tmp', '1777'],
    ['dev', '755'],
  ] as const) {
    await run(['mount', '-t', 'tmpfs', '-o', `mode=${mode},size=256m`, 'tmpfs', join(root, folder)]);
  }
  for (const name of DEVICES) {
    await writeFile(join(root, 'dev', name), '');
    await run(['mount', '--bind', '--', `/dev/${name}`, join(root, 'dev', name)]);
  }
  for (const [name, to] of [
    ['fd', '/proc/self/fd'],
    ['stdin', '/proc/self/fd/0'],
    ['stdout', '/proc/self/fd/1'],
    ['stderr', '/proc/self/fd/2'],
  ] as const) {
    await symlink(to, join(root, 'dev', name));
  }
}

/**
 * Takes off everything mounted below `root`, last first, so that the tree can be read, and emptied, as it is. Throws when
 * something stays.
 */
export async function unmountBelow(root: string): Promise<void> {
  for (const target of (await mountsBelow(root)).reverse()) await run(['umount', '--', target]);
  const left = await mountsBelow(root);
  if (left.length > 0) throw new Error(`still mounted: ${left.join(', ')}`);
}

async function mountsBelow(root: string): Promise<string[]> {
  // Field 5 is the mount point (proc_pid_mountinfo(5)); our own paths hold nothing that the kernel would escape.
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  return lines.map((line) => line.split(' ')[4] ?? '').filter((target) => target.startsWith(`${root}/`));
}
