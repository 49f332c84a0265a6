import type { AccountId } from '../id.ts';
import type { ObjectKind, Place } from './place.ts';
import type { Role, Scope } from './role.ts';
import type { Membership, PersonCaller, Subject } from './subject.ts';

/** A proof of a factor is good this long for what needs a fresh one. */
export const PROOF_MS = 10 * 60_000;

/** Who may make one kind of request: a row of the table of rights. */
export interface Right {
  readonly may: readonly Role[];
  /** What a token must carry. */
  readonly scope: Scope;
  /** Needs a session whose factor was shown within PROOF_MS; of a token, only its scope is asked. */
  readonly stepUp?: true;
  /** No personal token will do: for people in front of a screen, and for the machine. */
  readonly bySession?: true;
  /** Only whoever has the token of the machine: no person, whatever he may. */
  readonly byMachine?: true;
}

export type Verdict =
  | { readonly admitted: true; readonly roles: readonly Role[] }
  | { readonly admitted: false; readonly why: Refusal };

/**
 * - `hidden`: whoever asks does not see the object, or there is none; the answer must not differ
 * - `role`, `scope`, `session`, `step-up`: what is missing
 */
export type Refusal = 'hidden' | 'role' | 'scope' | 'session' | 'step-up';

/** Which roles see an object of a kind at all. For others it does not exist; they find it in no list either. */
export const SEES: Readonly<Record<ObjectKind, readonly Role[]>> = {
  account: ['administrator', 'support', 'approver', 'supporting', 'owner', 'collaborator', 'reader'],
  site: ['administrator', 'support', 'approver', 'supporting', 'owner', 'collaborator', 'reader'],
  domain: ['administrator', 'support', 'supporting', 'owner', 'collaborator', 'reader'],
  mailbox: ['administrator', 'support', 'supporting', 'owner', 'collaborator', 'reader', 'mailbox-user'],
  forwarder: ['administrator', 'support', 'supporting', 'owner', 'collaborator', 'reader'],
  person: ['administrator', 'support', 'self'],
};

/** Whether a caller may do something to what lies at a place; without a place there is nothing. */
export function decide(right: Right, subject: Subject, place: Place | undefined, now: Date): Verdict {
  const roles = place === undefined ? [] : rolesTowards(subject, place);
  if (place === undefined || !isSeen(place, roles)) return { admitted: false, why: 'hidden' };
  const isOther = right.byMachine === true && subject.kind !== 'machine';
  if (isOther || !roles.some((role) => right.may.includes(role))) return { admitted: false, why: 'role' };
  const why = missing(right, subject, now);
  return why === undefined ? { admitted: true, roles } : { admitted: false, why };
}

function isSeen(place: Place, roles: readonly Role[]): boolean {
  if (place.kind === 'installation' || place.kind === 'self' || place.kind === 'mine') return true;
  return roles.some((role) => SEES[place.kind].includes(role));
}

function missing(right: Right, subject: Subject, now: Date): Refusal | undefined {
  if (subject.kind === 'machine') return undefined;
  if (subject.kind === 'person' && subject.via.kind === 'token') {
    if (right.bySession === true) return 'session';
    return subject.via.scopes.includes(right.scope) ? undefined : 'scope';
  }
  const provenAt =
    subject.kind === 'mailbox' ? subject.provenAt : subject.via.kind === 'session' && subject.via.provenAt;
  const proven = provenAt !== false && now.getTime() - provenAt.getTime() <= PROOF_MS;
  return right.stepUp === true && !proven ? 'step-up' : undefined;
}

/** All that a caller is towards an object. */
export function rolesTowards(subject: Subject, place: Place): Role[] {
  switch (subject.kind) {
    case 'machine':
      if (place.kind === 'self') return [];
      return place.kind === 'mine' ? ['self'] : ['administrator', 'owner'];
    case 'mailbox':
      return place.kind === 'self' || (place.kind === 'mailbox' && place.id === subject.mailbox)
        ? ['mailbox-user']
        : [];
    case 'person':
      return rolesOfPerson(subject, place);
  }
}

function rolesOfPerson(person: PersonCaller, place: Place): Role[] {
  switch (place.kind) {
    case 'self':
    case 'mine':
      return ['self'];
    case 'installation':
      return operatorRoles(person, undefined);
    case 'person':
      return [...operatorRoles(person, undefined), ...(place.id === person.person ? (['self'] as const) : [])];
    default:
      if (!reaches(person, place.account)) return [];
      return [
        ...operatorRoles(person, place.account),
        ...supportRoles(person, place.account),
        ...person.memberships.flatMap((membership) => memberRoles(membership, place)),
      ];
  }
}

/** Whether the way in which a person comes is good for an account: a token may be bound to another one. */
function reaches({ via }: PersonCaller, account: AccountId): boolean {
  return via.kind === 'session' || via.account === null || via.account === account;
}

/** An operator's role comes with a token only by the scope for it; a bound token has none beyond its account. */
function operatorRoles({ operatorRole, via }: PersonCaller, account: AccountId | undefined): Role[] {
  if (operatorRole === null) return [];
  if (via.kind === 'session') return [operatorRole];
  const bound = via.account !== null && via.account !== account;
  return via.scopes.includes('operator') && !bound ? [operatorRole] : [];
}

function supportRoles({ operatorRole, via }: PersonCaller, account: AccountId): Role[] {
  if (via.kind !== 'session' || via.support?.account !== account) return [];
  // Whoever is no operator any more does not look on.
  if (operatorRole !== 'administrator' && operatorRole !== 'support') return [];
  return via.support.writes ? ['supporting', 'supporting-writer'] : ['supporting'];
}

type AccountPlace = Extract<Place, { readonly account: AccountId }>;

function memberRoles(membership: Membership, place: AccountPlace): Role[] {
  if (membership.account !== place.account) return [];
  if (membership.role !== 'collaborator' || place.kind === 'account') return [membership.role];
  const sites = place.kind === 'site' ? [place.id] : place.sites;
  return sites.some((site) => membership.sites.includes(site)) ? ['collaborator'] : [];
}
