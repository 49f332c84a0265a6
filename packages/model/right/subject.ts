import type { AccountId, MailboxId, PersonId, SessionId, SiteId, SupportId, TokenId } from '../id.ts';
import type { AccountRole, OperatorRole, Scope } from './role.ts';

/** Who may have rights towards objects. */
export type Subject = MachineCaller | PersonCaller | MailboxCaller;

/** Whoever holds the operator's token of this machine: root there, and so an administrator, and an owner of everything. */
export interface MachineCaller {
  readonly kind: 'machine';
}

export interface PersonCaller {
  readonly kind: 'person';
  readonly person: PersonId;
  readonly operatorRole: OperatorRole | null;
  readonly memberships: readonly Membership[];
  readonly via: SessionVia | TokenVia;
}

export interface Membership {
  readonly account: AccountId;
  readonly role: AccountRole;
  /** The sites of a collaborator; without meaning for other roles. */
  readonly sites: readonly SiteId[];
}

export interface SessionVia {
  readonly kind: 'session';
  readonly session: SessionId;
  /** When a factor was shown last. */
  readonly provenAt: Date;
  /** The account that the person looks into as support, while that lasts. */
  readonly support: { readonly id: SupportId; readonly account: AccountId; readonly writes: boolean } | null;
}

export interface TokenVia {
  readonly kind: 'token';
  readonly token: TokenId;
  readonly scopes: readonly Scope[];
  /** The only account that the token is good for. */
  readonly account: AccountId | null;
}

/** A mailbox's own user, logged in with its address and password. */
export interface MailboxCaller {
  readonly kind: 'mailbox';
  readonly mailbox: MailboxId;
  readonly session: SessionId;
  /** When the password was shown last. */
  readonly provenAt: Date;
}
