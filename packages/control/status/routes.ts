import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { healthz, readyz } from '#contract/api/status.ts';
import { HofjeError } from '#model/error.ts';
import type { Context } from '../context.ts';
import { serve } from '../http/serve.ts';

/** What machines ask: does it live, can it work, how does it do, what does it offer. */
export function statusRoutes(app: FastifyInstance, context: Context): void {
  serve(app, healthz, async () => ({ status: 'ok' }) as const);

  serve(app, readyz, async () => {
    try {
      await sql`select 1`.execute(context.db);
    } catch (cause) {
      throw new HofjeError('unavailable', 'The database cannot be reached now.', { cause });
    }
    return { status: 'ok' } as const;
  });

  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    return await reply.type(context.metrics.contentType).send(await context.metrics.read());
  });

  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}
