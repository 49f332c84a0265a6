/**
 * A node with one service in it and nothing else: the real image, container, disk and user namespace. Runs as a program of
 * its own in a private mount namespace (see `service.ts`): `lone-service.ts ORDER`, an order being a JSON `LoneOrder`.
 * Prints `ready`, then obeys lines on standard input until that ends, and takes everything down again.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ControlGroups } from '#agent/container/cgroup.ts';
import type { ServiceInstance } from '#agent/container/instance.ts';
import { Runtime } from '#agent/container/runtime.ts';
import { mailCommandProcess } from '#agent/container/spec.ts';
import { ensureUserNamespace } from '#agent/container/user-namespace.ts';
import { ensureNamespace, removeNamespace } from '#agent/network/namespace.ts';
import { nodeFolders } from '#agent/node/folders.ts';
import { closeStorage, openStorage } from '#agent/storage/storage.ts';
import { HOST_ENVIRONMENT, run } from '#host/run.ts';
import { unpackImage } from '#images/unpack.ts';
import { makeId, opaqueName } from '#model/id.ts';
import type { ImageDigest } from '#model/node/desired.ts';

export interface LoneOrder {
  readonly kind: 'edge' | 'mail';
  readonly layout: string;
  readonly digest: ImageDigest;
  /** The node's folder to be. */
  readonly root: string;
  /** Name of the link's near end; SERVICE_GATEWAY's part is played by the test. */
  readonly linkName: string;
  readonly address: string;
  readonly gateway: string;
  readonly hostname: string;
  /** First of the ids inside. */
  readonly uidBase: number;
  /** Subvolumes to make, by path below the disk. */
  readonly subvolumes: Readonly<Record<string, { readonly owner: number; readonly limitBytes?: number }>>;
}

/** One line on standard input, answered by one line of JSON on standard output. */
export type LoneRequest =
  | { readonly do: 'exec'; readonly argv: readonly string[]; readonly uid: number; readonly input?: string }
  /** SIGKILL to all processes inside that run this program. */
  | { readonly do: 'kill'; readonly program: string }
  | { readonly do: 'restart' }
  | { readonly do: 'subvolume'; readonly path: string; readonly owner: number; readonly limitBytes?: number };

const DISK_BYTES = 3 * 1024 ** 3;
const GRACE_MS = 10_000;

async function main(order: LoneOrder): Promise<void> {
  // crun refuses a machine with both versions of control groups; this mount namespace is ours.
  await run(['umount', '/sys/fs/cgroup/unified'], { accept: [0, 1, 32] });
  const folders = nodeFolders(order.root);
  await makeFolder(folders.root, 0, 0o711);
  await makeFolder(folders.pins, 0, 0o700);
  await makeFolder(join(folders.gate, order.kind), 0, 0o755);
  const storage = await openStorage(folders, { sizeBytes: DISK_BYTES });
  const groupsPath = `/hofje-test-${opaqueName(randomBytes(20))}`;
  const runtime = await Runtime.open({
    crun: folders.crun,
    work: join(folders.run, 'work'),
    groups: await ControlGroups.find(),
  });
  const userNamespace = join(folders.pins, 'user');
  const instance = plan(order, groupsPath, userNamespace);
  const subvolume = (path: string, { owner, limitBytes }: { owner: number; limitBytes?: number }) => {
    const id = order.uidBase + owner;
    const limit = limitBytes === undefined ? {} : { limitBytes };
    return storage.ensureSubvolume(join(folders.disk, path), { uid: id, gid: id, mode: 0o711, ...limit });
  };
  try {
    await layLink(order);
    for (const [path, wish] of Object.entries(order.subvolumes)) await subvolume(path, wish);
    await mkdir(folders.images, { recursive: true });
    await unpackImage({
      layout: order.layout,
      digest: order.digest,
      destination: instance.rootfs,
      uidBase: order.uidBase,
    });
    await ensureUserNamespace({ imageUidBase: order.uidBase, pin: userNamespace });
    await runtime.start(instance);
    console.log('ready');
    for await (const line of createInterface({ input: process.stdin })) {
      const request = JSON.parse(line) as LoneRequest;
      console.log(JSON.stringify((await obey(request)) ?? null));
    }
  } finally {
    await takeDown([
      () => runtime.stop(instance, GRACE_MS),
      () => runtime.groups.remove(groupsPath),
      () => run(['umount', '--', userNamespace], { accept: [0, 1, 32] }),
      () => removeLink(order),
      () => closeStorage(folders),
      // Device nodes that the runtime laid over `/dev` of this mount namespace.
      () => run(['umount', '--lazy', '--', join(runtime.work, '.dev')], { accept: [0, 1, 32] }),
      () => rm(folders.root, { recursive: true, force: true }),
    ]);
  }

  async function obey(request: LoneRequest): Promise<unknown> {
    switch (request.do) {
      case 'exec':
        return await execInside(runtime, instance, request);
      case 'kill':
        return await killInside(runtime, instance, request.program);
      case 'restart':
        await runtime.stop(instance, GRACE_MS);
        await runtime.start(instance);
        return undefined;
      case 'subvolume':
        return await subvolume(request.path, request);
    }
  }
}

