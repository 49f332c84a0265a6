import { existsSync } from 'node:fs';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '#host/run.ts';
import { claimsOf, interfaceName } from '../state/claims.ts';
import type { StateFolders } from '../state/folders.ts';
import { readInstallation } from '../state/installation.ts';
import { installationGroups, processesIn } from '../supervise/group.ts';

/** Something of an installation that is on the machine. */
export interface Leftover {
  readonly kind:
    | 'process'
    | 'mount'
    | 'loop device'
    | 'interface'
    | 'nftables table'
    | 'control group'
    | 'claim'
    | 'folder';
  readonly what: string;
}

/**
 * Everything on the machine that belongs to the installation in that folder, also when the folder's own files are gone.
 * Empty after `down --purge`; after a plain `down` the folder alone.
 */
export async function findLeftovers(folders: StateFolders, knownSlot?: number): Promise<readonly Leftover[]> {
  const slot = knownSlot ?? (await slotOf(folders));
  const [processes, mounts, loops, network] = await Promise.all([
    findProcesses(folders, slot),
    findMounts(folders.root),
    findLoopDevices(folders.root),
    slot === undefined ? [] : findNetwork(slot),
  ]);
  const groups = slot === undefined ? [] : await installationGroups(slot);
  return [
    ...processes.map(({ pid, name }): Leftover => ({ kind: 'process', what: `${pid} ${name}` })),
    ...mounts.map(({ point, pid }): Leftover => ({ kind: 'mount', what: `${point} (seen by process ${pid})` })),
    ...loops.map(({ device, file }): Leftover => ({ kind: 'loop device', what: `${device} of ${file}` })),
    ...network,
    ...groups.map((what): Leftover => ({ kind: 'control group', what })),
    ...(await claimsOf(folders.root)).map((what): Leftover => ({ kind: 'claim', what })),
    ...((await isFolderLeft(folders.root)) ? [{ kind: 'folder', what: folders.root } as const] : []),
  ];
}

/** An empty mount point is the operator's. */
async function isFolderLeft(root: string): Promise<boolean> {
  if (!existsSync(root)) return false;
  return !(await isMountPoint(root)) || (await thingsIn(root)).length > 0;
}

/** Whether a folder is itself where something is mounted, as this process sees it. */
export async function isMountPoint(folder: string): Promise<boolean> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  return table.split('\n').some((line) => line.split(' ')[4] === folder);
}

/** What is in a folder, but for what its file system keeps there for itself. */
export async function thingsIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => name !== 'lost+found');
}

/** The slot of an installation, from its own file or from its claim on the machine. */
export async function slotOf(folders: StateFolders): Promise<number | undefined> {
  const installation = await readInstallation(folders).catch(() => undefined);
  if (installation !== undefined) return installation.slot;
  const slots = (await claimsOf(folders.root)).flatMap((held) => /^slot-(\d+)$/.exec(held)?.[1] ?? []);
  return slots[0] === undefined ? undefined : Number(slots[0]);
}

export interface FoundProcess {
  readonly pid: number;
  readonly name: string;
}

/** Processes in the installation's control groups, and those in network namespaces that it has pinned. */
export async function findProcesses(folders: StateFolders, slot: number | undefined): Promise<readonly FoundProcess[]> {
  const pids = new Set<number>();
  for (const group of slot === undefined ? [] : await installationGroups(slot)) {
    for (const pid of await processesIn(group)) pids.add(pid);
  }
  const pinned = await pinnedNamespaces(folders);
  if (pinned.size > 0) {
    for (const pid of await allProcesses()) {
      if ((await namespacesOf(pid)).some((inode) => pinned.has(inode))) pids.add(pid);
    }
  }
  pids.delete(process.pid);
  return await Promise.all([...pids].map(async (pid) => ({ pid, name: await nameOf(pid) })));
}

export interface FoundMount {
  readonly point: string;
  /** A process that sees it. */
  readonly pid: number;
  /** It is in our own mount namespace. */
  readonly ours: boolean;
}

/** Mounts below a folder in every mount namespace that a process lives in, each namespace once. */
export async function findMounts(root: string): Promise<readonly FoundMount[]> {
  const own = await readlink('/proc/self/ns/mnt');
  const seen = new Set<string>();
  const found: FoundMount[] = [];
  for (const pid of [process.pid, ...(await allProcesses())]) {
    const namespace = await readlink(`/proc/${pid}/ns/mnt`).catch(() => undefined);
    if (namespace === undefined || seen.has(namespace)) continue;
    seen.add(namespace);
    const table = await readFile(`/proc/${pid}/mountinfo`, 'utf8').catch(() => '');
    for (const point of mountPointsBelow(table, root)) found.push({ point, pid, ours: namespace === own });
  }
  return found;
}

/**
 * Mount points below a folder, the deepest and latest first, as they must be unmounted. The folder itself may be one: the
 * disk that the operator gave the platform. That is his. Pure.
 */
export function mountPointsBelow(mountinfo: string, root: string): string[] {
  const points = mountinfo.split('\n').map((line) => line.split(' ')[4] ?? '');
  return points.filter((point) => point.startsWith(`${root}/`)).toReversed();
}

export async function findLoopDevices(root: string): Promise<readonly { device: string; file: string }[]> {
  const answer = await run(['losetup', '--list', '--json', '--output', 'NAME,BACK-FILE']).catch(() => undefined);
  return loopDevicesBelow(answer?.stdout ?? '', root);
}

/** From the output of losetup(8), which is empty when there is no device. Pure. */
export function loopDevicesBelow(json: string, root: string): { device: string; file: string }[] {
  if (json.trim() === '') return [];
  const { loopdevices } = JSON.parse(json) as { loopdevices: { name: string; 'back-file': string | null }[] };
  return loopdevices.flatMap(({ name, 'back-file': file }) =>
    file?.startsWith(`${root}/`) === true ? [{ device: name, file }] : [],
  );
}

async function findNetwork(slot: number): Promise<Leftover[]> {
  const name = interfaceName(slot);
  const found: Leftover[] = existsSync(join('/sys/class/net', name)) ? [{ kind: 'interface', what: name }] : [];
  const tables = await run(['nft', 'list', 'tables']).catch(() => undefined);
  for (const line of tables?.stdout.split('\n') ?? []) {
    if (line.endsWith(` ${name}`)) found.push({ kind: 'nftables table', what: line.replace('table ', '') });
  }
  return found;
}

/** Inodes of the network namespaces that are pinned in the nodes' folders. */
async function pinnedNamespaces(folders: StateFolders): Promise<ReadonlySet<number>> {
  const inodes = new Set<number>();
  for (const node of await readdir(folders.nodes).catch(() => [])) {
    const pin = await stat(join(folders.node(node), 'pins', 'net')).catch(() => undefined);
    const host = await stat('/proc/self/ns/net');
    if (pin !== undefined && pin.dev === host.dev && pin.ino !== host.ino) inodes.add(pin.ino);
  }
  return inodes;
}

async function namespacesOf(pid: number): Promise<number[]> {
  const inode = await stat(`/proc/${pid}/ns/net`).catch(() => undefined);
  return inode === undefined ? [] : [inode.ino];
}

async function allProcesses(): Promise<number[]> {
  return (await readdir('/proc')).map(Number).filter((pid) => Number.isInteger(pid) && pid > 0);
}

async function nameOf(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'ended')).trim();
}
