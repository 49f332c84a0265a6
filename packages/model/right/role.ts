/** What a person is to the whole installation. */
export const OPERATOR_ROLES = ['administrator', 'support', 'approver'] as const;
export type OperatorRole = (typeof OPERATOR_ROLES)[number];

/** What a person is to one account. A collaborator works on the sites that are named, and on nothing else. */
export const ACCOUNT_ROLES = ['owner', 'collaborator', 'reader'] as const;
export type AccountRole = (typeof ACCOUNT_ROLES)[number];

/**
 * What of its person's rights a token carries. `read` looks; `write` changes sites, domains and accounts; `mail` changes
 * mailboxes and forwarders; `exec` runs programs in sites; `operator` is needed for whatever only operators may do.
 */
export const SCOPES = ['read', 'write', 'mail', 'exec', 'operator'] as const;
export type Scope = (typeof SCOPES)[number];

export const LANGUAGES = ['nl', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/**
 * What a caller is towards one object; a right names those that it is for. Besides the roles above:
 * - `supporting`: an operator who looks into the object's account with a reason, for a time
 * - `supporting-writer`: the same, where an owner has allowed changes
 * - `mailbox-user`: the user of the very mailbox
 * - `self`: the person that the object is or belongs to
 */
export const ROLES = [
  ...OPERATOR_ROLES,
  'supporting',
  'supporting-writer',
  ...ACCOUNT_ROLES,
  'mailbox-user',
  'self',
] as const;
export type Role = (typeof ROLES)[number];
