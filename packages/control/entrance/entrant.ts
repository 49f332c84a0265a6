import { HofjeError } from '#model/error.ts';
import type { MailboxId, PersonId } from '#model/id.ts';
import type { OperatorRole } from '#model/right/role.ts';
import type { Db } from '../database/connect.ts';

/** A person at the door: what he can prove himself with. */
export interface PersonAtDoor {
  readonly id: PersonId;
  readonly email: string;
  readonly name: string;
  readonly operatorRole: OperatorRole | null;
  readonly passwordHash: string | null;
  /** Sealed; null where no authenticator app is confirmed. */
  readonly totpSecret: Buffer | null;
  readonly totpLastStep: number | null;
  readonly passkeys: number;
  readonly recoveryCodes: number;
}

export interface MailboxAtDoor {
  readonly id: MailboxId;
  readonly passwordHash: string;
}

/** As addresses of people are kept. */
export function normalEmail(typed: string): string {
  return typed.trim().toLowerCase();
}

export async function personByEmail(db: Db, typed: string): Promise<PersonAtDoor | undefined> {
  return await personWhere(db, 'email', normalEmail(typed));
}

/** Undefined where there is none any more, or he is shut out. */
export async function personById(db: Db, id: PersonId): Promise<PersonAtDoor | undefined> {
  return await personWhere(db, 'id', id);
}

/** The query of `personByEmail` and `personById`. */
export function personAtDoor(db: Db, column: 'email' | 'id', value: string) {
  return db
    .selectFrom('person')
    .select([
      'id',
      'email',
      'name',
      'operator_role',
      'password_hash',
      'totp_secret',
      'totp_confirmed_at',
      'totp_last_step',
    ])
    .select(({ selectFrom, fn }) => [
      selectFrom('passkey')
        .select(fn.countAll<number>().as('count'))
        .whereRef('passkey.person_id', '=', 'person.id')
        .as('passkeys'),
      selectFrom('recovery_code')
        .select(fn.countAll<number>().as('count'))
        .whereRef('recovery_code.person_id', '=', 'person.id')
        .where('recovery_code.used_at', 'is', null)
        .as('recovery_codes'),
    ])
    .where(column, '=', value as never)
    .where('disabled_at', 'is', null);
}

async function personWhere(db: Db, column: 'email' | 'id', value: string): Promise<PersonAtDoor | undefined> {
  const row = await personAtDoor(db, column, value).executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    operatorRole: row.operator_role,
    passwordHash: row.password_hash,
    totpSecret: row.totp_confirmed_at === null ? null : row.totp_secret,
    totpLastStep: row.totp_last_step,
    passkeys: row.passkeys ?? 0,
    recoveryCodes: row.recovery_codes ?? 0,
  };
}

/** The query of `mailboxByAddress`. */
export function mailboxAtDoor(db: Db, typed: string) {
  return db
    .selectFrom('mailbox')
    .innerJoin('domain', 'domain.id', 'mailbox.domain_id')
    .select(['mailbox.id', 'mailbox.password_hash'])
    .where('mailbox.address', '=', normalEmail(typed))
    .where('domain.deleted_at', 'is', null)
    .where('domain.established_at', 'is not', null);
}

/** The mailbox of an address, where its domain is established: an unproven domain lets nobody in. */
export async function mailboxByAddress(db: Db, typed: string): Promise<MailboxAtDoor | undefined> {
  const row = await mailboxAtDoor(db, typed).executeTakeFirst();
  return row === undefined ? undefined : { id: row.id, passwordHash: row.password_hash };
}

/** The person himself, who must still be there. */
export async function requirePerson(db: Db, id: PersonId): Promise<PersonAtDoor> {
  const person = await personById(db, id);
  if (person === undefined) throw new HofjeError('auth.required', 'You were shut out in the meantime.');
  return person;
}

export function hasSecondFactor(person: PersonAtDoor): boolean {
  return person.totpSecret !== null || person.passkeys > 0;
}
