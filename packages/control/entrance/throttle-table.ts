import { createHash } from 'node:crypto';
import { type Expression, sql } from 'kysely';
import { HofjeError } from '#model/error.ts';
import type { Context } from '../context.ts';
import type { Db, Tx } from '../database/connect.ts';
import { afterTry, blockedMs, LIMITS, type Throttle, type ThrottleKind, withoutTry } from './throttle.ts';

/** What is counted: a kind of limit, and whom or what it concerns. */
export interface ThrottleKey {
  readonly kind: ThrottleKind;
  readonly of: string;
}

/** Rows that are kept at most; the oldest go first. Somebody who fills the table gains what a new address gives him, no more. */
const ROWS_MAX = 100_000;
const KEPT_MS = 24 * 3600_000;
/** One try in so many tidies up. */
const TIDY_EVERY = 256;

/**
 * Counts one try against every key, before it is known whether it is right, so that a thousand at the same time are a
 * thousand. Throws `entrance.too-many` when one of them is blocked, and then counts nothing. Pair with `forgive`.
 */
export async function countTry(context: Context, keys: readonly ThrottleKey[]): Promise<void> {
  const now = context.now();
  const blocked = await context.db.transaction().execute(async (tx) => {
    const states = new Map<string, { readonly kind: ThrottleKind; readonly state: Throttle | undefined }>();
    for (const [name, kind] of inOrder(keys)) states.set(name, { kind, state: await lock(tx, name, now) });
    const longest = Math.max(...[...states.values()].map(({ state }) => blockedMs(state, now)));
    if (longest > 0) return longest;
    for (const [name, { kind, state }] of states) await write(tx, name, afterTry(state, now, LIMITS[kind]));
    return 0;
  });
  if (context.random(2).readUInt16BE(0) % TIDY_EVERY === 0) await tidyThrottle(context.db, now);
  if (blocked > 0) throw tooMany(blocked);
}

/** The try was right: it does not count. */
export async function forgive(db: Db, keys: readonly ThrottleKey[]): Promise<void> {
  await db.transaction().execute(async (tx) => {
    for (const [name, kind] of inOrder(keys)) {
      const row = await tx.selectFrom('throttle').selectAll().where('key', '=', name).forUpdate().executeTakeFirst();
      if (row !== undefined) await write(tx, name, withoutTry(stateOf(row), LIMITS[kind]));
    }
  });
}

/** Forgets what is old, and the oldest of what is too much. */
export async function tidyThrottle(db: Db, now: Date): Promise<void> {
  await db
    .deleteFrom('throttle')
    .where('window_started_at', '<', new Date(now.getTime() - KEPT_MS))
    .where(({ eb, or }) => or([eb('blocked_until', 'is', null), eb('blocked_until', '<', now)]))
    .execute();
  const surplus: Expression<string> = sql<string>`(
    select key from throttle order by window_started_at desc offset ${ROWS_MAX})`;
  await db
    .deleteFrom('throttle')
    .where('key', 'in', surplus as never)
    .execute();
}

/** Always in the same order: two tries never wait for each other in a circle. */
function inOrder(keys: readonly ThrottleKey[]): (readonly [name: string, kind: ThrottleKind])[] {
  return keys.map((key) => [nameOf(key), key.kind] as const).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** What stands in the table: never the address of a person, and never longer than this. */
function nameOf({ kind, of }: ThrottleKey): string {
  return `${kind}:${createHash('sha256').update(of).digest('base64url').slice(0, 32)}`;
}

async function lock(tx: Tx, name: string, now: Date): Promise<Throttle | undefined> {
  const made = await tx
    .insertInto('throttle')
    .values({ key: name, failures: 0, window_started_at: now, blocked_until: null })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .returning('key')
    .executeTakeFirst();
  if (made !== undefined) return undefined;
  const row = await tx.selectFrom('throttle').selectAll().where('key', '=', name).forUpdate().executeTakeFirst();
  return row === undefined ? undefined : stateOf(row);
}

function stateOf(row: { failures: number; window_started_at: Date; blocked_until: Date | null }): Throttle {
  return { failures: row.failures, windowStartedAt: row.window_started_at, blockedUntil: row.blocked_until };
}

async function write(tx: Tx, name: string, state: Throttle): Promise<void> {
  const row = { failures: state.failures, window_started_at: state.windowStartedAt, blocked_until: state.blockedUntil };
  await tx
    .insertInto('throttle')
    .values({ key: name, ...row })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
    .execute();
}

function tooMany(ms: number): HofjeError {
  const minutes = Math.ceil(ms / 60_000);
  return new HofjeError('entrance.too-many', 'That was wrong too often.', {
    hint: `Try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}, use a passkey, or have a link mailed for a new password.`,
  });
}
