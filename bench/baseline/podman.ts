import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, readdir, rmdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ControlGroups } from '#agent/container/cgroup.ts';
import { run } from '#host/run.ts';
import { ImageLayout, MANIFEST_TYPE } from '#images/layout.ts';
import { HofjeError } from '#model/error.ts';
import { SITE_PORT } from '#model/node/address.ts';
import type { ImageDigest } from '#model/node/desired.ts';
import { ask } from '../load/ask.ts';
import { copyWebsite, type Ground, mountMemory } from './ground.ts';

export interface PodmanOrder {
  readonly layout: string;
  readonly site: ImageDigest;
  readonly files: string;
  readonly path: string;
  readonly phpChildren: number;
}

const SITE = '1000:1000';
/** In podman's default network. */
const ADDRESS = '10.88.0.10';
/** Where networks of containers are noted whatever podman is told. */
const NOTES = '/var/lib/cni';
const NAME = 'site';
const READY_MS = 20_000;
const POLL_MS = 1;

/** Podman with its state on the baseline's disk. */
export class Podman {
  readonly #options: readonly string[];
  readonly #order: PodmanOrder;
  readonly #home: string;
  readonly #group: string;
  #image = '';

  private constructor(order: PodmanOrder, store: string, home: string) {
    this.#order = order;
    this.#home = home;
    this.#group = `/hofje-bench-${randomBytes(6).toString('hex')}`;
    this.#options = [
      ...['--root', join(store, 'root'), '--runroot', join(store, 'run'), '--tmpdir', join(store, 'tmp')],
      ...['--runtime', 'crun', '--cgroup-manager', 'cgroupfs', '--events-backend', 'none'],
      ...['--network-config-dir', join(store, 'networks')],
    ];
  }

  /** Imports the image. Throws where podman cannot work here. */
  static async begin(ground: Ground, order: PodmanOrder): Promise<Podman> {
    // What podman, conmon and crun leave behind lies in memory that goes with the mount namespace.
    await mkdir(NOTES, { recursive: true });
    for (const folder of ['/run', '/dev/shm', NOTES]) await mountMemory(folder, 'mode=755');
    // With groups of both versions crun refuses to work.
    await run(['umount', '--', '/sys/fs/cgroup/unified'], { accept: [0, 1, 32] });
    const store = await ground.folderOnDisk('podman', 0);
    const podman = new Podman(order, store, await copyWebsite(ground, order.files));
    const { stdout } = await podman.#run(['pull', '--quiet', `oci:${await podman.#publish(store)}:${NAME}`]);
    podman.#image = stdout.trim();
    return podman;
  }

  /** Milliseconds from nothing to the first page. The container goes on. */
  async start(): Promise<number> {
    const begun = performance.now();
    await this.#run([
      ...['run', '--detach', '--name', NAME, '--cgroup-parent', this.#group, '--ip', ADDRESS, '--user', SITE],
      ...[
        '--read-only',
        '--tmpfs',
        '/run:mode=1777,exec',
        '--tmpfs',
        '/tmp:mode=1777',
        '--volume',
        `${this.#home}:/home/site`,
      ],
      ...['--env', `HOFJE_PHP_CHILDREN=${this.#order.phpChildren}`, this.#image],
    ]);
    for (const deadline = Date.now() + READY_MS; Date.now() < deadline; await pause(POLL_MS)) {
      const answer = await ask(`http://${ADDRESS}:${SITE_PORT}${this.#order.path}`).catch(() => undefined);
      if (answer?.status === 200) return performance.now() - begun;
    }
    throw new HofjeError('bench.podman', 'the site in podman does not answer');
  }

  /** Milliseconds of `true` in the container that runs. */
  async exec(): Promise<number> {
    const begun = performance.now();
    await this.#run(['exec', '--user', SITE, NAME, 'true']);
    return performance.now() - begun;
  }

  async remove(): Promise<void> {
    await this.#run(['rm', '--force', '--time', '0', NAME]);
  }

  async end(): Promise<void> {
    await this.remove().catch(() => undefined);
    const groups = await ControlGroups.find();
    await groups.kill(this.#group);
    for (const { root } of groups.hierarchies) await removeGroups(join(root, this.#group));
  }

  /** An image layout that names the one image, since podman asks for a name; its blobs are those of the platform's. */
  async #publish(store: string): Promise<string> {
    const { layout, site } = this.#order;
    const folder = join(store, 'layout');
    await mkdir(folder);
    await copyFile(join(layout, 'oci-layout'), join(folder, 'oci-layout'));
    await symlink(join(layout, 'blobs'), join(folder, 'blobs'));
    const { size } = await stat(new ImageLayout(layout).blobPath(site));
    const annotations = { 'org.opencontainers.image.ref.name': NAME };
    const manifests = [{ mediaType: MANIFEST_TYPE, digest: site, size, annotations }];
    await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
    return folder;
  }

  async #run(args: readonly string[]) {
    return await run(['podman', ...this.#options, ...args], { timeoutMs: 180_000 });
  }
}

/** A group without processes, and all below it. */
async function removeGroups(path: string): Promise<void> {
  const names = await readdir(path, { withFileTypes: true }).catch(() => []);
  for (const name of names) if (name.isDirectory()) await removeGroups(join(path, name.name));
  await rmdir(path).catch(() => undefined);
}
