import { type RawBuilder, sql } from 'kysely';
import type { Visibility } from '#model/right/visibility.ts';

/**
 * Visibility as conditions of queries, for the tables `account`, `site`, `domain`, `mailbox`, `forwarder` and `person` under
 * their own names.
 */

type Condition = RawBuilder<boolean>;

const ALL: Condition = sql`true`;

export function seenAccount(visibility: Visibility): Condition {
  if (visibility.all) return ALL;
  return isOneOf('account.id', [...visibility.accounts, ...visibility.partly]);
}

export function seenSite(visibility: Visibility): Condition {
  if (visibility.all) return ALL;
  const { accounts, sites } = visibility;
  const whole = isOneOf('site.account_id', accounts);
  return sites.length === 0 ? whole : sql`(${whole} or ${isOneOf('site.id', sites)})`;
}

export function seenDomain(visibility: Visibility): Condition {
  if (visibility.all) return ALL;
  return orOfSites(isOneOf('domain.account_id', visibility.accounts), 'domain.id', visibility.sites);
}

export function seenMailbox(visibility: Visibility): Condition {
  if (visibility.all) return ALL;
  if (visibility.mailbox !== null) return sql`mailbox.id = ${visibility.mailbox}`;
  return orOfSites(isOneOf('mailbox.account_id', visibility.accounts), 'mailbox.domain_id', visibility.sites);
}

export function seenForwarder(visibility: Visibility): Condition {
  if (visibility.all) return ALL;
  return orOfSites(isOneOf('forwarder.account_id', visibility.accounts), 'forwarder.domain_id', visibility.sites);
}

export function seenPerson(visibility: Visibility): Condition {
  return visibility.all ? ALL : sql`person.id = ${visibility.person}`;
}

/** A site that runs a plan or an image lets it be seen. */
export function runBySeenSite(
  column: 'plan' | 'image',
  value: 'plan.name' | 'image.digest',
  visibility: Visibility,
): Condition {
  return sql`exists (
    select from site where site.${sql.ref(column)} = ${sql.ref(value)} and site.deleted_at is null and ${seenSite(visibility)}
  )`;
}

/** One alone is asked for as such: only then an index gives the rows in its order. */
function isOneOf(column: string, ids: readonly string[]): Condition {
  const [only] = ids;
  if (only === undefined) return sql`false`;
  return ids.length === 1 ? sql`${sql.ref(column)} = ${only}` : sql`${sql.ref(column)} = any(${ids})`;
}

function orOfSites(whole: Condition, domain: string, sites: readonly string[]): Condition {
  if (sites.length === 0) return whole;
  return sql`(${whole} or exists (
    select from site_host
    where site_host.domain_id = ${sql.ref(domain)} and site_host.live and ${isOneOf('site_host.site_id', sites)}
  ))`;
}
