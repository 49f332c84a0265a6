import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import { HofjeError } from '#model/error.ts';
import type { Database } from './tables.ts';

const FOLDER = join(import.meta.dirname, 'migrations');
const FILE = /^(\d{4})-[a-z0-9-]+\.sql$/;
/** Any number that nobody else uses as an advisory lock in this database. */
const LOCK = 0x686f666a;

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

/** The migrations of this version, in order; throws when a number is missing or doubled. */
export function readMigrations(folder: string = FOLDER): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  return names.map((name, index) => {
    const number = Number(FILE.exec(name)?.[1]);
    if (number !== index + 1)
      throw new HofjeError('database.migrations', `migration ${name} is not number ${index + 1}`);
    return { number, name, sql: readFileSync(join(folder, name), 'utf8') };
  });
}

/**
 * Brings the schema up to this version: all that is missing in one transaction, under a lock, so that of several
 * processes one does the work. Throws `database.too-new` when the database has migrations that this version lacks.
 */
export async function migrate(
  db: Kysely<Database>,
  migrations: readonly Migration[] = readMigrations(),
): Promise<number> {
  return await db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(tx);
    await sql`create table if not exists migration (
      number integer primary key,
      name text not null,
      applied_at timestamptz not null default now()
    )`.execute(tx);
    const found = await sql<{ last: number }>`select coalesce(max(number), 0) as last from migration`.execute(tx);
    const last = found.rows[0]?.last ?? 0;
    if (last > migrations.length) {
      throw new HofjeError(
        'database.too-new',
        `the database has migration ${last}, this version ends at ${migrations.length}`,
      );
    }
    const missing = migrations.slice(last);
    for (const migration of missing) {
      await sql.raw(migration.sql).execute(tx);
      await sql`insert into migration (number, name) values (${migration.number}, ${migration.name})`.execute(tx);
    }
    return missing.length;
  });
}
