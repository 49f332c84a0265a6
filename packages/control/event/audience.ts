import type { SiteId } from '#model/id.ts';
import type { ObjectKind } from '#model/right/place.ts';
import type { Subject } from '#model/right/subject.ts';
import { type Visibility, visibilityOf } from '#model/right/visibility.ts';
import type { PlacedHint } from './hint.ts';

/** What one listener sees, found out once. */
export interface Audience {
  readonly subject: Subject;
  readonly sights: Readonly<Record<ObjectKind, Visibility>>;
}

const KINDS: readonly ObjectKind[] = ['account', 'site', 'domain', 'mailbox', 'forwarder', 'person'];

export function audienceOf(subject: Subject): Audience {
  const sights = Object.fromEntries(KINDS.map((kind) => [kind, visibilityOf(subject, kind)]));
  return { subject, sights: sights as Record<ObjectKind, Visibility> };
}

/**
 * Whether a hint is for this listener: exactly when he would find the object in a list or by its id. `sites` are those of
 * the hint's domain. Pure.
 */
export function sees({ subject, sights }: Audience, hint: PlacedHint, sites: readonly SiteId[]): boolean {
  const self = subject.kind === 'person' ? subject.person : null;
  switch (hint.kind) {
    case 'account':
      return sights.account.all || [...sights.account.accounts, ...sights.account.partly].some(isOf(hint));
    case 'site':
    case 'probe':
      return seesWhole(sights.site, hint) || seesSite(sights.site, hint.site);
    case 'domain':
    case 'mailbox':
    case 'forwarder':
      return seesMail(sights[hint.kind], hint, sites);
    case 'person':
    case 'invitation':
    case 'support':
      // As people of an account they are seen by the people of the account.
      return seesWhole(sights.person, hint) || seesWhole(sights.domain, hint) || hint.object === self;
    case 'session':
    case 'token':
    case 'passkey':
      return self !== null && hint.person === self;
    case 'image':
    case 'plan':
      return subject.kind !== 'mailbox';
    default:
      // Nodes, and whatever else belongs to nobody's account.
      return sights.account.all;
  }
}

function isOf({ account }: PlacedHint): (each: string) => boolean {
  return (each) => each === account;
}

function seesWhole(sight: Visibility, hint: PlacedHint): boolean {
  return sight.all || sight.accounts.some(isOf(hint));
}

function seesSite(sight: Visibility, site: SiteId | null): boolean {
  return !sight.all && site !== null && sight.sites.includes(site);
}

function seesMail(sight: Visibility, hint: PlacedHint, sites: readonly SiteId[]): boolean {
  if (sight.all || seesWhole(sight, hint)) return true;
  return sight.mailbox === hint.object || sites.some((site) => sight.sites.includes(site));
}
