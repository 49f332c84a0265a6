import { readFileSync } from 'node:fs';
import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import type { DatabaseConfig } from '../config.ts';
import type { Database } from './tables.ts';

/** The database or a transaction on it: what queries take. */
export type Db = Kysely<Database>;
export type Tx = Transaction<Database>;

const INT8 = 20;

/** How to reach the database, for the pool and for the listening connection alike. */
export function clientConfig(config: DatabaseConfig): pg.ClientConfig {
  const types = {
    // Counters and byte counts stay below 2^53.
    getTypeParser: (oid: number, format?: 'text' | 'binary') =>
      oid === INT8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format),
  };
  const shared = { types, application_name: 'hofje-control', connectionTimeoutMillis: 10_000 } as pg.ClientConfig;
  if ('url' in config) return { ...shared, connectionString: config.url };
  return {
    ...shared,
    host: config.socketFolder,
    ...(config.port === undefined ? {} : { port: config.port }),
    user: config.user,
    database: config.database,
    ...(config.passwordFile === undefined ? {} : { password: readFileSync(config.passwordFile, 'utf8').trim() }),
  };
}

/** A pool of connections. A lost one is replaced at the next query. */
export function connectDatabase(config: DatabaseConfig, onIdleError: (error: Error) => void): Kysely<Database> {
  const pool = new pg.Pool({ ...clientConfig(config), max: config.connections ?? 10, idleTimeoutMillis: 60_000 });
  pool.on('error', onIdleError);
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
}
