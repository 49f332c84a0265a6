import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import {
  createForwarder,
  deleteForwarder,
  type Forwarder,
  getForwarder,
  listForwarders,
} from '#contract/api/forwarder.ts';
import { HofjeError } from '#model/error.ts';
import { type AccountId, type DomainId, makeId, type NodeId, type SiteId } from '#model/id.ts';
import {
  comparableAddress,
  formatAddress,
  type LocalAddress,
  parseForeignAddress,
  parseLocalAddress,
} from '#model/mail/address.ts';
import { parsePipeCommand } from '#model/mail/command.ts';
import { forwardLoop } from '#model/mail/loop.ts';
import { EVERYTHING, type Visibility } from '#model/right/visibility.ts';
import { audit } from '../audit.ts';
import { demandScope, objectOf, sightOf } from '../auth/admitted.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../database/connect.ts';
import type { DomainRow } from '../domain/claim.ts';
import { findDomain } from '../domain/queries.ts';
import { createOnce } from '../http/once.ts';
import { makePage, PAGE_DEFAULT, readCursor } from '../http/page.ts';
import { serve } from '../http/serve.ts';
import { checkVersion } from '../http/version.ts';
import { reserveAddress } from '../mail/address.ts';
import { liveSite } from '../site/queries.ts';
import { bumpRevision } from '../state/revision.ts';
import { withSettled } from '../state/settle.ts';
import { findForwarder, forwarderPage, readForwards, showForwarder } from './queries.ts';

type Body = Static<typeof createForwarder.body>;

/** What a new forwarder does, understood but not yet placed. */
type Purpose =
  | { readonly kind: 'addresses'; readonly targets: string[] }
  | { readonly kind: 'pipe'; readonly command: string; readonly argv: string[] };

export function forwarderRoutes(app: FastifyInstance, context: Context): void {
  const { db } = context;

  serve(app, createForwarder, async ({ body, query }, request) => {
    const address = parseLocalAddress(body.address);
    const purpose = readPurpose(body);
    const made = await createOnce(context, request, async (tx) => {
      return await makeForwarder(context, tx, request, { address, purpose, site: body.site });
    });
    return await withSettled(context, made.forwarder, query?.wait, made);
  });

  serve(app, listForwarders, async ({ query }, request) => {
    const limit = query?.limit ?? PAGE_DEFAULT;
    const domain =
      query?.domain === undefined
        ? {}
        : { domain: (await findDomain(db, sightOf(request, 'domain'), query.domain)).id };
    const rows = await forwarderPage(db, sightOf(request, 'forwarder'), {
      after: readCursor(query?.cursor),
      limit,
      ...domain,
    }).execute();
    return makePage(rows, limit, (row) => ({ key: row.address, id: row.id }), showForwarder);
  });

  serve(app, getForwarder, async (_input, request) =>
    showForwarder(await findForwarder(db, EVERYTHING, objectOf(request, 'forwarder'))),
  );

  serve(app, deleteForwarder, async ({ query }, request) => {
    const id = objectOf(request, 'forwarder');
    const deleted = await db.transaction().execute(async (tx) => {
      const row = await tx.selectFrom('forwarder').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
      if (row === undefined)
        throw new HofjeError('forwarder.not-found', 'The forwarder is gone.', { field: 'forwarder' });
      checkVersion(request, row.version);
      await tx.deleteFrom('forwarder').where('id', '=', id).execute();
      const domain = await findDomain(tx, EVERYTHING, row.domain_id);
      const revision = await bumpRevision(tx, domain.node_id);
      await audit(tx, request, id, { account: domain.account_id, domain: domain.id, before: showForwarder(row) });
      return { forwarder: showForwarder(row), node: domain.node_id, revision };
    });
    return await withSettled(context, deleted.forwarder, query?.wait, deleted);
  });
}

/** Exactly one of `to` and `pipe`. Throws `request.invalid`, `address.invalid`, `domain.invalid`, `pipe.invalid`. */
function readPurpose({ to, pipe, site }: Body): Purpose {
  if (pipe !== undefined && to === undefined) return { kind: 'pipe', command: pipe, argv: parsePipeCommand(pipe) };
  if (to !== undefined && pipe === undefined && site === undefined) {
    const targets = to.map((target, index) => parseForeignAddress(target, `to.${index}`));
    return { kind: 'addresses', targets: [...new Set(targets)] };
  }
  const message = 'A forwarder has either addresses to send to, or a pipe with its site.';
  throw new HofjeError('request.invalid', message, { field: to === undefined && pipe === undefined ? 'to' : 'pipe' });
}

interface NewForwarder {
  readonly address: LocalAddress;
  readonly purpose: Purpose;
  readonly site: string | undefined;
}

async function makeForwarder(
  context: Context,
  tx: Tx,
  request: FastifyRequest,
  { address, purpose, site }: NewForwarder,
): Promise<{ forwarder: Forwarder; node: NodeId; revision: number }> {
  const domain = await reserveAddress(tx, address, objectOf(request, 'domain'));
  const text = formatAddress(address);
  if (purpose.kind === 'addresses') await refuseLoop(tx, domain, text, purpose.targets);
  // It will run a program in the site.
  else demandScope(request, 'exec');
  const values =
    purpose.kind === 'addresses'
      ? { kind: purpose.kind, targets: purpose.targets }
      : {
          kind: purpose.kind,
          command: purpose.command,
          argv: purpose.argv,
          site_id: await siteOfPipe(tx, sightOf(request, 'site'), domain, site),
        };
  const row = await tx
    .insertInto('forwarder')
    .values({
      id: makeId('forwarder', context.random(20)),
      domain_id: domain.id,
      account_id: domain.account_id,
      local_part: address.localPart,
      address: text,
      ...values,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  const revision = await bumpRevision(tx, domain.node_id);
  await audit(tx, request, row.id, { account: domain.account_id, domain: domain.id, after: showForwarder(row) });
  return { forwarder: showForwarder(row), node: domain.node_id, revision };
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
