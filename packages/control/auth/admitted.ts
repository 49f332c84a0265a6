import type { FastifyRequest } from 'fastify';
import { HofjeError } from '#model/error.ts';
import { PROOF_MS, rolesTowards } from '#model/right/decide.ts';
import type { ObjectKind, Place } from '#model/right/place.ts';
import type { Role, Scope } from '#model/right/role.ts';
import type { Subject } from '#model/right/subject.ts';
import { type Visibility, visibilityOf } from '#model/right/visibility.ts';

/** What the guard found out about a request, for the route that it let it through to. */
declare module 'fastify' {
  interface FastifyRequest {
    /** Where the object of the request belongs, by the row of its route. */
    place: Place | undefined;
  }
}

/** Who asks, on a route that has a row. Anything else is a defect. */
export function subjectOf({ caller, routeOptions }: FastifyRequest): Subject {
  if (caller.kind === 'node' || caller.kind === 'anyone') throw new Error(`nobody was admitted to ${routeOptions.url}`);
  return caller;
}

/** The id of the object that the request names, which its caller was admitted to. */
export function objectOf<K extends ObjectKind>(request: FastifyRequest, kind: K): IdOf<K> {
  const { place } = request;
  if (place?.kind !== kind) throw new Error(`${request.routeOptions.url} was not guarded for a ${kind}`);
  return (place as Extract<Place, { kind: ObjectKind }>).id as IdOf<K>;
}

type IdOf<K> = Extract<Place, { readonly kind: K }> extends { readonly id: infer I } ? I : never;

/** What whoever asks sees of a kind of objects: for lists, and for other objects that the request names. */
export function sightOf(request: FastifyRequest, kind: ObjectKind): Visibility {
  return visibilityOf(subjectOf(request), kind);
}

/** Whether whoever asks has one of these roles towards the object of the request. */
export function hasRole(request: FastifyRequest, ...roles: readonly Role[]): boolean {
  const place = request.place ?? ({ kind: 'installation' } as const);
  return rolesTowards(subjectOf(request), place).some((role) => roles.includes(role));
}

/** Whether whoever asks runs the installation, and so sees its nodes, plans and images. */
export function isOperator(request: FastifyRequest): boolean {
  return rolesTowards(subjectOf(request), { kind: 'installation' }).length > 0;
}

/** For a part of a request that not everybody may use who may use the route. Throws `auth.refused`. */
export function demandRole(request: FastifyRequest, roles: readonly Role[], field: string): void {
  if (hasRole(request, ...roles)) return;
  throw new HofjeError('auth.refused', 'You may not decide this.', { field });
}

/** For what a token must carry besides the scope of the route. Throws `auth.refused`. */
export function demandScope(request: FastifyRequest, scope: Scope): void {
  const subject = subjectOf(request);
  if (subject.kind !== 'person' || subject.via.kind === 'session' || subject.via.scopes.includes(scope)) return;
  throw lacksScope(scope);
}

/** For a part of a request that cannot be undone. Throws `auth.step-up`. */
export function demandProof(request: FastifyRequest, now: Date): void {
  const subject = subjectOf(request);
  if (subject.kind !== 'person' || subject.via.kind === 'token') return;
  if (now.getTime() - subject.via.provenAt.getTime() > PROOF_MS) throw needsProof();
}

/** For a part of a request that no personal token will do for. Throws `auth.refused`. */
export function demandNoToken(request: FastifyRequest, field: string): void {
  const subject = subjectOf(request);
  if (subject.kind !== 'person' || subject.via.kind === 'session') return;
  throw new HofjeError('auth.refused', 'This is for people who are logged in; no token will do.', { field });
}

export function lacksScope(scope: Scope): HofjeError {
  return new HofjeError('auth.refused', `The token lacks the scope ${scope}.`, { hint: 'Make one that has it.' });
}

export function needsProof(): HofjeError {
  return new HofjeError('auth.step-up', 'This needs a fresh proof that it is you.', {
    hint: 'Show your password or another factor again, then repeat it.',
  });
}
