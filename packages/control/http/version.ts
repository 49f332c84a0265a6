import type { FastifyRequest } from 'fastify';
import { HofjeError } from '#model/error.ts';

/**
 * Optimistic concurrency: a change may say which version it is based on, by `If-Match: "3"` or by `version` in its body.
 * Throws `version.outdated` (412) or `version.conflict` (409) when the object has moved on.
 */
export function checkVersion(request: FastifyRequest, current: number): void {
  const header = request.headers['if-match'];
  if (header !== undefined && header !== '*' && header !== etagOf(current)) {
    throw new HofjeError('version.outdated', `The object is at version ${current} now.`, {
      field: 'If-Match',
      hint: 'Read it again.',
    });
  }
  const body: unknown = request.body;
  const based = body !== null && typeof body === 'object' && 'version' in body ? body.version : undefined;
  if (based !== undefined && based !== current) {
    throw new HofjeError('version.conflict', `The object is at version ${current} now.`, {
      field: 'version',
      hint: 'Read it again.',
    });
  }
}

export function etagOf(version: number): string {
  return `"${version}"`;
}
