import { HofjeError } from '#model/error.ts';
import type { PersonId } from '#model/id.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../database/connect.ts';
import { makeRecoveryCode, RECOVERY_CODES, recoveryCodeHash } from './recovery-code.ts';
import { acceptedStep } from './totp.ts';

const wrongCode = () => new HofjeError('entrance.code-wrong', 'The code is wrong, or was used.');

/** Uses a code of the person's authenticator app up. Throws `entrance.code-wrong`; of two at the same time one is right. */
export async function spendTotp(context: Context, tx: Tx, person: PersonId, typed: string): Promise<void> {
  const row = await tx
    .selectFrom('person')
    .select(['totp_secret', 'totp_confirmed_at', 'totp_last_step'])
    .where('id', '=', person)
    .forUpdate()
    .executeTakeFirst();
  if (!row?.totp_secret || row.totp_confirmed_at === null) throw wrongCode();
  const secret = Buffer.from(context.seal.open(row.totp_secret), 'base64');
  const step = acceptedStep(secret, typed, context.now(), row.totp_last_step);
  if (step === undefined) throw wrongCode();
  await tx.updateTable('person').set({ totp_last_step: step }).where('id', '=', person).execute();
}

/** Uses a recovery code up. Throws `entrance.code-wrong`; of two at the same time one is right. */
export async function spendRecoveryCode(context: Context, tx: Tx, person: PersonId, typed: string): Promise<void> {
  const spent = await tx
    .updateTable('recovery_code')
    .set({ used_at: context.now() })
    .where('person_id', '=', person)
    .where('hash', '=', recoveryCodeHash(typed))
    .where('used_at', 'is', null)
    .returning('person_id')
    .executeTakeFirst();
  if (spent === undefined) throw wrongCode();
}

/** New recovery codes in place of all before. They are given back this once; only hashes stay. */
export async function replaceRecoveryCodes(context: Context, tx: Tx, person: PersonId): Promise<string[]> {
  const codes = Array.from({ length: RECOVERY_CODES }, () => makeRecoveryCode(context.random));
  await tx.deleteFrom('recovery_code').where('person_id', '=', person).execute();
  await tx
    .insertInto('recovery_code')
    .values(codes.map((code) => ({ person_id: person, hash: recoveryCodeHash(code), used_at: null })))
    .execute();
  return codes;
}
