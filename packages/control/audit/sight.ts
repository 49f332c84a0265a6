import type { FastifyRequest } from 'fastify';
import { INSTALLATION_CHAIN } from '#model/audit/chain.ts';
import { HofjeError } from '#model/error.ts';
import type { AccountId, PersonId } from '#model/id.ts';
import { EVERYTHING, type Visibility, visibilityOf } from '#model/right/visibility.ts';
import { findAccount } from '../account/queries.ts';
import type { Caller } from '../auth/caller.ts';
import type { Db } from '../database/connect.ts';

/** What of the audit a caller sees. */
export interface AuditSight {
  readonly visibility: Visibility;
  readonly self: PersonId | null;
}

/** Entries are seen like the mail of an account: by those who run the place, and by its people. Pure. */
export function auditSight(caller: Caller): AuditSight {
  switch (caller.kind) {
    case 'machine':
      return { visibility: EVERYTHING, self: null };
    case 'person': {
      // A token for one account tells nothing of what its person does elsewhere.
      const bound = caller.via.kind === 'token' && caller.via.account !== null;
      return { visibility: visibilityOf(caller, 'domain'), self: bound ? null : caller.person };
    }
    default:
      throw new HofjeError('auth.refused', 'The audit is for people.');
  }
}

/** An account by its name or id, as far as the caller sees it. Throws `account.not-found`, also for what he may not see. */
export async function seenAccount(db: Db, { visibility }: AuditSight, reference: string): Promise<AccountId> {
  return (await findAccount(db, visibility, reference)).id;
}

/**
 * The chain that a caller asks for, or the one that he has anyway. Throws `account.not-found`, `auth.refused` for
 * collaborators, whose part is no whole chain, and `request.invalid` where it is not clear which is meant.
 */
export async function chosenChain(
  db: Db,
  request: FastifyRequest,
  reference: string | undefined,
): Promise<AccountId | typeof INSTALLATION_CHAIN> {
  const sight = auditSight(request.caller);
  const { visibility } = sight;
  if (reference !== undefined) {
    const account = await seenAccount(db, sight, reference);
    if (visibility.all || visibility.accounts.includes(account)) return account;
    throw new HofjeError('auth.refused', 'The whole audit of an account is for its owners and readers.');
  }
  if (visibility.all) return INSTALLATION_CHAIN;
  const [only, second] = visibility.accounts;
  if (only !== undefined && second === undefined) return only;
  throw new HofjeError('request.invalid', 'Say of which account.', { field: 'account' });
}
