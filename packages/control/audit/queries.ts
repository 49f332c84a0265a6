import { beginChain, type ChainHead } from '#model/audit/chain.ts';
import type { AccountId, PersonId, SiteId } from '#model/id.ts';
import type { Visibility } from '#model/right/visibility.ts';
import type { Db } from '../database/connect.ts';
import type { After } from '../http/page.ts';

const COLUMNS = ['hash', 'body', 'account_body', 'at'] as const;

export interface AuditRow {
  readonly hash: Buffer;
  readonly body: string;
  readonly account_body: string | null;
  readonly at: string;
}

export interface AuditFilter {
  readonly visibility: Visibility;
  /** Whose own trail, outside of any account, is seen too. */
  readonly self: PersonId | null;
  readonly account?: AccountId;
  readonly person?: string;
  readonly object?: string;
  readonly action?: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly from?: string;
  readonly to?: string;
  readonly after: After | undefined;
  readonly limit: number;
}

/**
 * The newest entries that a caller sees, one more than the limit. Each part that he sees (an account, a site, his own) is
 * read by its own index, newest first, and no further than the page.
 */
export function auditPage(db: Db, filter: AuditFilter) {
  const parts = partsOf(filter).map((part) => db.selectFrom(partPage(db, filter, part).as('part')).selectAll());
  const [first, ...others] = parts;
  if (first === undefined) return undefined;
  const all = others.reduce((union, part) => union.unionAll(part), first);
  return db
    .selectFrom(all.as('audit'))
    .selectAll()
    .orderBy('at', 'desc')
    .orderBy('hash', 'desc')
    .limit(filter.limit + 1);
}

/** Where entries are looked for. */
type Part =
  | { readonly kind: 'everything' }
  | { readonly kind: 'account'; readonly account: AccountId }
  | { readonly kind: 'site'; readonly site: SiteId }
  /** What a person did that belongs to no account, and what others did with him. */
  | { readonly kind: 'by' | 'about'; readonly person: PersonId };

/** Pure. */
function partsOf({ visibility, self, account }: AuditFilter): Part[] {
  if (visibility.all) return [account === undefined ? { kind: 'everything' } : { kind: 'account', account }];
  const accounts = visibility.accounts.filter((each) => account === undefined || each === account);
  const sites = account === undefined || visibility.partly.includes(account) ? visibility.sites : [];
  return [
    ...accounts.map((each) => ({ kind: 'account', account: each }) as const),
    ...sites.map((site) => ({ kind: 'site', site }) as const),
    ...(self === null || account !== undefined
      ? []
      : ([
          { kind: 'by', person: self },
          { kind: 'about', person: self },
        ] as const)),
  ];
}

function partPage(db: Db, filter: AuditFilter, part: Part) {
  let query = db.selectFrom('audit').select(COLUMNS);
  switch (part.kind) {
    case 'everything':
      break;
    case 'account':
      query = query.where('account_id', '=', part.account);
      break;
    case 'site':
      query = query.where('site_id', '=', part.site);
      if (filter.account !== undefined) query = query.where('account_id', '=', filter.account);
      break;
    case 'by':
      query = query.where('who', '=', part.person).where('account_id', 'is', null);
      break;
    case 'about':
      query = query.where('object', '=', part.person).where('who', '<>', part.person).where('account_id', 'is', null);
  }
  for (const [column, value] of [
    ['who', filter.person],
    ['object', filter.object],
    ['action', filter.action],
  ] as const) {
    if (value !== undefined) query = query.where(column, '=', value);
  }
  if (filter.from !== undefined) query = query.where('at', '>=', filter.from);
  if (filter.to !== undefined) query = query.where('at', '<=', filter.to);
  const { after } = filter;
  if (after !== undefined) {
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('at', 'hash'), '<', tuple(after.key, Buffer.from(after.id, 'hex'))),
    );
  }
  return query
    .orderBy('at', 'desc')
    .orderBy('hash', 'desc')
    .limit(filter.limit + 1);
}

export interface ChainEnds {
  /** The last entry that was pruned, or the beginning. */
  readonly base: ChainHead;
  readonly head: ChainHead;
}

export async function chainEnds(db: Db, chain: string): Promise<ChainEnds> {
  const row = await db.selectFrom('audit_chain').selectAll().where('chain', '=', chain).executeTakeFirst();
  if (row === undefined) return { base: beginChain(chain), head: beginChain(chain) };
  return {
    base: { chain, sequence: row.pruned_sequence, hash: row.pruned_hash.toString('hex') },
    head: { chain, sequence: row.sequence, hash: row.hash.toString('hex') },
  };
}

/** Entries of the installation's chain after one and up to another. */
export function chainPage(db: Db, after: number, upTo: number, limit: number) {
  return db
    .selectFrom('audit')
    .select(['sequence', 'hash', 'body'])
    .where('sequence', '>', after)
    .where('sequence', '<=', upTo)
    .orderBy('sequence')
    .limit(limit);
}

/** The same of an account's chain, as its people see it. */
export function accountChainPage(db: Db, account: AccountId, after: number, upTo: number, limit: number) {
  return db
    .selectFrom('audit')
    .select(({ fn }) => [
      'account_sequence as sequence',
      'account_hash as hash',
      fn.coalesce('account_body', 'body').as('body'),
    ])
    .where('account_id', '=', account)
    .where('account_sequence', '>', after)
    .where('account_sequence', '<=', upTo)
    .orderBy('account_sequence')
    .limit(limit);
}
