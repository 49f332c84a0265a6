import type { FastifyRequest } from 'fastify';
import { demandProof } from './auth/admitted.ts';
import type { Context } from './context.ts';

/**
 * When something is deleted now, and when its data goes for good. To have it go sooner than is usual here needs a fresh
 * proof, since that leaves less time to think again. Throws `auth.step-up`.
 */
export function graceOf(
  context: Context,
  request: FastifyRequest,
  seconds: number | undefined,
): { deletedAt: Date; purgeAfter: Date } {
  const deletedAt = context.now();
  const grace = seconds ?? context.config.graceSeconds;
  if (grace < context.config.graceSeconds) demandProof(request, deletedAt);
  return { deletedAt, purgeAfter: new Date(deletedAt.getTime() + grace * 1000) };
}
