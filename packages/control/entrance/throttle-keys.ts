import type { FastifyRequest } from 'fastify';
import type { PersonId, SessionId } from '#model/id.ts';
import type { Context } from '../context.ts';
import { networkOf } from '../http/wrong-tokens.ts';
import { anyDevice, knownDevice } from './cookie.ts';
import { normalEmail } from './entrant.ts';
import type { ThrottleKey } from './throttle-table.ts';

/**
 * What a log-in is counted against. Strangers who guess block each other, by where they come from and by whom they try; a
 * device on which the person has logged in before counts by itself, so that its owner gets through meanwhile.
 */
export function logInKeys(
  context: Context,
  request: FastifyRequest,
  email: string,
  entrants: readonly (string | undefined)[],
): ThrottleKey[] {
  for (const entrant of entrants) {
    const device = entrant === undefined ? undefined : knownDevice(context, request, entrant);
    if (device !== undefined) return [{ kind: 'device', of: `${device} ${entrant}` }];
  }
  return [
    { kind: 'address', of: networkKey(request) },
    { kind: 'person', of: normalEmail(email) },
  ];
}

/** What a second step is counted against. */
export function secondKeys(context: Context, request: FastifyRequest, person: PersonId): ThrottleKey[] {
  const device = knownDevice(context, request, person);
  if (device !== undefined) return [{ kind: 'second', of: `${device} ${person}` }];
  return [{ kind: 'second', of: person }];
}

/** Proofs within a session. */
export function proofKeys(session: SessionId): ThrottleKey[] {
  return [{ kind: 'device', of: session }];
}

/** Tokens and links that are shown by nobody in particular. */
export function tokenKeys(request: FastifyRequest): ThrottleKey[] {
  return [{ kind: 'token', of: networkKey(request) }];
}

/** What nobody in particular may ask for, but not without end. A device that anybody has logged in on counts by itself. */
export function askingKeys(context: Context, request: FastifyRequest): ThrottleKey[] {
  return [{ kind: 'asking', of: anyDevice(context, request) ?? networkKey(request) }];
}

/** The connection's own other end; no header says where a request comes from. */
function networkKey(request: FastifyRequest): string {
  return networkOf(request.socket.remoteAddress ?? '');
}
