import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { HofjeError } from '#model/error.ts';
import { callerName } from '../auth/caller.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../database/connect.ts';

/**
 * Makes an object once: in one transaction with the memory of its answer, so that a request with the same
 * `Idempotency-Key` gets the same answer again and makes nothing, however the first one ended. Two at the same time: the
 * second waits for the first. Throws `idempotency.different-request` when the key was used for something else.
 */
export async function createOnce<A>(
  context: Context,
  request: FastifyRequest,
  work: (tx: Tx) => Promise<A>,
): Promise<A> {
  const key = request.headers['idempotency-key'];
  // Its form was checked with the other headers.
  if (typeof key !== 'string') return await context.db.transaction().execute(work);
  const caller = callerName(request.caller);
  const hash = requestHash(request);
  return await context.db.transaction().execute(async (tx) => {
    const claimed = await tx
      .insertInto('idempotency')
      .values({ caller, key, request_hash: hash, status: 201, answer: Buffer.alloc(0) })
      .onConflict((conflict) => conflict.columns(['caller', 'key']).doNothing())
      .returning('key')
      .executeTakeFirst();
    if (claimed === undefined) return await rememberedAnswer<A>(context, tx, caller, key, hash);
    const answer = await work(tx);
    await tx
      .updateTable('idempotency')
      .set({ answer: context.seal.seal(JSON.stringify(answer)) })
      .where('caller', '=', caller)
      .where('key', '=', key)
      .execute();
    return answer;
  });
}

async function rememberedAnswer<A>(context: Context, tx: Tx, caller: string, key: string, hash: Buffer): Promise<A> {
  const row = await tx
    .selectFrom('idempotency')
    .select(['request_hash', 'answer'])
    .where('caller', '=', caller)
    .where('key', '=', key)
    .executeTakeFirstOrThrow();
  if (!row.request_hash.equals(hash)) {
    throw new HofjeError('idempotency.different-request', 'This Idempotency-Key was used for another request.', {
      field: 'Idempotency-Key',
    });
  }
  return JSON.parse(context.seal.open(row.answer)) as A;
}

function requestHash(request: FastifyRequest): Buffer {
  const parts = [request.method, request.routeOptions.url, request.params, request.body ?? null];
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}
