import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeFolders } from '#agent/node/folders.ts';
import type { Ledger, SiteRecord } from '#agent/node/ledger.ts';
import { insideNode } from '#agent/node/namespaces.ts';
import { makeLeaf } from '#control/pki/authority.ts';
import { HOST_ENVIRONMENT, run } from '#host/run.ts';
import { listImages } from '#images/list.ts';
import { makeId, type SiteId } from '#model/id.ts';
import { nodeLink, platformUid, SLOTS } from '#model/node/address.ts';
import type { DesiredState, HostWish, ImageDigest, SiteWish } from '#model/node/desired.ts';
import { PLANS } from '#model/plan/plan.ts';
import { FakeControl } from './fake-control.ts';

const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));
const CACHE = process.env['HOFJE_CACHE'] ?? '/var/cache/hofje';
const CONTROL_PORT = 7443;
/** Where to keep the agent's log for whoever looks for a mistake. */
const KEEP_LOG = process.env['HOFJE_TEST_AGENT_LOG'];
const GiB = 1024 ** 3;

export interface TestImages {
  readonly edge: ImageDigest;
  readonly mail: ImageDigest;
  readonly site: ImageDigest;
}

/** The newest images that were built on this machine. */
export async function builtImages(): Promise<TestImages> {
  const newest = new Map<string, ImageDigest>();
  for (const { kind, digest } of await listImages(CACHE)) newest.set(kind, digest);
  const [edge, mail, site] = ['edge', 'mail', 'site-php8.2'].map((kind) => newest.get(kind));
  if (edge === undefined || mail === undefined || site === undefined) throw new Error('the images are not built');
  return { edge, mail, site };
}

/** A node with its agent and gate, as the platform starts them, and a control plane of the test's own. */
export class TestNode {
  readonly root: string;
  readonly slot: number;
  readonly control: FakeControl;
  readonly images: TestImages;
  #agent: ChildProcess | undefined;
  #gate: ChildProcess | undefined;

  private constructor(root: string, slot: number, control: FakeControl, images: TestImages) {
    this.root = root;
    this.slot = slot;
    this.control = control;
    this.images = images;
  }

  static async make(config: Record<string, unknown> = {}): Promise<TestNode> {
    const images = await builtImages();
    const root = await mkdtemp('/var/tmp/hofje-agent-');
    const slot = freeSlot();
    const control = await FakeControl.make();
    const node = new TestNode(root, slot, control, images);
    await node.#configure(config);
    control.want(node.#emptyWish());
    return node;
  }

  get folders() {
    return nodeFolders(this.root);
  }

  get address(): string {
    return nodeLink(this.slot).node;
  }

  get agentPid(): number {
    const pid = this.#agent?.pid;
    if (pid === undefined) throw new Error('no agent was started');
    return pid;
  }

  async start(): Promise<void> {
    this.control.reports.length = 0;
    await this.startAgent();
    await this.listenControl();
    await this.startGate();
    await until('the services run', () =>
      (['edge', 'mail'] as const).every((kind) => this.serviceState(kind) === 'running'),
    );
  }

  serviceState(kind: 'edge' | 'mail'): string | undefined {
    return this.control.report?.services.find((one) => one.kind === kind)?.state;
  }

  /** The control plane listens on the machine's end of the node's link, which the agent's start makes. */
  async listenControl(): Promise<void> {
    const { host } = nodeLink(this.slot);
    await until('the link to the node', () => existsSync(`/sys/class/net/hofje${this.slot}`));
    await untilDone('the control plane listens', () => this.control.listen(host, CONTROL_PORT));
  }

  async startAgent(): Promise<void> {
    const log = await open(join(this.root, 'agent.log'), 'a');
    this.#agent = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', join(PROJECT, 'packages/agent/node/boot.ts'), '--root', this.root],
      { env: HOST_ENVIRONMENT, stdio: ['ignore', log.fd, log.fd] },
    );
    await log.close();
  }

