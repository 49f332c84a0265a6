import { type RawBuilder, sql } from 'kysely';
import type { Found } from '#contract/api/search.ts';
import type { AccountId } from '#model/id.ts';
import { rolesTowards } from '#model/right/decide.ts';
import type { Subject } from '#model/right/subject.ts';
import { type Visibility, visibilityOf } from '#model/right/visibility.ts';
import { seenAccount, seenDomain, seenForwarder, seenMailbox, seenPerson, seenSite } from '../auth/visible.ts';
import type { Words } from './words.ts';

export type Kind = Found['kind'];

export interface FoundRow {
  readonly id: string;
  readonly name: string;
  readonly note: string | null;
  readonly account: AccountId | null;
  readonly account_name: string | null;
  readonly state: Found['state'];
}

/** Where a kind of things is looked for. `matches` says that a pattern fits, in a form that an index of trigrams serves. */
interface Place {
  /** `select` the columns of a FoundRow `from` ... `where` all that must hold besides the name. */
  readonly seen: RawBuilder<unknown>;
  readonly matches: (pattern: string) => RawBuilder<boolean>;
}

/** Rows that hold the letters anywhere are looked at no further than this: a person reads on by typing on. */
const CANDIDATES = 300;

/**
 * What a caller sees of a kind whose name fits: exact names, then those that begin so, then short ones. Undefined where he
 * sees nothing of that kind.
 */
export function findings(
  subject: Subject,
  kind: Kind,
  { exact, begins, within }: Words,
  limit: number,
): RawBuilder<FoundRow> | undefined {
  const place = placeOf(subject, kind);
  if (place === undefined) return undefined;
  const { seen, matches } = place;
  return sql<FoundRow>`select * from (
      (${seen} and ${matches(exact.pattern)} limit ${limit})
      union (${seen} and ${matches(begins)} limit ${limit})
      union (${seen} and ${matches(within)} limit ${CANDIDATES})
    ) as found
    order by matched = ${exact.text} desc, matched like ${begins} desc, length(matched), matched, id limit ${limit}`;
}

function placeOf(subject: Subject, kind: Kind): Place | undefined {
  switch (kind) {
    case 'account':
      return ofColumn(
        'account.name',
        sql`select account.id, account.name, account.name as matched, null as note, account.id as account,
          account.name as account_name, null as state
          from account where account.deleted_at is null and ${seenAccount(visibilityOf(subject, 'account'))}`,
      );
    case 'site':
      return ofColumn(
        'site_host.name',
        sql`select site.id, site.name, site_host.name as matched,
          case when site_host.name <> site.name then site_host.name end as note,
          account.id as account, account.name as account_name, coalesce(site_report.state, 'unknown') as state
          from site_host join site on site.id = site_host.site_id join account on account.id = site.account_id
          left join site_report on site_report.site_id = site.id
          where site_host.live and site.deleted_at is null and ${seenSite(visibilityOf(subject, 'site'))}`,
      );
    case 'domain':
      return ofColumn(
        'domain.name',
        sql`select domain.id, domain.name, domain.name as matched, null as note, account.id as account,
          account.name as account_name, null as state
          from domain join account on account.id = domain.account_id
          where domain.deleted_at is null and ${seenDomain(visibilityOf(subject, 'domain'))}`,
      );
    case 'mailbox':
      return ofColumn('mailbox.address', ofMail('mailbox', seenMailbox(visibilityOf(subject, 'mailbox'))));
    case 'forwarder':
      return ofColumn('forwarder.address', ofMail('forwarder', seenForwarder(visibilityOf(subject, 'forwarder'))));
    case 'person':
      return people(subject);
    case 'node':
      // Of the machines customers know nothing.
      if (rolesTowards(subject, { kind: 'installation' }).length === 0) return undefined;
      return ofColumn(
        'node.name',
        sql`select node.id, node.name, node.name as matched, null as note, null as account, null as account_name,
          null as state from node where true`,
      );
  }
}

function ofColumn(column: string, seen: RawBuilder<unknown>): Place {
  return { seen, matches: (pattern) => sql`${sql.ref(column)} like ${pattern}` };
}

function ofMail(table: 'mailbox' | 'forwarder', seen: RawBuilder<boolean>): RawBuilder<unknown> {
  const address = sql.ref(`${table}.address`);
  return sql`select ${sql.ref(`${table}.id`)}, ${address} as name, ${address} as matched, null as note,
    account.id as account, account.name as account_name, null as state
    from ${sql.table(table)} join domain on domain.id = ${sql.ref(`${table}.domain_id`)}
    join account on account.id = ${sql.ref(`${table}.account_id`)}
    where domain.deleted_at is null and ${seen}`;
}

/** Whom one knows: oneself, and the people of accounts of which one sees all. */
function people(subject: Subject): Place {
  const known = visibilityOf(subject, 'domain');
  const seen = sql`select person.id, person.email as name, person.email as matched, person.name as note,
    shared.id as account, shared.name as account_name, null as state
    from person left join lateral (
      select account.id, account.name from membership join account on account.id = membership.account_id
      where membership.person_id = person.id and account.deleted_at is null and ${ofAccounts(known)}
      order by account.name limit 1
    ) as shared on true
    where person.disabled_at is null and (${seenPerson(visibilityOf(subject, 'person'))} or shared.id is not null)`;
  return { seen, matches: (pattern) => sql`(person.email like ${pattern} or person.name ilike ${pattern})` };
}

function ofAccounts(visibility: Visibility): RawBuilder<boolean> {
  return visibility.all ? sql`true` : sql`membership.account_id = any(${visibility.accounts})`;
}
