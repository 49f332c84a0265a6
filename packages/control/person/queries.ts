import type { Selectable } from 'kysely';
import type { Person } from '#contract/api/person.ts';
import { HofjeError } from '#model/error.ts';
import { isId } from '#model/id.ts';
import type { Visibility } from '#model/right/visibility.ts';
import { seenPerson } from '../auth/visible.ts';
import type { Db } from '../database/connect.ts';
import { keysetPage, type Page } from '../database/keyset.ts';
import type { PersonTable } from '../database/tables.ts';
import { normalEmail } from '../entrance/entrant.ts';

/** What of a person may be read; what proves who he is is read only where it is proven. */
export const PERSON_COLUMNS = [
  'person.id',
  'person.email',
  'person.name',
  'person.language',
  'person.operator_role',
  'person.version',
  'person.created_at',
  'person.disabled_at',
] as const;

export type PersonRow = Pick<
  Selectable<PersonTable>,
  'id' | 'email' | 'name' | 'language' | 'operator_role' | 'version' | 'created_at' | 'disabled_at'
>;

export function showPerson(row: PersonRow): Person {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    language: row.language,
    operatorRole: row.operator_role,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    disabledAt: row.disabled_at?.toISOString() ?? null,
  };
}

/** One who is seen, by id or mail address. Throws `person.not-found`. */
export async function findPerson(
  db: Db,
  visibility: Visibility,
  reference: string,
  field = 'person',
): Promise<PersonRow> {
  const seen = db.selectFrom('person').select(PERSON_COLUMNS).where(seenPerson(visibility));
  const row = isId('person', reference)
    ? await seen.where('id', '=', reference).executeTakeFirst()
    : await seen.where('email', '=', normalEmail(reference)).executeTakeFirst();
  if (row === undefined) throw new HofjeError('person.not-found', `There is no person ${reference}.`, { field });
  return row;
}

export function personPage(db: Db, visibility: Visibility, page: Page) {
  const query = db.selectFrom('person').select(PERSON_COLUMNS).where(seenPerson(visibility));
  return keysetPage(query, 'person.email', 'person.id', page);
}
