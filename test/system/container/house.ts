/**
 * A node with real sites in real containers, and nothing else: disk, image, namespaces, groups, runtime and door, without
 * network, edge or control plane. Its functions run in a `Resident` that has a mount namespace of its own; what they take
 * and return is JSON.
 */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { ControlGroups } from '#agent/container/cgroup.ts';
import { crunArgv } from '#agent/container/crun.ts';
import type { GroupUsage } from '#agent/container/group-counts.ts';
import type { SiteInstance } from '#agent/container/instance.ts';
import { siteLimits } from '#agent/container/limits.ts';
import { Runtime } from '#agent/container/runtime.ts';
import { entryProcess } from '#agent/container/spec.ts';
import { ensureUserNamespace } from '#agent/container/user-namespace.ts';
import { type Doorkeeper, makeEnter, type TerminalSize } from '#agent/door/enter.ts';
import { ensureNamespace, inside, removeNamespace } from '#agent/network/namespace.ts';
import { nodeFolders } from '#agent/node/folders.ts';
import { closeStorage, openStorage } from '#agent/storage/storage.ts';
import { run } from '#host/run.ts';
import { unpackImage } from '#images/unpack.ts';
import { DOORS } from '#model/door/door.ts';
import type { Outcome } from '#model/door/outcome.ts';
import { makeId, opaqueName, type SiteId } from '#model/id.ts';
import type { ImageDigest } from '#model/node/desired.ts';
import { PLANS, type PlanLimits } from '#model/plan/plan.ts';

export interface HouseOrder {
  /** The node's folder to be. */
  readonly root: string;
  readonly layout: string;
  readonly digest: ImageDigest;
  /** How many sites there are; they are called 0, 1, ... */
  readonly sites: number;
  readonly limits?: Partial<PlanLimits>;
  /**
   * Control groups as a machine without version 1 has them. Here the controllers belong to version 1, so there are no
   * limits then; all else is as on such a machine.
   */
  readonly onlyVersion2?: true;
  /** Seconds after which the door `mail-pipe` ends an entry; the others keep theirs. */
  readonly pipeSeconds?: number;
}

interface House {
  readonly order: HouseOrder;
  readonly group: string;
  readonly runtime: Runtime;
  readonly doorkeeper: Doorkeeper;
  readonly sites: readonly { readonly id: SiteId; readonly plan: SiteInstance; readonly entriesMax: number }[];
}

/** Out of the way of every real installation's ids. */
export const IMAGE_UIDS = 0x7f10_0000;
const FIRST_SITE_UID = 0x7f20_0000;
const DISK_BYTES = 2 * 1024 ** 3;

let house: House;

export async function begin(order: HouseOrder): Promise<void> {
  if (order.onlyVersion2 === true) await mountVersion2();
  else await run(['umount', '/sys/fs/cgroup/unified'], { accept: [0, 1, 32] });
  try {
    house = await build(order);
  } catch (error) {
    await closeStorage(nodeFolders(order.root));
    throw error;
  }
}

async function mountVersion2(): Promise<void> {
  await run(['umount', '--recursive', '--', '/sys/fs/cgroup']);
  await run(['mount', '-t', 'cgroup2', '--', 'cgroup2', '/sys/fs/cgroup']);
}

const UNLIMITED = { whole: {}, web: {}, entries: {} } as const;

async function build(order: HouseOrder): Promise<House> {
  const folders = nodeFolders(order.root);
  await mkdir(folders.pins, { recursive: true, mode: 0o700 });
  await chmod(folders.root, 0o711);
  const storage = await openStorage(folders, { sizeBytes: DISK_BYTES });
  await mkdir(folders.images, { recursive: true });
  const rootfs = join(folders.images, 'site');
  await unpackImage({ layout: order.layout, digest: order.digest, destination: rootfs, uidBase: IMAGE_UIDS });
  await mkdir(folders.submission, { recursive: true });
  await run(['mount', '-t', 'tmpfs', '-o', 'size=1m,mode=711', '--', 'tmpfs', folders.submission]);
  const group = `/hofje-test-${opaqueName(randomBytes(20))}`;
  const sites = await Promise.all(
    Array.from({ length: order.sites }, async (_, index) => {
      const name = opaqueName(randomBytes(20));
      const uid = FIRST_SITE_UID + index;
      const limits = { ...PLANS[0].limits, ...order.limits };
      const plan: SiteInstance = {
        kind: 'site',
        id: makeId('instance', randomBytes(20)),
        name,
        rootfs,
        cgroup: join(group, name),
        userNamespace: join(folders.pins, name, 'user'),
        networkNamespace: join(folders.pins, name, 'net'),
        hostname: `site${index}.example`,
        limits: order.onlyVersion2 === true ? UNLIMITED : siteLimits(limits),
        uid,
        home: join(folders.sites, name),
        submission: join(folders.submission, name),
      };
      await mkdir(join(folders.pins, name), { mode: 0o700 });
      await mkdir(plan.submission);
      await ensureNamespace(plan.networkNamespace, { 'net.ipv4.ip_forward': 0 });
      await run([...inside(plan.networkNamespace), 'ip', 'link', 'set', 'lo', 'up']);
      await ensureUserNamespace({ imageUidBase: IMAGE_UIDS, siteUid: uid, pin: plan.userNamespace });
      await storage.ensureSubvolume(plan.home, { uid, gid: uid, mode: 0o711, limitBytes: limits.diskBytes });
      return { id: makeId('site', randomBytes(20)), plan, entriesMax: limits.entries };
    }),
  );
  const groups = await ControlGroups.find();
  const runtime = await Runtime.open({ crun: folders.crun, work: join(folders.run, 'work'), groups });
  const quick = { timeLimitSeconds: order.pipeSeconds ?? DOORS['mail-pipe'].timeLimitSeconds };
  const doors = { ...DOORS, 'mail-pipe': quick };
  const doorkeeper = makeEnter({ runtime, work: join(folders.run, 'entries'), doors });
  return { order, group, runtime, doorkeeper, sites };
}

