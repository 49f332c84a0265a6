import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PAGES } from '#contract/panel/pages.ts';
import type { Context } from '../context.ts';
import { type PanelFile, readPanel } from './files.ts';
import { chooseForm } from './form.ts';
import { PANEL_HEADERS } from './policy.ts';
import { ASSET_ROUTE } from './rights.ts';

/** A name that changes with the contents never changes its contents. */
const FOR_EVER = 'public, max-age=31536000, immutable';
/** Asked for each time, answered with 304 mostly: a new panel is seen at once. */
const ASK_AGAIN = 'no-cache';

/** Serves the panel where one was configured; without, its addresses are as unknown as any other. */
export async function panelRoutes(app: FastifyInstance, context: Context): Promise<void> {
  const folder = context.config.panelFolder;
  const panel = folder === undefined ? undefined : await readPanel(folder);
  for (const page of PAGES) {
    app.get(page, { schema: { hide: true } }, async (request, reply) => {
      return panel === undefined ? reply.callNotFound() : send(request, reply, panel.page, ASK_AGAIN);
    });
  }
  app.get<{ Params: { file: string } }>(ASSET_ROUTE, { schema: { hide: true } }, async (request, reply) => {
    const file = panel?.assets.get(request.params.file);
    return file === undefined ? reply.callNotFound() : send(request, reply, file, FOR_EVER);
  });
}

function send(request: FastifyRequest, reply: FastifyReply, file: PanelFile, caching: string): FastifyReply {
  reply.headers(PANEL_HEADERS).headers({ 'cache-control': caching, etag: file.etag, vary: 'accept-encoding' });
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
  const { encoding, content } = chooseForm(file, request.headers['accept-encoding'] ?? '');
  if (encoding !== undefined) reply.header('content-encoding', encoding);
  return reply.type(file.type).send(content);
}
