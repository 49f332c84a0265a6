import type { AccountId, DomainId, ForwarderId, MailboxId, PersonId, SiteId } from '../id.ts';

/**
 * Where the object of a request belongs.
 * - `installation`: to nobody's account: nodes, images, plans, the queue
 * - `self`: to whoever asks
 * - `mine`: a list of what is visible to whoever asks
 */
export type Place =
  | { readonly kind: 'installation' }
  | { readonly kind: 'self' }
  | { readonly kind: 'mine' }
  | { readonly kind: 'person'; readonly id: PersonId }
  | { readonly kind: 'account'; readonly id: AccountId; readonly account: AccountId }
  | { readonly kind: 'site'; readonly id: SiteId; readonly account: AccountId }
  | MailPlace<'domain', DomainId>
  | MailPlace<'mailbox', MailboxId>
  | MailPlace<'forwarder', ForwarderId>;

interface MailPlace<K, I> {
  readonly kind: K;
  readonly id: I;
  readonly account: AccountId;
  /** The sites that answer to a name of the domain: their collaborators see the domain and its mail. */
  readonly sites: readonly SiteId[];
}

/** What a request may name, and a list may show. */
export type ObjectKind = Exclude<Place['kind'], 'installation' | 'self' | 'mine'>;