/** Takes all down; what is left over is the answer: names of groups, of mounts, of entries' files. */
export async function end(): Promise<readonly string[]> {
  const folders = nodeFolders(house.order.root);
  for (const { plan } of house.sites) await house.runtime.stop(plan, 0);
  house.doorkeeper.close();
  const left = [
    ...house.runtime.groups.children(house.group).map((name) => `group ${name}`),
    ...(await readdir(join(folders.run, 'entries')).catch(() => [])).map((name) => `entry ${name}`),
    ...(await house.runtime.names()).map((name) => `container ${name}`),
  ];
  await house.runtime.groups.remove(house.group);
  for (const { plan } of house.sites) {
    await removeNamespace(plan.networkNamespace);
    await run(['umount', '--', plan.userNamespace]);
  }
  await closeStorage(folders);
  await run(['umount', '--', folders.submission]);
  await rm(folders.root, { recursive: true, force: true });
  return left;
}

function site(index: number): House['sites'][number] {
  const found = house.sites[index];
  if (found === undefined) throw new RangeError(`there is no site ${index}`);
  return found;
}

/** Milliseconds that the start took. */
export async function start(index: number): Promise<number> {
  const begun = performance.now();
  await house.runtime.start(site(index).plan);
  return performance.now() - begun;
}

export async function stop(index: number, graceMs: number): Promise<void> {
  await house.runtime.stop(site(index).plan, graceMs);
}

export function isRunning(index: number): boolean {
  return house.runtime.isRunning(site(index).plan);
}

export function firstProcess(index: number): number | undefined {
  return house.runtime.pidOf(site(index).plan);
}

/** A runtime that knows nothing but what lies on the machine, as after the agent's death. */
export async function isFoundByAnother(index: number): Promise<boolean> {
  const { crun, work, groups } = house.runtime;
  return (await Runtime.open({ crun, work, groups })).isRunning(site(index).plan);
}

export async function endStrays(index: number): Promise<void> {
  await house.doorkeeper.endStrays(site(index).plan);
}

/** Bytes in the files of entries that run. */
export async function entryFilesBytes(): Promise<number> {
  const folder = join(nodeFolders(house.order.root).run, 'entries');
  const { stdout } = await run(['du', '--summarize', '--bytes', '--', folder]);
  return Number.parseInt(stdout, 10);
}

export function usage(index: number, below: string): GroupUsage {
  return house.runtime.groups.usage(join(site(index).plan.cgroup, below));
}

/** Names of the groups below the site's, and the processes in all of them. */
export function groupsOf(
  index: number,
  below = '',
): { readonly children: readonly string[]; readonly pids: readonly number[] } {
  const path = join(site(index).plan.cgroup, below);
  return { children: house.runtime.groups.children(path), pids: house.runtime.groups.processes(path) };
}

/** A file of every hierarchy that has it in the site's group. */
export async function readGroupFile(index: number, below: string, file: string): Promise<string> {
  for (const { root } of house.runtime.groups.hierarchies) {
    const text = await readFile(join(root, site(index).plan.cgroup, below, file), 'utf8').catch(() => undefined);
    if (text !== undefined) return text.trim();
  }
  throw new Error(`no hierarchy has ${file}`);
}

export async function mountsOf(pid: number): Promise<string> {
  return await readFile(`/proc/${pid}/mountinfo`, 'utf8');
}

