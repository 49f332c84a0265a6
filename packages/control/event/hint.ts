import type { Selectable } from 'kysely';
import type { AccountId, DomainId, PersonId, SiteId } from '#model/id.ts';
import type { EventTable } from '../database/tables.ts';

/** A hint with its place among all, and all that it takes to decide who sees it. */
export interface PlacedHint {
  readonly id: number;
  readonly kind: string;
  readonly object: string;
  readonly account: AccountId | null;
  readonly site: SiteId | null;
  readonly domain: DomainId | null;
  /** Who did it. */
  readonly person: PersonId | null;
  readonly version: number | null;
}

export function placeHint(row: Selectable<EventTable>): PlacedHint {
  const { id, kind, object, version } = row;
  return {
    id,
    kind,
    object,
    account: row.account_id,
    site: row.site_id,
    domain: row.domain_id,
    person: row.person_id,
    version,
  };
}
