import type { FastifyRequest } from 'fastify';
import { callerName } from './auth/caller.ts';
import type { Db } from './database/connect.ts';

/** Records who changed what, in the transaction of the change. `detail` holds no secrets. */
export async function audit(
  db: Db,
  request: FastifyRequest,
  object: string,
  detail: Record<string, unknown> = {},
): Promise<void> {
  await db
    .insertInto('audit')
    .values({
      caller: callerName(request.caller),
      request_id: request.id,
      action: `${request.method} ${request.routeOptions.url}`,
      object,
      detail: JSON.stringify(detail),
    })
    .execute();
}
