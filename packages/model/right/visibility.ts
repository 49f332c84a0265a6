import type { AccountId, MailboxId, PersonId, SiteId } from '../id.ts';
import { rolesTowards, SEES } from './decide.ts';
import type { ObjectKind } from './place.ts';
import type { Role } from './role.ts';
import type { PersonCaller, Subject } from './subject.ts';

/** What of one kind of objects a caller sees: queries take it, so that none can forget it. */
export type Visibility = { readonly all: true } | Sight;

export interface Sight {
  readonly all: false;
  /** Accounts of which all is seen. */
  readonly accounts: readonly AccountId[];
  /** Accounts that are seen themselves, but of what they hold only `sites` and what belongs to them. */
  readonly partly: readonly AccountId[];
  readonly sites: readonly SiteId[];
  readonly mailbox: MailboxId | null;
  readonly person: PersonId | null;
}

/** For the platform's own questions, and after a caller was admitted. */
export const EVERYTHING: Visibility = { all: true };

export const NOTHING: Sight = { all: false, accounts: [], partly: [], sites: [], mailbox: null, person: null };

/** What a caller sees of a kind of objects: exactly those towards which he has a role that sees them. */
export function visibilityOf(subject: Subject, kind: ObjectKind): Visibility {
  const sees = (role: Role) => SEES[kind].includes(role);
  switch (subject.kind) {
    case 'machine':
      return EVERYTHING;
    case 'mailbox':
      return sees('mailbox-user') ? { ...NOTHING, mailbox: subject.mailbox } : NOTHING;
    case 'person':
      return sightOf(subject, kind, sees);
  }
}

function sightOf(person: PersonCaller, kind: ObjectKind, sees: (role: Role) => boolean): Visibility {
  if (rolesTowards(person, { kind: 'installation' }).some(sees)) return EVERYTHING;
  if (kind === 'person') return { ...NOTHING, person: person.person };
  const known = new Set(person.memberships.map((membership) => membership.account));
  if (person.via.kind === 'session' && person.via.support !== null) known.add(person.via.support.account);
  if (person.via.kind === 'token' && person.via.account !== null) known.add(person.via.account);
  const accounts: AccountId[] = [];
  const partly: AccountId[] = [];
  for (const account of known) {
    const roles = rolesTowards(person, { kind: 'account', id: account, account }).filter(sees);
    if (roles.some((role) => role !== 'collaborator')) accounts.push(account);
    else if (roles.length > 0) partly.push(account);
  }
  const sites = person.memberships.filter(({ account }) => partly.includes(account)).flatMap(({ sites }) => sites);
  return { ...NOTHING, accounts, partly, sites };
}
