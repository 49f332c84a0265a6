import type { FastifyRequest } from 'fastify';
import { HofjeError } from '#model/error.ts';
import type { MailboxId, PersonId, SessionId } from '#model/id.ts';
import type { MailboxCaller, PersonCaller, SessionVia } from '#model/right/subject.ts';

/** A person in front of a screen. */
export type PersonInSession = PersonCaller & { readonly via: SessionVia };

/** Who asks by a session. Throws `auth.refused`: no token acts on sessions and factors. */
export function inSession(request: FastifyRequest): PersonInSession | MailboxCaller {
  const { caller } = request;
  if (caller.kind === 'mailbox') return caller;
  return personInSession(request);
}

/** As `inSession`, and a person. */
export function personInSession(request: FastifyRequest): PersonInSession {
  const { caller } = request;
  if (caller.kind === 'person' && caller.via.kind === 'session') return { ...caller, via: caller.via };
  throw new HofjeError('auth.refused', 'This is for people who have logged in.');
}

/** Whose sessions are his own. */
export function whoOf(
  caller: PersonInSession | MailboxCaller,
): { readonly mailbox: MailboxId } | { readonly person: PersonId } {
  return caller.kind === 'mailbox' ? { mailbox: caller.mailbox } : { person: caller.person };
}

export function sessionOf(caller: PersonInSession | MailboxCaller): SessionId {
  return caller.kind === 'mailbox' ? caller.session : caller.via.session;
}

/** What root on the machine may do to anybody, and no administrator by the panel. Throws `auth.refused`. */
export function requireMachine(request: FastifyRequest): void {
  if (request.caller.kind === 'machine') return;
  throw new HofjeError('auth.refused', 'Only the machine itself may do this.');
}
