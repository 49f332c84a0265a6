import { HofjeError } from '#model/error.ts';
import { isId } from '#model/id.ts';
import type { Visibility } from '#model/right/visibility.ts';
import { seenPerson } from '../auth/visible.ts';
import type { Db } from '../database/connect.ts';
import type { After } from '../http/page.ts';

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

/** By id or mail address. Throws `person.not-found`. */
export async function findPerson(db: Db, visibility: Visibility, reference: string, field = 'person') {
  const row = await db
    .selectFrom('person')
    .select(PERSON_COLUMNS)
    .where(
      isId('person', reference) ? 'id' : 'email',
      '=',
      isId('person', reference) ? reference : reference.toLowerCase(),
    )
    .where(seenPerson(visibility))
    .executeTakeFirst();
  if (row === undefined) throw new HofjeError('person.not-found', `There is no person ${reference}.`, { field });
  return row;
}

export function personPage(db: Db, visibility: Visibility, filter: { after: After | undefined; limit: number }) {
  let query = db.selectFrom('person').select(PERSON_COLUMNS).where(seenPerson(visibility));
  const { after } = filter;
  if (after !== undefined) query = query.where('person.email', '>', after.key);
  return query.orderBy('person.email').limit(filter.limit + 1);
}
