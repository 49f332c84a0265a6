import type { FastifyInstance, FastifyRequest } from 'fastify';
import { execInSite, uploadToSite } from '#contract/api/stream.ts';
import { type Command, commandFault } from '#model/door/command.ts';
import type { Door } from '#model/door/door.ts';
import { HofjeError } from '#model/error.ts';
import { EVERYTHING } from '#model/right/visibility.ts';
import { audit } from '../audit.ts';
import { objectOf } from '../auth/admitted.ts';
import type { Context } from '../context.ts';
import { serve } from '../http/serve.ts';
import { liveSite } from '../site/queries.ts';
import { unpackArgv } from './upload.ts';

const KEEPALIVE_MS = 30_000;

export function streamRoutes(app: FastifyInstance, context: Context): void {
  serve(app, execInSite, async ({ body }, request) => {
    const { argv, env = {}, terminal } = body;
    const command = { argv, env, ...(terminal === undefined ? {} : { terminal }) };
    return await openStream(context, request, 'exec', command);
  });

  serve(app, uploadToSite, async ({ body }, request) => {
    const command = { argv: unpackArgv(body.format, body.to), env: {} };
    return await openStream(context, request, 'upload', command);
  });

  for (const [side, url] of [
    ['client', '/v1/exec/:ticket'],
    ['node', '/stream/v1/:ticket'],
  ] as const) {
    app.route<{ Params: { ticket: string } }>({
      method: 'GET',
      url,
      schema: { hide: true },
      // Before the upgrade, so that a wrong ticket gets a plain 404.
      preValidation: async (request) => {
        context.pairs.check(side, request.params.ticket);
      },
      handler: () => {
        throw new HofjeError('request.malformed', 'This address is for a WebSocket.');
      },
      wsHandler: (socket, request) => {
        request.raw.socket.setKeepAlive(true, KEEPALIVE_MS);
        context.pairs.attach(side, request.params.ticket, socket);
      },
    });
  }
}

async function openStream(context: Context, request: FastifyRequest, door: Door, command: Command) {
  const fault = commandFault(command);
  if (fault !== undefined) throw new HofjeError('exec.invalid', `Not possible: ${fault}.`, { field: 'argv' });
  const site = await liveSite(context.db, EVERYTHING, objectOf(request, 'site'));
  if (site.suspended) throw new HofjeError('site.suspended', `The site ${site.name} is suspended.`, { field: 'site' });
  const node = await context.db
    .selectFrom('node')
    .select('linked_to')
    .where('id', '=', site.node_id)
    .executeTakeFirst();
  if (node?.linked_to === null) {
    throw new HofjeError('node.unreachable', 'The node of the site holds no connection to the control plane now.');
  }
  const { client, node: nodeUrl } = context.config.publicUrls;
  const { ticket, expiresAt } = context.pairs.open({
    site: site.id,
    door,
    order: async (nodeTicket) =>
      await context.links.order(site.node_id, {
        kind: 'stream',
        ticket: nodeTicket,
        url: `${websocketUrl(nodeUrl)}/stream/v1/${nodeTicket}`,
        site: site.id,
        door,
        ...command,
      }),
  });
  // What was run is the customer's business; that something was, is on record.
  await audit(context.db, request, site.id, { account: site.account_id, site: site.id, after: { door } });
  return { url: `${websocketUrl(client)}/v1/exec/${ticket}`, expiresAt: expiresAt.toISOString() };
}

function websocketUrl(url: string): string {
  return url.replace(/^http/, 'ws');
}
