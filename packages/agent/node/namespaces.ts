import { mkdir, open, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '#host/run.ts';
import { isPinned, removeNamespace } from '../network/namespace.ts';
import type { NodeFolders } from './folders.ts';

/*
 * The node's own namespaces, which outlive its agent: both are pinned as files in the state folder. The network namespace
 * is made by network/node.ts; this is the mount namespace, in which the node's disk and the pins of its containers are.
 */

export interface NodePins {
  readonly mount: string;
  readonly net: string;
}

export function nodePins(folders: NodeFolders): NodePins {
  return { mount: join(folders.pins, 'mount'), net: join(folders.pins, 'net') };
}

/** The beginning of a command that runs in the node's namespaces. */
export function insideNode(folders: NodeFolders): ['nsenter', ...string[]] {
  const pins = nodePins(folders);
  return ['nsenter', `--net=${pins.net}`, `--mount=${pins.mount}`, '--'];
}

/**
 * A folder for pins: a mount namespace can only be bound to a file on a mount that is shared with nobody, so the folder
 * becomes a mount of its own.
 */
export async function ensurePinsFolder(folders: NodeFolders): Promise<void> {
  await mkdir(folders.pins, { recursive: true, mode: 0o700 });
  const path = await realpath(folders.pins);
  if (mountPoints(await readFile('/proc/self/mountinfo', 'utf8')).some((mount) => mount.point === path)) return;
  await run(['mount', '--bind', '--', path, path]);
  await run(['mount', '--make-private', '--', path]);
}

/**
 * The folders of the sites' sockets lie on a file system of their own in memory: a site's mount table tells where on its
 * file system each folder lies, and must not tell of the machine's. Made outside of the mount namespace, since the gate, which
 * makes the sockets, is not in it.
 */
export async function ensureSubmissionFolder(folders: NodeFolders): Promise<void> {
  await mkdir(folders.submission, { recursive: true, mode: 0o711 });
  const path = await realpath(folders.submission);
  if (mountPoints(await readFile('/proc/self/mountinfo', 'utf8')).some((mount) => mount.point === path)) return;
  const options = 'size=64m,mode=711,nosuid,nodev,noexec';
  await run(['mount', '-t', 'tmpfs', '-o', options, '--', 'tmpfs', path]);
  await run(['mount', '--make-private', '--', path]);
}

/** Makes the mount namespace, or finds it as an earlier agent left it. */
export async function ensureMountNamespace(folders: NodeFolders): Promise<void> {
  const { mount } = nodePins(folders);
  if (!(await isPinned(mount))) {
    await (await open(mount, 'a', 0o600)).close();
    await run(['unshare', `--mount=${mount}`, '--propagation', 'private', '--', 'true']);
    await dropPins(mount);
  }
  await dropHybridGroups(mount);
}

/** Takes the pins of the node's namespaces away, and the mounts made outside. They end with their last process. */
export async function removeNodePins(folders: NodeFolders): Promise<void> {
  const pins = nodePins(folders);
  await removeNamespace(pins.mount);
  await removeNamespace(pins.net);
  for (const folder of [folders.pins, folders.submission]) await unmountBelow(folder);
}

async function unmountBelow(folder: string): Promise<void> {
  const path = await realpath(folder).catch(() => undefined);
  if (path === undefined) return;
  const table = mountPoints(await readFile('/proc/self/mountinfo', 'utf8'));
  const below = table.filter((mount) => mount.point === path || mount.point.startsWith(`${path}/`)).toReversed();
  for (const { point } of below) await run(['umount', '--lazy', '--no-canonicalize', '--', point], { accept: [0, 32] });
}

/** A new namespace begins as a copy: pins of others in it would keep those alive when their owners take them away. */
async function dropPins(pin: string): Promise<void> {
  for (const { type, point } of (await mountsInside(pin)).toReversed()) {
    if (type === 'nsfs') await run(['nsenter', `--mount=${pin}`, '--', 'umount', '--', point]);
  }
}

/**
 * Where the machine has controllers in version 1 and a stray mount of version 2 beside them, crun refuses to work; in
 * here there is no stray mount.
 */
async function dropHybridGroups(pin: string): Promise<void> {
  const mounts = await mountsInside(pin);
  if (!mounts.some((mount) => mount.type === 'cgroup')) return;
  for (const { type, point } of mounts) {
    if (type === 'cgroup2') await run(['nsenter', `--mount=${pin}`, '--', 'umount', '--', point]);
  }
}

async function mountsInside(pin: string): Promise<readonly MountPoint[]> {
  const { stdout } = await run(['nsenter', `--mount=${pin}`, '--', 'cat', '/proc/self/mountinfo']);
  return mountPoints(stdout);
}

interface MountPoint {
  readonly point: string;
  readonly type: string;
}

/** From the text of `/proc/PID/mountinfo` (proc_pid_mountinfo(5)). Exported for its test. */
export function mountPoints(mountinfo: string): readonly MountPoint[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const point = before.split(' ')[4];
    const type = after.split(' ')[0];
    return point === undefined || type === undefined || type === '' ? [] : [{ point: unescaped(point), type }];
  });
}

/** Blanks and the like are written as octal numbers. */
function unescaped(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
