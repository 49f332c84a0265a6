import { spawn } from 'node:child_process';
import { chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HOST_ENVIRONMENT, run } from '#host/run.ts';

/** A PostgreSQL of a test's own: a fresh cluster in a temporary folder, reachable by its socket only. */
export interface TestPostgres {
  readonly socketFolder: string;
  readonly user: string;
  /** Makes an empty database and returns its name. */
  makeDatabase(): Promise<string>;
  /** Ends the server without ceremony, as a power cut would; `start` brings it back with its data. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const BIN = '/usr/lib/postgresql/15/bin';
const USER = 'postgres';

/** Starts one as the system's `postgres` user; needs root. `durable` keeps fsync on. */
export async function startPostgres(options: { readonly durable?: boolean } = {}): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'hofje-postgres-'));
  const { uid, gid } = await systemUser(USER);
  chownSync(folder, uid, gid);
  const data = join(folder, 'data');
  const as = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--'] as const;
  await run([...as, `${BIN}/initdb`, '-D', data, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']);

  let server: ReturnType<typeof spawn> | undefined;
  let databases = 0;

  async function start(): Promise<void> {
    const settings = options.durable ? [] : ['-c', 'fsync=off', '-c', 'synchronous_commit=off'];
    const args = ['-D', data, '-k', folder, '-c', 'listen_addresses=', '-c', 'max_connections=60', ...settings];
    const child = spawn(as[0], [...as.slice(1), `${BIN}/postgres`, ...args], {
      env: HOST_ENVIRONMENT,
      stdio: 'ignore',
    });
    server = child;
    for (const deadline = Date.now() + 30_000; ; await delay(50)) {
      const ready = await run([`${BIN}/pg_isready`, '-q', '-h', folder], { accept: [0, 1, 2] });
      if (ready.code === 0) return;
      if (child.exitCode !== null || Date.now() > deadline) throw new Error('the test PostgreSQL did not start');
    }
  }

  async function end(signal: 'SIGINT' | 'SIGQUIT'): Promise<void> {
    const child = server;
    server = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    // setpriv execs the server, so this is the postmaster's own pid: SIGINT is its fast, SIGQUIT its immediate shutdown.
    child.kill(signal);
    await ended;
  }

  await start();
  return {
    socketFolder: folder,
    user: USER,
    async makeDatabase() {
      databases += 1;
      const name = `test${databases}`;
      await run([`${BIN}/createdb`, '-h', folder, '-U', USER, '--', name]);
      return name;
    },
    kill: () => end('SIGQUIT'),
    start,
    async stop() {
      await end('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function systemUser(name: string): Promise<{ uid: number; gid: number }> {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((row) => row.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined) throw new Error(`no system user ${name}`);
  return { uid: Number(uid), gid: Number(gid) };
}
