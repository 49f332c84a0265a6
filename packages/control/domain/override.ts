import type { FastifyRequest } from 'fastify';
import { demandRole } from '../auth/admitted.ts';
import { callerName } from '../auth/caller.ts';
import type { Override } from './claim.ts';

/** An operator's word that stands for a proof, where a request gives one. Throws `auth.refused` for anybody else. */
export function overrideIn(
  request: FastifyRequest,
  reason: string | undefined,
  field = 'overrideReason',
): Override | undefined {
  if (reason === undefined) return undefined;
  demandRole(request, ['administrator'], field);
  return { reason, by: callerName(request.caller) };
}
