import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HOST_ENVIRONMENT, run } from '#host/run.ts';

/**
 * A plain container around a site's image, without the platform: enough to see whether the image does its part. It shares
 * the network namespace of whoever starts it, in which 10.64.0.1 stands for the node and every other address for a stranger.
 */
export interface SiteContainer {
  readonly id: string;
  readonly home: string;
  readonly submission: string;
  start(): Promise<void>;
  /** Asks the init to end and waits for that; milliseconds. */
  stop(): Promise<number>;
  exec(argv: readonly string[], input?: string): Promise<{ readonly code: number; readonly output: string }>;
  pids(): Promise<number[]>;
}

export const NODE_ADDRESS = '10.64.0.1';
export const SITE_UID = 0x1fff_0000;

export async function prepareNamespaces(): Promise<void> {
  await run(['ip', 'link', 'set', 'lo', 'up']);
  await run(['ip', 'address', 'add', `${NODE_ADDRESS}/32`, 'dev', 'lo']);
  // crun refuses a version 2 mount beside version 1; this mount namespace is ours alone.
  await run(['umount', '/sys/fs/cgroup/unified'], { accept: [0, 1, 32] });
  // crun gives standard input to the container's user (fchown), /dev/null too: let it have one of our own.
  await run(['mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/dev']);
  for (const [name, minor] of Object.entries({ null: 3, zero: 5, full: 7, random: 8, urandom: 9 })) {
    await run(['mknod', '-m', '666', `/dev/${name}`, 'c', '1', String(minor)]);
  }
  await run(['mknod', '-m', '666', '/dev/tty', 'c', '5', '0']);
}

export async function makeContainer(options: {
  readonly folder: string;
  readonly root: string;
  readonly uidBase: number;
}): Promise<SiteContainer> {
  const { folder } = options;
  const id = `hofje-image-test-${process.pid}`;
  const home = join(folder, 'home');
  const submission = join(folder, 'submission');
  await mkdir(home, { recursive: true });
  await mkdir(submission, { recursive: true });
  await chown(home, SITE_UID, SITE_UID);
  // The folders above must let the site's uid through to its home.
  await chmod(folder, 0o755);
  await writeFile(join(folder, 'config.json'), JSON.stringify(containerSpec(options, home, submission)));
  const crun = ['crun', `--root=${join(folder, 'crun')}`, '--cgroup-manager=cgroupfs'] as const;
  return {
    id,
    home,
    submission,
    async start() {
      const log = await open(join(folder, 'log'), 'a');
      const child = spawn(crun[0], [...crun.slice(1), 'run', '--detach', `--bundle=${folder}`, id], {
        env: HOST_ENVIRONMENT,
        stdio: ['ignore', log.fd, log.fd],
      });
      const [code] = await once(child, 'exit');
      await log.close();
      if (code !== 0) throw new Error(await readFile(join(folder, 'log'), 'utf8'));
    },
    async stop() {
      const start = performance.now();
      await run([...crun, 'kill', id, 'TERM']);
      for (;;) {
        const state = JSON.parse((await run([...crun, 'state', id])).stdout) as { status: string };
        if (state.status === 'stopped') break;
        if (performance.now() - start > 10_000) throw new Error('the container does not end');
        await delay(5);
      }
      const took = performance.now() - start;
      await run([...crun, 'delete', '--force', id]);
      return took;
    },
    async exec(argv, input = '') {
      const file = join(folder, 'process.json');
      await writeFile(file, JSON.stringify(processSpec(argv)));
      const result = await run([...crun, 'exec', `--process=${file}`, id], { input, accept: [...Array(256).keys()] });
      return { code: result.code, output: result.stdout + result.stderr };
    },
    async pids() {
      return JSON.parse((await run([...crun, 'ps', '--format=json', id])).stdout) as number[];
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** One request, from the node's address or as a stranger. */
export async function ask(
  path: string,
  options: {
    readonly from?: 'node' | 'stranger';
    readonly headers?: Record<string, string>;
    readonly body?: Buffer;
  } = {},
): Promise<Answer> {
  const address = options.from === 'stranger' ? '127.0.0.1' : NODE_ADDRESS;
  return await new Promise((resolve, reject) => {
    const asked = request(
      {
        host: address,
        port: 8080,
        path,
        method: options.body === undefined ? 'GET' : 'POST',
        headers: { host: 'example.test', ...options.headers },
        agent: false,
      },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(parts).toString('utf8') }),
        );
        answer.on('error', reject);
      },
    );
    asked.on('error', reject);
    asked.end(options.body);
  });
}

/** Waits until PHP answers through Apache; milliseconds from `since`. */
export async function untilReady(since: number): Promise<number> {
  for (;;) {
    const answer = await ask('/.hofje/ready', { headers: { 'x-hofje-ready': '1' } }).catch(() => null);
    if (answer?.status === 200 && answer.body === 'ready') return performance.now() - since;
    if (performance.now() - since > 10_000) throw new Error(`not ready: ${JSON.stringify(answer)}`);
    await delay(1);
  }
}

function processSpec(args: readonly string[]) {
  return {
    terminal: false,
    user: { uid: 1000, gid: 1000 },
    args,
    env: ['HOME=/home/site', 'PATH=/usr/local/bin:/usr/bin:/bin', 'USER=site', 'LANG=C.UTF-8'],
    cwd: '/home/site',
    capabilities: { bounding: [], effective: [], inheritable: [], permitted: [], ambient: [] },
    noNewPrivileges: true,
  };
}

function containerSpec(options: { readonly root: string; readonly uidBase: number }, home: string, submission: string) {
  const tmpfs = (destination: string, ...more: readonly string[]) => ({
    destination,
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'nodev', ...more],
  });
  const map = [
    { containerID: 0, hostID: options.uidBase, size: 1000 },
    { containerID: 1000, hostID: SITE_UID, size: 1 },
  ];
  return {
    ociVersion: '1.0.0',
    hostname: 'example.test',
    root: { path: options.root, readonly: true },
    process: processSpec(['/usr/lib/hofje/init']),
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
      tmpfs('/dev', 'mode=755', 'size=64k'),
      tmpfs('/tmp', 'mode=1777', 'size=64m'),
      tmpfs('/run', 'mode=755', 'size=16m', 'uid=1000', 'gid=1000'),
      { destination: '/home/site', type: 'bind', source: home, options: ['rbind', 'rw', 'nosuid', 'nodev'] },
      { destination: '/run/hofje/submission', type: 'bind', source: submission, options: ['rbind', 'ro'] },
    ],
    linux: {
      cgroupsPath: `/hofje-image-test-${process.pid}`,
      uidMappings: map,
      gidMappings: map,
      namespaces: ['pid', 'mount', 'ipc', 'uts', 'user'].map((type) => ({ type })),
    },
  };
}