export async function namespacesOf(pid: number): Promise<Readonly<Record<string, string>>> {
  const kinds = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'];
  return Object.fromEntries(
    await Promise.all(kinds.map(async (kind) => [kind, await readlink(`/proc/${pid}/ns/${kind}`)])),
  );
}

export function kill(pid: number, signal: NodeJS.Signals): void {
  process.kill(pid, signal);
}

export interface Wish {
  readonly site?: number;
  readonly door?: 'mail-pipe' | 'exec';
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Absent: no input at all. */
  readonly stdin?: string;
  /** Bytes of zeros instead. */
  readonly stdinBytes?: number;
  /** The input does not end by itself. */
  readonly holdStdin?: true;
  readonly terminal?: TerminalSize;
  /** Nothing takes the output. */
  readonly deaf?: true;
  /** Names this entry for `type`, `resize`, `abort`, `seen`. */
  readonly name?: string;
}

export interface Visit {
  readonly outcome: Outcome;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

interface Guest {
  readonly controller: AbortController;
  readonly stdin: PassThrough;
  readonly stdout: Collector;
  resize: ((size: TerminalSize) => void) | undefined;
}

const guests = new Map<string, Guest>();

class Collector extends Writable {
  readonly #deaf: boolean;
  readonly #chunks: Buffer[] = [];

  constructor(deaf: boolean) {
    super({ highWaterMark: 64 * 1024 });
    this.#deaf = deaf;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    if (!this.#deaf) done();
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}

export async function enter(wish: Wish): Promise<Visit> {
  const { id, plan, entriesMax } = site(wish.site ?? 0);
  const [stdout, stderr] = [new Collector(wish.deaf ?? false), new Collector(wish.deaf ?? false)];
  const guest: Guest = { controller: new AbortController(), stdin: new PassThrough(), stdout, resize: undefined };
  if (wish.name !== undefined) guests.set(wish.name, guest);
  const { terminal, argv, env = {} } = wish;
  const begun = performance.now();
  const outcome = await house.doorkeeper.enter(
    { site: id, instance: plan, entriesMax },
    wish.door ?? 'exec',
    { argv, env, ...(terminal === undefined ? {} : { terminal }) },
    {
      stdin: input(wish, guest.stdin),
      stdout,
      stderr,
      onResize: (listener) => {
        guest.resize = listener;
      },
    },
    guest.controller.signal,
  );
  if (wish.name !== undefined) guests.delete(wish.name);
  return { outcome, stdout: stdout.text(), stderr: stderr.text(), ms: performance.now() - begun };
}

function input(wish: Wish, held: PassThrough): Readable | null {
  if (wish.stdinBytes !== undefined) return zeros(wish.stdinBytes);
  if (wish.holdStdin !== true) return wish.stdin === undefined ? null : Readable.from([Buffer.from(wish.stdin)]);
  if (wish.stdin !== undefined) held.write(wish.stdin);
  return held;
}

function zeros(bytes: number): Readable {
  let left = bytes;
  const block = Buffer.alloc(64 * 1024);
  return new Readable({
    read() {
      const size = Math.min(left, block.length);
      left -= size;
      this.push(size === 0 ? null : block.subarray(0, size));
    },
  });
}

export function type(name: string, text: string): void {
  guests.get(name)?.stdin.write(text);
}

export function resize(name: string, size: TerminalSize): void {
  guests.get(name)?.resize?.(size);
}

export function abort(name: string): void {
  guests.get(name)?.controller.abort();
}

/** The caller vanishes in the middle of its input. */
export function breakInput(name: string): void {
  guests.get(name)?.stdin.destroy();
}

/** The output so far; undefined when the entry has ended or has not begun. */
export function seen(name: string): string | undefined {
  return guests.get(name)?.stdout.text();
}

/** Resident memory of the process that holds the door, bytes. */
export function ownMemory(): number {
  return process.memoryUsage().rss;
}

/** Milliseconds of each of some runs: a plain `crun exec`, and the door. */
export async function race(
  index: number,
  rounds: number,
): Promise<{ readonly bare: number[]; readonly door: number[] }> {
  const { plan } = site(index);
  const file = join(house.runtime.work, 'bare.json');
  await writeFile(file, JSON.stringify(entryProcess({ argv: ['true'], env: {}, filesMax: 1024 })));
  const call = { root: house.runtime.crun, log: '/dev/null' };
  const argv = crunArgv(call, ['exec', '--process', file, '--cgroup', 'web', plan.name]);
  const timed = async (work: () => Promise<unknown>) => {
    const begun = performance.now();
    await work();
    return performance.now() - begun;
  };
  const [bare, door]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    bare.push(await timed(() => run(['crun', ...argv])));
    door.push(await timed(() => enter({ site: index, argv: ['true'] })));
  }
  return { bare, door };
}
