import { type Selectable, sql } from 'kysely';
import { checkHoldable, namesAbove } from '#model/domain/name.ts';
import { HofjeError } from '#model/error.ts';
import { type AccountId, makeId, type NodeId } from '#model/id.ts';
import type { Context } from '../context.ts';
import type { Db, Tx } from '../database/connect.ts';
import type { DomainTable } from '../database/tables.ts';

export type DomainRow = Selectable<DomainTable>;

/** Any number that nobody else uses as an advisory lock in this database. */
const CLAIMS_LOCK = 0x686f6664;

/** Says that an operator vouches for a name. */
export interface Override {
  readonly reason: string;
  readonly by: string;
}

/**
 * Claims and establishments happen one after the other, or two accounts could establish related names at the same
 * moment. Taken before any other lock of the transaction.
 */
export async function lockClaims(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${CLAIMS_LOCK})`.execute(tx);
}

/**
 * Whether an account may have this name served and local for mail: no other account has it, or a name above or below it,
 * established. Who that is, is not told. Throws `domain.taken`.
 */
export async function checkEstablishable(tx: Tx, account: AccountId, name: string, field = 'domain'): Promise<void> {
  const other = await relatedDomains(tx, account, name).executeTakeFirst();
  if (other !== undefined) {
    throw new HofjeError('domain.taken', `${name} is, or touches, a domain of somebody else here.`, { field });
  }
}

/** Established domains of others that are this name, or above or below it. */
export function relatedDomains(db: Db, account: AccountId, name: string) {
  const below = `${[...`.${name}`].reverse().join('')}%`;
  return db
    .selectFrom('domain')
    .select('id')
    .where('account_id', '<>', account)
    .where('established_at', 'is not', null)
    .where('deleted_at', 'is', null)
    .where(({ eb, or }) =>
      or([eb('name', 'in', [name, ...namesAbove(name)]), eb(sql<string>`reverse(name)`, 'like', below)]),
    );
}

/** The live domain of an account that a name is equal to or below; the nearest one. */
export async function coveringDomain(tx: Tx, account: AccountId, name: string): Promise<DomainRow | undefined> {
  return await tx
    .selectFrom('domain')
    .selectAll()
    .where('account_id', '=', account)
    .where('deleted_at', 'is', null)
    .where('name', 'in', [name, ...namesAbove(name)])
    .orderBy(sql`length(name)`, 'desc')
    .executeTakeFirst();
}

export interface Claim {
  readonly account: AccountId;
  readonly node: NodeId;
  readonly name: string;
  readonly mail: boolean;
  readonly mailLimitBytes: number;
  readonly override: Override | undefined;
  /** The caller's field, for errors. */
  readonly field: string;
}

/**
 * Makes a domain of an account; established at once by an operator's word, or when it lies below an established one of the
 * same account. Throws `domain.refused`, `domain.taken`. Needs `lockClaims`.
 */
export async function claimDomain(context: Context, tx: Tx, claim: Claim): Promise<DomainRow> {
  const { account, name, field } = claim;
  checkHoldable(name, context.config.platformNames, field);
  await checkEstablishable(tx, account, name, field);
  const parent = await tx
    .selectFrom('domain')
    .select('id')
    .where('account_id', '=', account)
    .where('established_at', 'is not', null)
    .where('deleted_at', 'is', null)
    .where('name', 'in', namesAbove(name).concat(''))
    .executeTakeFirst();
  return await tx
    .insertInto('domain')
    .values({
      id: makeId('domain', context.random(20)),
      account_id: account,
      node_id: claim.node,
      name,
      mail: claim.mail,
      mail_limit_bytes: claim.mailLimitBytes,
      proof_token: context.random(20).toString('hex'),
      ...establishment(context.now(), claim.override, parent !== undefined),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export type Establishment = Partial<
  Pick<DomainRow, 'established_at' | 'established_by' | 'override_reason' | 'override_by'>
>;

function establishment(now: Date, override: Override | undefined, hasParent: boolean): Establishment {
  if (override !== undefined) return overridden(now, override);
  return hasParent ? { established_at: now, established_by: 'parent' } : {};
}

function overridden(now: Date, override: Override): Establishment {
  return {
    established_at: now,
    established_by: 'override',
    override_reason: override.reason,
    override_by: override.by,
  };
}

/** Columns that establish a domain that was only claimed. Throws `domain.taken`. Needs `lockClaims`. */
export async function mayEstablish(
  context: Context,
  tx: Tx,
  domain: Pick<DomainRow, 'account_id' | 'name'>,
  by: Override | 'dns',
): Promise<Establishment> {
  await checkEstablishable(tx, domain.account_id, domain.name);
  const now = context.now();
  return by === 'dns' ? { established_at: now, established_by: 'dns' } : overridden(now, by);
}
