import type { FastifyRequest } from 'fastify';
import { HofjeError } from '#model/error.ts';

const SAFE = ['GET', 'HEAD'];

/**
 * Refuses what another site let a browser send with its cookie. Whatever changes something, and whatever stays open (a
 * WebSocket, a stream of events), must say that it comes from this very origin; what only reads must not say the contrary.
 * `own` is where clients find the platform; the Host header is not asked. Throws `auth.cross-site`.
 */
export function refuseForeignSite(request: FastifyRequest, own: string): void {
  const { 'sec-fetch-site': site, origin, upgrade, accept } = request.headers;
  const strict =
    !SAFE.includes(request.method) || upgrade !== undefined || (accept ?? '').includes('text/event-stream');
  if (site === 'same-origin') return;
  if (site === undefined && origin === new URL(own).origin) return;
  if (!strict && origin === undefined && (site === undefined || site === 'none')) return;
  throw new HofjeError('auth.cross-site', 'Another site may not do this in your name.');
}

/**
 * Refuses a log-in that another site began in somebody's browser, so that he would act in a stranger's name without knowing.
 * Programs that are no browsers say neither, and may. Throws `auth.cross-site`.
 */
export function refuseForeignBrowser(request: FastifyRequest, own: string): void {
  const { 'sec-fetch-site': site, origin } = request.headers;
  if (site === 'same-origin' || (site === undefined && (origin === undefined || origin === new URL(own).origin)))
    return;
  throw new HofjeError('auth.cross-site', 'Another site may not log you in.');
}
