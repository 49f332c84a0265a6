import { sql } from 'kysely';
import { INSTALLATION_CHAIN, PRUNED } from '#model/audit/chain.ts';
import type { AccountId } from '#model/id.ts';
import { auditSystem } from '../audit.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../database/connect.ts';

const DAY_MS = 86_400_000;
const KEEP_DAYS = 400;
/** Pruned in large steps: each leaves an entry in every chain that it concerns. */
const STEP_DAYS = 30;
/** So many entries in one transaction, while which nothing else is recorded. */
const BATCH = 5000;

/**
 * Deletes entries that are older than `KEEP_DAYS`, once the oldest is a month older. In each chain that loses some an entry
 * tells the last hash that went, so that the rest can be verified.
 */
export async function pruneAudit(context: Context): Promise<number> {
  const ago = (days: number) => new Date(context.now().getTime() - days * DAY_MS).toISOString();
  const oldest = await context.db.selectFrom('audit').select('at').orderBy('sequence').limit(1).executeTakeFirst();
  if (oldest === undefined || oldest.at >= ago(KEEP_DAYS + STEP_DAYS)) return 0;
  let pruned = 0;
  for (;;) {
    const count = await context.db.transaction().execute(async (tx) => await pruneBatch(context, tx, ago(KEEP_DAYS)));
    pruned += count;
    if (count < BATCH) return pruned;
  }
}

async function pruneBatch(context: Context, tx: Tx, before: string): Promise<number> {
  await tx
    .selectFrom('audit_chain')
    .select('chain')
    .where('chain', '=', INSTALLATION_CHAIN)
    .forUpdate()
    .executeTakeFirst();
  const first = await tx
    .selectFrom('audit')
    .select(['sequence', 'hash', 'at'])
    .orderBy('sequence')
    .limit(BATCH)
    .execute();
  // A beginning of the chain, whatever a clock did meanwhile.
  const young = first.findIndex(({ at }) => at >= before);
  const old = young === -1 ? first : first.slice(0, young);
  const last = old.at(-1);
  if (last === undefined) return 0;
  const ends = await endsOfAccounts(tx, last.sequence);
  await sql`select set_config('hofje.prunes_audit', 'yes', true)`.execute(tx);
  await tx.deleteFrom('audit').where('sequence', '<=', last.sequence).execute();
  await moveBase(tx, { chain: INSTALLATION_CHAIN, sequence: last.sequence, hash: last.hash });
  await auditSystem(context, tx, PRUNED, context.installation, { after: told(INSTALLATION_CHAIN, last) });
  for (const { account, exists, ...end } of ends) {
    await moveBase(tx, { chain: account, ...end });
    // Nobody looks at the chain of an account that is gone for good.
    if (exists) await auditSystem(context, tx, PRUNED, account, { account, after: told(account, end) });
  }
  return old.length;
}

interface End {
  readonly sequence: number;
  readonly hash: Buffer;
}

function told(chain: string, { sequence, hash }: End) {
  return { chain, sequence, hash: hash.toString('hex') };
}

/** The last entry of each account among those up to `sequence`. */
async function endsOfAccounts(tx: Tx, sequence: number) {
  const { rows } = await sql<End & { account: AccountId; exists: boolean }>`
    select distinct on (account_id) account_id as account, account_sequence as sequence, account_hash as hash,
      exists (select from account where account.id = audit.account_id) as exists
    from audit where sequence <= ${sequence} and account_id is not null
    order by account_id, account_sequence desc`.execute(tx);
  return rows;
}

async function moveBase(tx: Tx, { chain, sequence, hash }: End & { readonly chain: string }): Promise<void> {
  await tx
    .updateTable('audit_chain')
    .set({ pruned_sequence: sequence, pruned_hash: hash })
    .where('chain', '=', chain)
    .execute();
}
