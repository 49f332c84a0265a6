import type { PersonId } from '#model/id.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../database/connect.ts';
import { checkStrength } from './strength.ts';
import { hashInTurn } from './verify.ts';

/**
 * The hash of a new password of a person, who may not exist yet. Throws `password.weak`. To be called before a transaction:
 * hashing takes its time.
 */
export async function newPasswordHash(
  password: string,
  person: { readonly email: string; readonly name?: string },
): Promise<string> {
  checkStrength(password, person);
  return await hashInTurn(password);
}

/** Stores the hash of a first or new password. Links that were mailed for one before are good for nothing any more. */
export async function storePasswordHash(context: Context, tx: Tx, person: PersonId, hash: string): Promise<void> {
  await tx
    .updateTable('person')
    .set({ password_hash: hash, password_changed_at: context.now() })
    .where('id', '=', person)
    .execute();
  await tx.deleteFrom('login_link').where('person_id', '=', person).where('purpose', '=', 'reset').execute();
  await tx.deleteFrom('challenge').where('person_id', '=', person).execute();
}