  async startGate(): Promise<void> {
    await until('the pin of the network', () => existsSync(this.folders.agentSocket));
    const uid = platformUid(this.slot, 'gate');
    const log = await open(join(this.root, 'gate.log'), 'a');
    const setpriv = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--no-new-privs', '--'];
    const gate = [process.execPath, '--disable-warning=ExperimentalWarning', join(PROJECT, 'packages/gate/main.ts')];
    const [nsenter, ...args] = insideNode(this.folders);
    this.#gate = spawn(nsenter, [...args, ...setpriv, ...gate, '--config', join(this.root, 'gate.json')], {
      env: HOST_ENVIRONMENT,
      stdio: ['ignore', log.fd, log.fd],
    });
    await log.close();
    await until('the gate listens', () => existsSync(join(this.folders.gate, 'edge', 'wake.sock')));
  }

  async endAgent(signal: NodeJS.Signals): Promise<void> {
    const agent = this.#agent;
    if (agent === undefined || agent.exitCode !== null || agent.signalCode !== null) return;
    const ended = new Promise((resolve) => agent.once('exit', resolve));
    agent.kill(signal);
    await ended;
  }

  async endGate(): Promise<void> {
    const gate = this.#gate;
    if (gate === undefined || gate.exitCode !== null || gate.signalCode !== null) return;
    const ended = new Promise((resolve) => gate.once('exit', resolve));
    gate.kill('SIGKILL');
    await ended;
  }

  async destroy(): Promise<void> {
    if (KEEP_LOG !== undefined) await copyFile(join(this.root, 'agent.log'), KEEP_LOG).catch(() => undefined);
    await this.endGate();
    await this.control.close();
    await run([process.execPath, join(PROJECT, 'packages/agent/node/teardown.ts'), '--root', this.root, '--purge']);
  }

  async log(): Promise<string> {
    return await readFile(join(this.root, 'agent.log'), 'utf8');
  }

  /** What a site may be; nothing of it is sent to the node yet. */
  async siteWish(name: string, changes: Partial<SiteWish> = {}): Promise<SiteWish> {
    return {
      id: makeId('site', randomBytes(20)),
      image: this.images.site,
      limits: { ...PLANS[0].limits, idleSeconds: 0 },
      suspended: false,
      primaryName: name,
      hosts: [await this.hostWish(name)],
      ...changes,
    };
  }

  async hostWish(name: string): Promise<HostWish> {
    const serial = randomBytes(16);
    const request = { commonName: name, names: [name], use: 'server', days: 1, now: new Date(), serial } as const;
    const { chain, key } = await makeLeaf(this.control.authority, request);
    return { name, redirectToHttps: false, certificate: { chain, key } };
  }

  /** Changes the wish, and waits until the node says that it is applied for these sites. */
  async apply(changes: Partial<DesiredState>, sites: readonly SiteId[] = []): Promise<void> {
    const revision = this.control.change(changes);
    await until(`revision ${revision} is applied`, () => {
      const report = this.control.report;
      const applied = sites.map((id) => report?.sites.find((site) => site.id === id)?.applied ?? 0);
      return sites.length === 0 ? (report?.revision ?? 0) >= revision : applied.every((one) => one >= revision);
    });
  }

  async addSites(...wishes: readonly SiteWish[]): Promise<void> {
    const sites = [...this.control.desired.sites, ...wishes];
    await this.apply(
      { sites },
      wishes.map((wish) => wish.id),
    );
  }

  async replaceSite(wish: SiteWish): Promise<void> {
    const sites = this.control.desired.sites.map((one) => (one.id === wish.id ? wish : one));
    await this.apply({ sites }, [wish.id]);
  }

  site(id: SiteId) {
    return this.control.report?.sites.find((site) => site.id === id);
  }

  /** Processes of a site's current container, its first one first. */
  async pidsOf(id: SiteId): Promise<readonly number[]> {
    const { instances = [] } = await this.record(id);
    const current = instances.find((one) => one.phase === 'current');
    const group = `/sys/fs/cgroup/freezer/hofje-${this.slot}/node1/${current?.name}/web/cgroup.procs`;
    const text = await readFile(group, 'utf8').catch(() => '');
    return text.split('\n').filter(Boolean).map(Number);
  }

  /** What the kernel lets a site's current container have, bytes. */
  async memoryLimitOf(id: SiteId): Promise<number> {
    const { instances = [] } = await this.record(id);
    const current = instances.find((one) => one.phase === 'current');
    const group = `/sys/fs/cgroup/memory/hofje-${this.slot}/node1/${current?.name}`;
    return Number(await readFile(`${group}/memory.limit_in_bytes`, 'utf8'));
  }

  /** How many entries of a site run. */
  async entriesOf(id: SiteId): Promise<number> {
    const { instances = [] } = await this.record(id);
    const groups = instances.map(({ name }) => `/sys/fs/cgroup/freezer/hofje-${this.slot}/node1/${name}/entry`);
    const found = await Promise.all(groups.map((group) => readdir(group, { withFileTypes: true }).catch(() => [])));
    return found.flat().filter((entry) => entry.isDirectory()).length;
  }

  /** How many entries of a site have processes. */
  async entriesWithProcesses(id: SiteId): Promise<number> {
    const { instances = [] } = await this.record(id);
    const groups = instances.map(({ name }) => `/sys/fs/cgroup/freezer/hofje-${this.slot}/node1/${name}/entry`);
    const files: string[] = [];
    for (const group of groups) {
      const names = await readdir(group).catch(() => []);
      files.push(...names.map((name) => join(group, name, 'cgroup.procs')));
    }
    const texts = await Promise.all(files.map(async (file) => await readFile(file, 'utf8').catch(() => '')));
    return texts.filter((text) => text !== '').length;
  }

  async record(id: SiteId): Promise<Partial<SiteRecord>> {
    const ledger = JSON.parse(await readFile(this.folders.ledger, 'utf8')) as Ledger;
    return ledger.sites[id] ?? {};
  }

  /** Home folder of a site, as the node's own mount namespace has it. */
  async home(id: SiteId): Promise<string> {
    const { folder } = await this.record(id);
    if (folder === undefined) throw new Error(`${id} is not in the ledger`);
    return join(this.folders.sites, folder);
  }

  /** Whether a path exists in the node's own mount namespace. */
  async existsInside(path: string): Promise<boolean> {
    const [nsenter, ...args] = insideNode(this.folders);
    return (await run([nsenter, ...args, 'test', '-e', path], { accept: [0, 1] })).code === 0;
  }

  /** Names in a folder in the node's own mount namespace. */
  async listInside(path: string): Promise<readonly string[]> {
    const [nsenter, ...args] = insideNode(this.folders);
    return (await run([nsenter, ...args, 'ls', '--', path])).stdout.split('\n').filter(Boolean);
  }

  /** Bytes of a file in the node's own mount namespace; undefined when it is not there. */
  async sizeInside(path: string): Promise<number | undefined> {
    const [nsenter, ...args] = insideNode(this.folders);
    const { code, stdout } = await run([nsenter, ...args, 'stat', '--format=%s', '--', path], { accept: [0, 1] });
    return code === 0 ? Number(stdout) : undefined;
  }

  /** Images of this machine that are not the newest of their kind, the newest of them first. */
  async olderImages(kind: string): Promise<readonly ImageDigest[]> {
    const newest = Object.values(this.images);
    const all = (await listImages(CACHE)).filter((image) => image.kind === kind);
    return all
      .map(({ digest }) => digest)
      .filter((digest) => !newest.includes(digest))
      .toReversed();
  }

  /** Writes a file into a site's home, as the site's owner would have. */
  async writeFile(id: SiteId, path: string, content: string): Promise<void> {
    const [nsenter, ...args] = insideNode(this.folders);
    const target = join(await this.home(id), path);
    await run([nsenter, ...args, 'mkdir', '-p', join(target, '..')]);
    await run([nsenter, ...args, 'tee', '--', target], { input: content });
  }

  async #configure(changes: Record<string, unknown>): Promise<void> {
    const { folders, control, slot } = this;
    const gateUid = platformUid(slot, 'gate');
    await chmod(this.root, 0o711);
    await mkdir(folders.identity, { mode: 0o700 });
    await writeFile(join(folders.identity, 'enrol-token'), control.token, { mode: 0o600 });
    await writeFile(join(folders.identity, 'ca.pem'), control.authority.pem);
    const config = {
      installation: control.installation,
      slot,
      name: 'node1',
      controlUrl: `https://${nodeLink(slot).host}:${CONTROL_PORT}`,
      layout: join(CACHE, 'images'),
      diskBytes: 6 * GiB,
      gateUid,
      memoryReserveBytes: 256 * 1024 * 1024,
      ...changes,
    };
    await writeFile(folders.config, JSON.stringify(config));
    const gate = {
      runFolder: folders.gate,
      agentSocket: folders.agentSocket,
      mailAddressFile: folders.mailAddress,
    };
    await writeFile(join(this.root, 'gate.json'), JSON.stringify(gate), { mode: 0o644 });
  }

  #emptyWish(): DesiredState {
    return {
      installation: this.control.installation,
      node: this.control.node,
      revision: 1,
      services: { edge: { image: this.images.edge }, mail: { image: this.images.mail } },
      sites: [],
      mail: { domains: [], mailboxes: [], forwarders: [] },
      tombstones: [],
    };
  }
}

function freeSlot(): number {
  for (;;) {
    const slot = randomInt(SLOTS);
    if (!existsSync(`/sys/class/net/hofje${slot}`)) return slot;
  }
}

const PATIENCE_MS = 120_000;

/** Waits until it holds. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = PATIENCE_MS,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function untilDone(what: string, work: () => Promise<void>): Promise<void> {
  let problem: unknown;
  const done = async () =>
    await work().then(
      () => true,
      (error: unknown) => {
        problem = error;
        return false;
      },
    );
  await until(what, done, 20_000).catch((error: unknown) => {
    throw new Error(String(error), { cause: problem });
  });
}
