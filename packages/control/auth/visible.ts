import { type RawBuilder, sql } from 'kysely';
import type { Visibility } from '#model/right/visibility.ts';

/**
 * Visibility as conditions of queries, for the tables `account`, `site`, `domain`, `mailbox` (joined with its domain),
 * `forwarder` (the same) and `person` under their own names.
 */

type Condition = RawBuilder<boolean>;

const ALL: Condition = sql`true`;

export function seenAccount(visibility: Visibility): Condition {
  if (visibility.all) return ALL;
  return sql`account.id = any(${[...visibility.accounts, ...visibility.partly]})`;
}

export function seenSite(visibility: Visibility): Condition {
  if (visibility.all) return ALL;
  const { accounts, sites } = visibility;
  const whole: Condition = sql`site.account_id = any(${accounts})`;
  return sites.length === 0 ? whole : sql`(${whole} or site.id = any(${sites}))`;
}

export function seenDomain(visibility: Visibility): Condition {
  if (visibility.all) return ALL;
  const { accounts, sites } = visibility;
  const whole: Condition = sql`domain.account_id = any(${accounts})`;
  if (sites.length === 0) return whole;
  return sql`(${whole} or exists (
    select from site_host where site_host.domain_id = domain.id and site_host.live and site_host.site_id = any(${sites})
  ))`;
}

export function seenMailbox(visibility: Visibility): Condition {
  if (visibility.all || visibility.mailbox === null) return seenDomain(visibility);
  return sql`(${seenDomain(visibility)} or mailbox.id = ${visibility.mailbox})`;
}

export const seenForwarder = seenDomain;

export function seenPerson(visibility: Visibility): Condition {
  return visibility.all ? ALL : sql`person.id = ${visibility.person}`;
}
