import { type SelectQueryBuilder, sql } from 'kysely';
import type { After } from '../http/page.ts';

/** Where a page of a list begins, and how long it is. */
export interface Page {
  readonly after: After | undefined;
  readonly limit: number;
}

/**
 * The rows of one page and one more, which tells whether there is a next (`makePage`): in the order of `key`, and of `id`
 * where several have the same. It goes on behind a row, not at a number, so that an index on both finds it at once.
 */
export function keysetPage<DB, TB extends keyof DB, O>(
  query: SelectQueryBuilder<DB, TB, O>,
  key: string,
  id: string,
  { after, limit }: Page,
): SelectQueryBuilder<DB, TB, O> {
  const [keyColumn, idColumn] = [sql.ref(key), sql.ref(id)];
  const ordered = query
    .orderBy(keyColumn)
    .orderBy(idColumn)
    .limit(limit + 1);
  if (after === undefined) return ordered;
  return ordered.where(sql<boolean>`(${keyColumn}, ${idColumn}) > (${after.key}, ${after.id})`);
}
