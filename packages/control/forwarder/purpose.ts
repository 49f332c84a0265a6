import type { FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import type { changeForwarder, createForwarder } from '#contract/api/forwarder.ts';
import { HofjeError } from '#model/error.ts';
import type { AccountId, DomainId, SiteId } from '#model/id.ts';
import { comparableAddress, parseForeignAddress } from '#model/mail/address.ts';
import { parsePipeCommand } from '#model/mail/command.ts';
import { forwardLoop } from '#model/mail/loop.ts';
import type { Visibility } from '#model/right/visibility.ts';
import { demandScope, sightOf } from '../auth/admitted.ts';
import type { Tx } from '../database/connect.ts';
import type { DomainRow } from '../domain/claim.ts';
import { liveSite } from '../site/queries.ts';
import { readForwards } from './queries.ts';

type Body = Omit<Static<typeof createForwarder.body>, 'address'> | Static<typeof changeForwarder.body>;

/** What a forwarder does, understood but not yet placed. */
export type Purpose =
  | { readonly kind: 'addresses'; readonly targets: string[] }
  | { readonly kind: 'pipe'; readonly command: string; readonly argv: string[] };

/** Exactly one of `to` and `pipe`. Throws `request.invalid`, `address.invalid`, `domain.invalid`, `pipe.invalid`. */
export function readPurpose({ to, pipe, site }: Body): Purpose {
  if (pipe !== undefined && to === undefined) return { kind: 'pipe', command: pipe, argv: parsePipeCommand(pipe) };
  if (to !== undefined && pipe === undefined && site === undefined) {
    const targets = to.map((target, index) => parseForeignAddress(target, `to.${index}`));
    return { kind: 'addresses', targets: [...new Set(targets)] };
  }
  const message = 'A forwarder has either addresses to send to, or a pipe with its site.';
  throw new HofjeError('request.invalid', message, { field: to === undefined && pipe === undefined ? 'to' : 'pipe' });
}

interface Placing {
  readonly domain: DomainRow;
  readonly address: string;
  readonly purpose: Purpose;
  readonly site: string | undefined;
}

/** The purpose as the table has it. Throws `forwarder.loop`, `forwarder.no-site`, `forwarder.site-elsewhere`, `site.not-found`. */
export async function placePurpose(tx: Tx, request: FastifyRequest, { domain, address, purpose, site }: Placing) {
  if (purpose.kind === 'addresses') {
    await refuseLoop(tx, domain, address, purpose.targets);
    return { kind: purpose.kind, targets: purpose.targets, command: null, argv: null, site_id: null };
  }
  // It will run a program in the site.
  demandScope(request, 'exec');
  const site_id = await siteOfPipe(tx, sightOf(request, 'site'), domain, site);
  return { kind: purpose.kind, targets: null, command: purpose.command, argv: purpose.argv, site_id };
}

async function refuseLoop(tx: Tx, domain: DomainRow, address: string, targets: readonly string[]): Promise<void> {
  const forwards = new Map(await readForwards(tx, targets));
  forwards.set(comparableAddress(address), targets);
  const loop = forwardLoop(forwards, address);
  if (loop === undefined) return;
  // Where mail goes on to in somebody else's domain is his business.
  const way = (await areOwn(tx, domain.account_id, loop)) ? `: ${loop.join(' to ')}` : '';
  throw new HofjeError('forwarder.loop', `Mail would go in a circle${way}.`, { field: 'to' });
}

/** Whether all addresses are of live domains of one account. */
async function areOwn(tx: Tx, account: AccountId, addresses: readonly string[]): Promise<boolean> {
  const names = new Set(addresses.map((address) => address.slice(address.lastIndexOf('@') + 1)));
  const own = await tx
    .selectFrom('domain')
    .select('id')
    .where('account_id', '=', account)
    .where('deleted_at', 'is', null)
    .where('name', 'in', [...names])
    .execute();
  return own.length === names.size;
}

/** The site that a pipe enters: the one that is named, of the same account and node; else the one of its domain. */
async function siteOfPipe(
  tx: Tx,
  visibility: Visibility,
  domain: DomainRow,
  named: string | undefined,
): Promise<SiteId> {
  if (named === undefined) return await siteOfDomain(tx, domain.id, domain.name);
  const site = await liveSite(tx, visibility, named);
  if (site.account_id !== domain.account_id) {
    throw new HofjeError('site.not-found', `There is no site ${named}.`, {
      field: 'site',
      hint: 'It must belong to the account of the domain.',
    });
  }
  if (site.node_id !== domain.node_id) {
    throw new HofjeError('forwarder.site-elsewhere', 'The site is on another node than the mail of the domain.', {
      field: 'site',
    });
  }
  return site.id;
}

async function siteOfDomain(tx: Tx, domain: DomainId, name: string): Promise<SiteId> {
  const host = await tx
    .selectFrom('site_host')
    .innerJoin('site', 'site.id', 'site_host.site_id')
    .innerJoin('domain', 'domain.id', 'site_host.domain_id')
    .select('site_host.site_id')
    .where('site_host.domain_id', '=', domain)
    .where('site_host.name', '=', name)
    .where('site_host.live', '=', true)
    .whereRef('site.node_id', '=', 'domain.node_id')
    .executeTakeFirst();
  if (host === undefined) {
    throw new HofjeError('forwarder.no-site', `No site answers to ${name}, so say which one the pipe enters.`, {
      field: 'site',
    });
  }
  return host.site_id;
}
