import { HofjeError } from '#model/error.ts';
import type { AccountId, DomainId, SiteId } from '#model/id.ts';
import { parseLocalAddress } from '#model/mail/address.ts';
import type { Place } from '#model/right/place.ts';
import type { Subject } from '#model/right/subject.ts';
import { visibilityOf } from '#model/right/visibility.ts';
import { findAccount } from '../account/queries.ts';
import type { Db } from '../database/connect.ts';
import { findDomain, sitesOfDomain } from '../domain/queries.ts';
import { findForwarder } from '../forwarder/queries.ts';
import { findMailbox } from '../mailbox/queries.ts';
import { findPerson } from '../person/queries.ts';
import { findSite } from '../site/queries.ts';
import type { Named } from './row.ts';

/**
 * Finds the object that a request names, among those that whoever asks sees, and where it belongs. What he does not see is
 * looked for in the same way, with the same queries, as what does not exist, and is missed with the same words. Throws the
 * noun's `not-found`.
 */
export async function resolve(db: Db, row: Named, reference: string, subject: Subject): Promise<Place> {
  const visibility = visibilityOf(subject, row.object);
  const field = row.as ?? row.object;
  switch (row.object) {
    case 'account': {
      const { id } = await findAccount(db, visibility, reference, field);
      return { kind: 'account', id, account: id };
    }
    case 'site': {
      const { id, account_id } = await findSite(db, visibility, reference, field);
      return { kind: 'site', id, account: account_id };
    }
    case 'person':
      return { kind: 'person', id: (await findPerson(db, visibility, reference, field)).id };
    case 'domain': {
      const name = row.as === 'address' ? parseLocalAddress(reference, field).domain : reference;
      const { id, account_id } = await findDomain(db, visibility, name, field);
      return { kind: 'domain', id, account: account_id, sites: await sitesOf(db, id, account_id, subject) };
    }
    case 'mailbox': {
      const { id, account_id, domain_id } = await findMailbox(db, visibility, reference);
      return { kind: 'mailbox', id, account: account_id, sites: await sitesOf(db, domain_id, account_id, subject) };
    }
    case 'forwarder': {
      const { id, account_id, domain_id } = await findForwarder(db, visibility, reference);
      return { kind: 'forwarder', id, account: account_id, sites: await sitesOf(db, domain_id, account_id, subject) };
    }
  }
}

/** The sites that answer to names of a domain; only of a collaborator it matters. */
async function sitesOf(db: Db, domain: DomainId, account: AccountId, subject: Subject): Promise<SiteId[]> {
  const isCollaborator =
    subject.kind === 'person' &&
    subject.memberships.some((each) => each.account === account && each.role === 'collaborator');
  if (!isCollaborator) return [];
  return await sitesOfDomain(db, domain);
}

/** What a request names, as text. Its form was checked with the rest of the request. */
export function referenceIn(
  row: Named,
  parts: { readonly params: unknown; readonly body: unknown },
): string | undefined {
  const part = parts[row.from];
  const name = row.as ?? row.object;
  const value: unknown = part !== null && typeof part === 'object' ? Reflect.get(part, name) : undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw new HofjeError('request.invalid', `${name} must be text.`, { field: name });
  return value;
}