function plan(order: LoneOrder, groupsPath: string, userNamespace: string): ServiceInstance {
  const { root, kind } = order;
  const { disk, gate } = nodeFolders(root);
  const name = opaqueName(randomBytes(20));
  const base = {
    id: makeId('instance', randomBytes(20)),
    name,
    rootfs: join(disk, 'images', kind),
    cgroup: `${groupsPath}/${name}`,
    userNamespace,
    networkNamespace: networkPin(root),
    hostname: order.hostname,
    limits: { whole: {}, web: {}, entries: {} },
  };
  const spool = join(disk, 'spool', kind === 'edge' ? 'edge' : 'exim');
  const log = join(disk, 'log', kind);
  if (kind === 'edge') return { ...base, kind, folders: { wake: join(gate, 'edge'), spool, log } };
  const lookup = join(disk, 'lookup', 'mail');
  return { ...base, kind, folders: { lmtp: join(gate, 'mail'), lookup, spool, mail: join(disk, 'mail'), log } };
}

/** Every step is tried; what failed is told. */
async function takeDown(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const step of steps) {
    await step().catch((error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    });
  }
}

const networkPin = (root: string) => join(nodeFolders(root).pins, 'net');

/** A network namespace for the service, whose only way out is a link to the test. */
async function layLink({ root, linkName, address, gateway }: LoneOrder): Promise<void> {
  const pin = networkPin(root);
  await ensureNamespace(pin, { 'net.ipv4.ip_unprivileged_port_start': 0 });
  const far = `${linkName}f`;
  const ip = (...args: string[]) => run(['ip', ...args]);
  await ip('link', 'add', linkName, 'type', 'veth', 'peer', 'name', far);
  await run(['ip', 'link', 'set', far, 'netns', pin]);
  await ip('addr', 'add', `${gateway}/32`, 'dev', linkName);
  await ip('link', 'set', linkName, 'up');
  await ip('route', 'add', `${address}/32`, 'dev', linkName, 'src', gateway);
  const inside = (...args: string[]) => run(['nsenter', `--net=${pin}`, '--', 'ip', ...args]);
  await inside('link', 'set', 'lo', 'up');
  await inside('addr', 'add', `${address}/32`, 'dev', far);
  await inside('link', 'set', far, 'up');
  await inside('route', 'add', `${gateway}/32`, 'dev', far);
  await inside('route', 'add', 'default', 'via', gateway, 'dev', far);
}

async function removeLink({ root, linkName }: LoneOrder): Promise<void> {
  await run(['ip', 'link', 'del', linkName], { accept: [0, 1] });
  await removeNamespace(networkPin(root));
}

async function execInside(
  runtime: Runtime,
  instance: ServiceInstance,
  request: { readonly argv: readonly string[]; readonly uid: number; readonly input?: string },
): Promise<{ code: number; stdout: string; stderr: string }> {
  const file = join(runtime.work, `process-${randomBytes(4).toString('hex')}.json`);
  await writeFile(file, JSON.stringify(mailCommandProcess({ ...request, filesMax: runtime.filesMax })));
  const child = spawn(
    'crun',
    ['--root', runtime.crun, '--cgroup-manager=cgroupfs', 'exec', '--process', file, instance.name],
    { env: HOST_ENVIRONMENT, cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] },
  );
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end(request.input ?? '');
  const code = await new Promise<number>((resolve) => child.on('close', (status) => resolve(status ?? -1)));
  await rm(file);
  return { code, stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') };
}

async function killInside(runtime: Runtime, instance: ServiceInstance, program: string): Promise<number[]> {
  const killed: number[] = [];
  for (const pid of await runtime.groups.processes(instance.cgroup)) {
    const { stdout } = await run(['cat', `/proc/${pid}/comm`], { accept: [0, 1] });
    if (stdout.trim() !== program) continue;
    process.kill(pid, 'SIGKILL');
    killed.push(pid);
  }
  return killed;
}

/** The folders that the agent or the gate would have made. */
export async function makeFolder(path: string, owner: number, mode: number): Promise<void> {
  await mkdir(path, { recursive: true });
  await chown(path, owner, owner);
  await chmod(path, mode);
}

if (process.argv[1] === import.meta.filename) await main(JSON.parse(process.argv[2] ?? '') as LoneOrder);
