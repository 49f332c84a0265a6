import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { nodeFolders } from '#agent/node/folders.ts';
import { HOST_ENVIRONMENT } from '#host/run.ts';
import { buildImages } from '#images/build.ts';
import { environmentOptions } from '#images/environment.ts';
import { imageFolders } from '#images/folders.ts';
import type { LoneOrder, LoneRequest } from './lone-service.ts';

/** A running service container, linked to the test's own network namespace. */
export interface TestService {
  /** Its address; the test's end of the link is SERVICE_GATEWAY. */
  readonly address: string;
  /** The test's end of the link. */
  readonly linkName: string;
  /** Folders of the node that it runs on. */
  readonly folders: ReturnType<typeof nodeFolders>;
  readonly uidBase: number;
  /** A path below `folders.disk`, which is mounted where the test cannot see it. */
  onDisk(path: string): string;
  /** Runs a program inside as uid (and gid) `uid`. */
  exec(argv: readonly string[], uid: number, input?: string): Promise<{ code: number; stdout: string; stderr: string }>;
  kill(program: string): Promise<readonly number[]>;
  restart(): Promise<void>;
  subvolume(path: string, owner: number, limitBytes?: number): Promise<void>;
  stop(): Promise<void>;
}

export interface TestServiceWish {
  readonly kind: 'edge' | 'mail';
  readonly hostname: string;
  readonly address: string;
  readonly gateway: string;
  readonly subvolumes: LoneOrder['subvolumes'];
  /** Returns when the service answers; throws when it will not. */
  readonly isReady: (address: string) => Promise<unknown>;
}

/** An address for a service, or for something outside that it talks to; another one for each run. */
export function randomAddress(): string {
  return `10.63.${randomInt(64, 255)}.${randomInt(2, 255)}`;
}

/** Out of the way of every real installation's ids. */
const UID_BASE = 0x7f00_0000;
const CACHE = environmentOptions(process.env).cache;

/** Builds the image where it is not built yet, and starts its container. */
export async function startService(wish: TestServiceWish): Promise<TestService> {
  const token = randomBytes(4).toString('hex');
  const root = join(CACHE, 'test', `${wish.kind}-${token}`);
  const folders = nodeFolders(root);
  const digest = await imageDigest(wish.kind);
  const order: LoneOrder = {
    kind: wish.kind,
    layout: imageFolders(CACHE).layout,
    digest,
    root,
    linkName: `hjt${token}`,
    address: wish.address,
    gateway: wish.gateway,
    hostname: wish.hostname,
    uidBase: UID_BASE,
    subvolumes: wish.subvolumes,
  };
  const node = new LoneNode(order);
  try {
    await node.ready();
    await wish.isReady(wish.address);
  } catch (error) {
    await node.end();
    throw error;
  }
  return {
    address: wish.address,
    linkName: order.linkName,
    folders,
    uidBase: UID_BASE,
    onDisk: (path) => `/proc/${node.pid}/root${path}`,
    exec: async (argv, uid, input) =>
      (await node.ask({ do: 'exec', argv, uid, ...(input === undefined ? {} : { input }) })) as {
        code: number;
        stdout: string;
        stderr: string;
      },
    kill: async (program) => (await node.ask({ do: 'kill', program })) as number[],
    restart: async () => void (await node.ask({ do: 'restart' })),
    subvolume: async (path, owner, limitBytes) =>
      void (await node.ask({ do: 'subvolume', path, owner, ...(limitBytes === undefined ? {} : { limitBytes }) })),
    stop: () => node.end(),
  };
}

async function imageDigest(kind: 'edge' | 'mail'): Promise<LoneOrder['digest']> {
  const images = await buildImages({ ...environmentOptions(process.env), kinds: [kind] });
  const image = images[kind];
  if (image === undefined) throw new Error(`no image of kind ${kind}`);
  return image.digest;
}

/** The child process that holds the container (see `lone-service.ts`). */
class LoneNode {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #interface: Interface;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(order: LoneOrder) {
    const program = fileURLToPath(new URL('./lone-service.ts', import.meta.url));
    this.#child = spawn(
      'unshare',
      ['--mount', '--propagation', 'private', '--', process.execPath, program, JSON.stringify(order)],
      { env: HOST_ENVIRONMENT, stdio: ['pipe', 'pipe', 'inherit'] },
    );
    if (this.#child.stdout === null) throw new Error('no standard output');
    this.#interface = createInterface({ input: this.#child.stdout });
    this.#lines = this.#interface[Symbol.asyncIterator]();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  async ready(): Promise<void> {
    if ((await this.#line()) !== 'ready') throw new Error('the container did not start');
  }

  /** One request at a time. */
  async ask(request: LoneRequest): Promise<unknown> {
    const answer = this.#turn.then(async () => {
      this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
      return JSON.parse(await this.#line()) as unknown;
    });
    this.#turn = answer.catch(() => undefined);
    return await answer;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#child.on('exit', resolve));
    this.#child.stdin?.end();
    await ended;
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('the container has ended');
    return value;
  }
}
