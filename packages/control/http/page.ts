import { HofjeError } from '#model/error.ts';

/** Lists go on after the last row that was given: its sort key and id, packed so that callers pass it on unread. */
export interface After {
  readonly key: string;
  readonly id: string;
}

export const PAGE_DEFAULT = 100;

export function readCursor(cursor: string | undefined): After | undefined {
  if (cursor === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (
      Array.isArray(parsed) &&
      parsed.length === 2 &&
      parsed.every((part) => typeof part === 'string' && !part.includes('\0'))
    ) {
      return { key: parsed[0], id: parsed[1] };
    }
  } catch {
    // Falls through: whatever it was, it is no cursor of ours.
  }
  throw new HofjeError('cursor.invalid', 'The cursor is not one that a page gave.', { field: 'cursor' });
}

/** Cuts the one row too many that tells whether there is a next page. */
export function makePage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  positionOf: (row: Row) => After,
  show: (row: Row) => Item,
): { items: Item[]; next: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items: shown.map(show), next: more ? writeCursor(positionOf(last)) : null };
}

function writeCursor(after: After): string {
  return Buffer.from(JSON.stringify([after.key, after.id])).toString('base64url');
}
