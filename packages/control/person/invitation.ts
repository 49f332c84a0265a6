import type { Selectable } from 'kysely';
import type { Invitation } from '#contract/api/invitation.ts';
import { HofjeError } from '#model/error.ts';
import type { AccountId, InvitationId } from '#model/id.ts';
import { makeId } from '#model/id.ts';
import type { OperatorRole } from '#model/right/role.ts';
import { secretHash } from '../auth/credential.ts';
import type { Context } from '../context.ts';
import type { Db, Tx } from '../database/connect.ts';
import type { InvitationTable } from '../database/tables.ts';
import type { Standing } from './membership.ts';

export type InvitationRow = Selectable<InvitationTable>;

const SECRET_BYTES = 32;
const DAY_MS = 86_400_000;
const DAYS_DEFAULT = 7;
const SHOWN_MAX = 100;

export function showInvitation(row: InvitationRow, now: Date): Invitation {
  return {
    id: row.id,
    state: stateOf(row, now),
    account: row.account_id,
    role: row.role,
    sites: row.sites,
    operatorRole: row.operator_role,
    email: row.email,
    invitedBy: row.invited_by,
    acceptedBy: row.accepted_by,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
  };
}

function stateOf(row: InvitationRow, now: Date): Invitation['state'] {
  if (row.accepted_at !== null) return 'accepted';
  if (row.revoked_at !== null) return 'revoked';
  return row.expires_at <= now ? 'expired' : 'open';
}

export type Offer =
  | { readonly account: AccountId; readonly standing: Standing }
  | { readonly account: null; readonly operatorRole: OperatorRole };

export interface NewInvitation {
  readonly offer: Offer;
  readonly email: string | null;
  readonly invitedBy: InvitationRow['invited_by'];
  readonly days: number | undefined;
}

/** Makes an invitation; its secret is told once and kept as its hash. */
export async function makeInvitation(
  context: Context,
  tx: Tx,
  { offer, email, invitedBy, days }: NewInvitation,
): Promise<{ row: InvitationRow; secret: string }> {
  const secret = context.random(SECRET_BYTES).toString('base64url');
  const row = await tx
    .insertInto('invitation')
    .values({
      id: makeId('invitation', context.random(20)),
      account_id: offer.account,
      ...(offer.account === null
        ? { operator_role: offer.operatorRole }
        : { role: offer.standing.role, sites: [...offer.standing.sites] }),
      email,
      token_hash: secretHash(secret),
      invited_by: invitedBy,
      expires_at: new Date(context.now().getTime() + (days ?? DAYS_DEFAULT) * DAY_MS),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return { row, secret };
}

/** Those to an account, or of operators; the latest first. */
export async function latestInvitations(db: Db, account: AccountId | null): Promise<InvitationRow[]> {
  return await db
    .selectFrom('invitation')
    .selectAll()
    .where('account_id', account === null ? 'is' : '=', account)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(SHOWN_MAX)
    .execute();
}

/** Takes an open invitation back. Throws `invitation.not-found`, `invitation.over`. */
export async function revoke(
  context: Context,
  tx: Tx,
  account: AccountId | null,
  id: InvitationId,
): Promise<InvitationRow> {
  const row = await tx
    .selectFrom('invitation')
    .selectAll()
    .where('id', '=', id)
    .where('account_id', account === null ? 'is' : '=', account)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined)
    throw new HofjeError('invitation.not-found', `There is no invitation ${id}.`, { field: 'invitation' });
  if (stateOf(row, context.now()) !== 'open') {
    throw new HofjeError('invitation.over', 'The invitation is not open any more.', { field: 'invitation' });
  }
  return await tx
    .updateTable('invitation')
    .set({ revoked_at: context.now() })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/**
 * The open invitation with this secret, locked where it is to be accepted. Whoever invited must still have the right to: of
 * somebody who has lost it, nothing stays behind. Throws `invitation.gone`.
 */
export async function openInvitation(context: Context, db: Db, secret: string, lock: boolean): Promise<InvitationRow> {
  const query = db
    .selectFrom('invitation')
    .selectAll()
    .where('token_hash', '=', secretHash(secret))
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', context.now());
  const row = await (lock ? query.forUpdate() : query).executeTakeFirst();
  if (row === undefined || !(await isStillOffered(db, row))) {
    throw new HofjeError('invitation.gone', 'This invitation was used or taken back, or is too old.', {
      field: 'token',
      hint: 'Ask for a new one.',
    });
  }
  return row;
}

async function isStillOffered(db: Db, { account_id, invited_by }: InvitationRow): Promise<boolean> {
  if (account_id !== null) {
    const account = await db.selectFrom('account').select('deleted_at').where('id', '=', account_id).executeTakeFirst();
    if (account === undefined || account.deleted_at !== null) return false;
  }
  // The machine itself invited.
  if (invited_by === null) return true;
  const inviter = await db
    .selectFrom('person')
    .leftJoin('membership', (join) =>
      join.onRef('membership.person_id', '=', 'person.id').on('membership.account_id', '=', account_id),
    )
    .select(['person.operator_role', 'person.disabled_at', 'membership.role'])
    .where('person.id', '=', invited_by)
    .executeTakeFirst();
  if (inviter === undefined || inviter.disabled_at !== null) return false;
  return inviter.operator_role === 'administrator' || inviter.role === 'owner';
}
