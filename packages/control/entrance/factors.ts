import type { Factors } from '#contract/api/factor.ts';
import type { PersonId } from '#model/id.ts';
import type { Db } from '../database/connect.ts';
import { requirePerson } from './entrant.ts';

/** What a person can log in with, for himself. */
export async function describeFactors(db: Db, id: PersonId): Promise<Factors> {
  const { passwordHash, recoveryCodes } = await requirePerson(db, id);
  const row = await db
    .selectFrom('person')
    .select(['password_changed_at', 'totp_confirmed_at'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const passkeys = await db
    .selectFrom('passkey')
    .select(['id', 'name', 'created_at', 'last_used_at'])
    .where('person_id', '=', id)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return {
    password: { set: passwordHash !== null, changedAt: row.password_changed_at?.toISOString() ?? null },
    totp: { confirmedAt: row.totp_confirmed_at?.toISOString() ?? null },
    recoveryCodesLeft: recoveryCodes,
    passkeys: passkeys.map((each) => ({
      id: each.id,
      name: each.name,
      createdAt: each.created_at.toISOString(),
      lastUsedAt: each.last_used_at?.toISOString() ?? null,
    })),
  };
}
