import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { writeFileAtomically } from '#host/file.ts';
import { run } from '#host/run.ts';
import { HofjeError } from '#model/error.ts';
import type { StateFolders } from './state/folders.ts';
import { readForeignFile } from './state/foreign-file.ts';
import { removeTree } from './state/remove-tree.ts';
import { ensureSecret } from './state/secrets.ts';
import type { Supervised } from './supervise/script.ts';

const PROGRAMS = '/usr/lib/postgresql';
const READY_PATIENCE_MS = 60_000;

/** Name of the database and of the role that the control plane uses. */
export const DATABASE = 'hofje';

export interface Postgres {
  /** Folder of initdb, postgres, psql. */
  readonly programs: string;
  readonly user: { readonly uid: number; readonly gid: number };
}

/** Debian's newest PostgreSQL here and its user. Throws `platform.postgres`. */
export async function findPostgres(): Promise<Postgres> {
  const versions = (await readdir(PROGRAMS).catch(() => [])).map(Number).filter((version) => version >= 13);
  if (versions.length === 0) throw new HofjeError('platform.postgres', `no PostgreSQL below ${PROGRAMS}`);
  const entry = (await run(['getent', 'passwd', 'postgres'])).stdout.split(':');
  const user = { uid: Number(entry[2]), gid: Number(entry[3]) };
  return { programs: join(PROGRAMS, String(Math.max(...versions)), 'bin'), user };
}

/** The server's configuration: a socket that only local processes reach, passwords by SCRAM, small buffers. Pure. */
export function postgresConfiguration(socketFolder: string): string {
  const settings = {
    listen_addresses: "''",
    unix_socket_directories: `'${socketFolder}'`,
    unix_socket_permissions: '0777',
    password_encryption: "'scram-sha-256'",
    max_connections: '60',
    shared_buffers: "'64MB'",
    wal_level: 'minimal',
    max_wal_senders: '0',
    min_wal_size: "'64MB'",
    max_wal_size: "'256MB'",
    max_parallel_workers: '2',
    log_destination: "'stderr'",
    logging_collector: 'off',
    log_line_prefix: "'[%p] '",
    log_timezone: "'UTC'",
    timezone: "'UTC'",
    shared_memory_type: "'mmap'",
    dynamic_shared_memory_type: "'posix'",
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');
}

/** Who may connect: the superuser as the operating system's user of that name, the control plane with its password. Pure. */
export function postgresAccess(): string {
  return `local all postgres peer\nlocal ${DATABASE} ${DATABASE} scram-sha-256\n`;
}

/**
 * Makes the private cluster where there is none. A cluster whose making was interrupted is made anew; one that was
 * finished is never touched.
 */
export async function ensureCluster(folders: StateFolders): Promise<Postgres> {
  const postgres = await findPostgres();
  const { uid, gid } = postgres.user;
  const finished = join(folders.postgres, 'hofje-made');
  if (!existsSync(finished)) {
    await removeTree(folders.postgres);
    await mkdir(folders.postgres, { mode: 0o700 });
    await chown(folders.postgres, uid, gid);
    const options = ['--encoding=UTF8', '--locale=C.UTF-8', '--auth=peer', '--no-sync', '--username=postgres'];
    await asPostgres(postgres, [join(postgres.programs, 'initdb'), ...options, '-D', folders.postgres]);
    await run(['sync', '--file-system', folders.postgres]);
    await writeFileAtomically(finished, '', { owner: { uid, gid } });
  }
  await mkdir(folders.postgresSocket, { recursive: true });
  await chown(folders.postgresSocket, uid, gid);
  await chmod(folders.postgresSocket, 0o711);
  const owner = { uid, gid };
  await writeFileAtomically(join(folders.postgres, 'postgresql.conf'), postgresConfiguration(folders.postgresSocket), {
    owner,
  });
  await writeFileAtomically(join(folders.postgres, 'pg_hba.conf'), postgresAccess(), { owner });
  return postgres;
}

export function postgresService(folders: StateFolders, postgres: Postgres): Supervised {
  return {
    name: 'postgres',
    argv: [join(postgres.programs, 'postgres'), '-D', folders.postgres],
    environment: {},
    user: postgres.user,
    // Fast shutdown: sessions are broken off, what is committed is written.
    stopSignal: 'SIGINT',
    stopMs: 20_000,
  };
}

/** Waits for the server and makes role and database. Gives back the role's password. */
export async function ensureDatabase(folders: StateFolders, postgres: Postgres): Promise<string> {
  const password = await ensureSecret(folders.databasePassword);
  await untilReady(folders, postgres);
  // The password is letters, digits, dash and underscore (base64url), so it needs no quoting.
  await sql(folders, postgres, [
    `SELECT 'CREATE ROLE ${DATABASE} LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${DATABASE}') \\gexec`,
    `ALTER ROLE ${DATABASE} LOGIN PASSWORD '${password}';`,
    `SELECT 'CREATE DATABASE ${DATABASE} OWNER ${DATABASE}' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '${DATABASE}') \\gexec`,
  ]);
  return password;
}

async function untilReady(folders: StateFolders, postgres: Postgres): Promise<void> {
  const deadline = Date.now() + READY_PATIENCE_MS;
  for (;;) {
    const asked = [join(postgres.programs, 'pg_isready'), '-q', '-h', folders.postgresSocket] as const;
    if ((await run([...asked], { accept: [0, 1, 2, 3] })).code === 0) return;
    if (Date.now() > deadline) {
      const log = await readForeignFile(join(folders.log, 'postgres', 'current')).catch(() => '');
      throw new HofjeError('platform.postgres', 'the database server does not start', {
        hint: log.trim().split('\n').slice(-3).join('\n') || `Its log is in ${folders.log}/postgres.`,
      });
    }
    await pause(50);
  }
}

async function sql(folders: StateFolders, postgres: Postgres, statements: readonly string[]): Promise<void> {
  const options = ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', '--host', folders.postgresSocket];
  await asPostgres(
    postgres,
    [join(postgres.programs, 'psql'), ...options, '--username=postgres', '--dbname=postgres', '--file=-'],
    `${statements.join('\n')}\n`,
  );
}

async function asPostgres(postgres: Postgres, argv: readonly string[], input = ''): Promise<void> {
  const { uid, gid } = postgres.user;
  await run(['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--init-groups', '--', ...argv], {
    cwd: '/',
    input,
    timeoutMs: 120_000,
  });
}
