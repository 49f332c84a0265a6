import { type Selectable, sql } from 'kysely';
import type { Forwarder } from '#contract/api/forwarder.ts';
import { HofjeError } from '#model/error.ts';
import { type DomainId, isId } from '#model/id.ts';
import { CATCH_ALL, comparableAddress, formatAddress, parseLocalAddress } from '#model/mail/address.ts';
import type { ForwardMap } from '#model/mail/loop.ts';
import type { Visibility } from '#model/right/visibility.ts';
import { seenForwarder } from '../auth/visible.ts';
import type { Db } from '../database/connect.ts';
import { keysetPage, type Page } from '../database/keyset.ts';
import type { ForwarderTable } from '../database/tables.ts';
import { pickDomain } from '../domain/queries.ts';

export type ForwarderRow = Selectable<ForwarderTable>;

export function showForwarder(row: ForwarderRow): Forwarder {
  return {
    id: row.id,
    address: row.address,
    domain: row.domain_id,
    kind: row.kind,
    ...(row.targets === null ? {} : { to: row.targets }),
    ...(row.site_id === null ? {} : { site: row.site_id }),
    ...(row.command === null ? {} : { pipe: row.command }),
    ...(row.argv === null ? {} : { argv: row.argv }),
    version: row.version,
    createdAt: row.created_at.toISOString(),
  };
}

/** One that is seen, by id or address, and whose it is. Throws `forwarder.not-found`. */
export async function findForwarder(db: Db, visibility: Visibility, reference: string) {
  const seen = db
    .selectFrom('forwarder')
    .innerJoin('domain', 'domain.id', 'forwarder.domain_id')
    .selectAll('forwarder')
    .select(['domain.name', 'domain.deleted_at', 'domain.established_at'])
    .where(seenForwarder(visibility));
  const row = isId('forwarder', reference)
    ? await seen.where('forwarder.id', '=', reference).executeTakeFirst()
    : pickDomain(
        await seen
          .where('forwarder.address', '=', formatAddress(parseLocalAddress(reference, 'forwarder')))
          .orderBy('domain.deleted_at', (order) => order.desc().nullsFirst())
          .orderBy(sql`domain.established_at is null`)
          .limit(2)
          .execute(),
        'forwarder',
      );
  if (row === undefined) {
    throw new HofjeError('forwarder.not-found', `There is no forwarder ${reference}.`, { field: 'forwarder' });
  }
  return row;
}

/** Forwarders of live domains; those of a deleted one come back with it. */
export function forwarderPage(db: Db, visibility: Visibility, filter: Page & { readonly domain?: DomainId }) {
  let query = db
    .selectFrom('forwarder')
    .innerJoin('domain', 'domain.id', 'forwarder.domain_id')
    .selectAll('forwarder')
    .where('domain.deleted_at', 'is', null)
    .where(seenForwarder(visibility));
  if (filter.domain !== undefined) query = query.where('forwarder.domain_id', '=', filter.domain);
  return keysetPage(query, 'forwarder.address', 'forwarder.id', filter);
}

/** Ways of more steps than this are not followed: no mail goes them either. */
const STEPS_MAX = 30;

/** Where mail for these addresses goes on to, step by step, with mailboxes and pipes as ends. Only what can be reached is read. */
export async function readForwards(db: Db, from: readonly string[]): Promise<ForwardMap> {
  const forwards = new Map<string, readonly string[]>();
  let frontier = [...from];
  for (let step = 0; step < STEPS_MAX && frontier.length > 0; step += 1) {
    const found = await readStops(db, [...new Set(frontier.map(comparableAddress).flatMap(withCatchAll))]);
    const fresh = found.filter(([address]) => !forwards.has(address));
    for (const [address, targets] of fresh) forwards.set(address, targets);
    frontier = fresh.flatMap(([, targets]) => targets);
  }
  return forwards;
}

function withCatchAll(address: string): string[] {
  return [address, `${CATCH_ALL}${address.slice(address.lastIndexOf('@'))}`];
}

async function readStops(db: Db, addresses: readonly string[]): Promise<(readonly [string, readonly string[]])[]> {
  const ends = await db
    .selectFrom('mailbox')
    .innerJoin('domain', 'domain.id', 'mailbox.domain_id')
    .select('mailbox.address')
    .where('domain.deleted_at', 'is', null)
    .where('mailbox.address', 'in', addresses)
    .execute();
  const forwards = await db
    .selectFrom('forwarder')
    .innerJoin('domain', 'domain.id', 'forwarder.domain_id')
    .select(['forwarder.address', 'forwarder.targets'])
    .where('domain.deleted_at', 'is', null)
    .where('forwarder.address', 'in', addresses)
    .execute();
  return [
    ...ends.map((end) => [comparableAddress(end.address), []] as const),
    ...forwards.map((row) => [comparableAddress(row.address), row.targets ?? []] as const),
  ];
}
