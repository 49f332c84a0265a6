import type { Role } from '#model/right/role.ts';

/** Those who run the installation. They look at what is whose; inside an account they need a support access. */
export const OPERATORS: readonly Role[] = ['administrator', 'support', 'approver'];
export const DESK: readonly Role[] = ['administrator', 'support'];
export const ADMIN: readonly Role[] = ['administrator'];
/** Whoever decides about what an account holds; operators may as well, since they give and take it. */
export const HOLDS: readonly Role[] = ['administrator', 'owner', 'supporting-writer'];
/** Whoever keeps a site in order. */
export const KEEPS: readonly Role[] = [...HOLDS, 'collaborator'];
/** What reaches into a site or its mail is no operator's, unless an owner has allowed it. */
export const INSIDE: readonly Role[] = ['owner', 'supporting-writer', 'collaborator'];
export const MAIL: readonly Role[] = ['owner', 'supporting-writer'];
/** What a site writes down about its visitors. */
export const READS: readonly Role[] = ['owner', 'collaborator', 'reader', 'supporting'];
/** Who belongs to an account, and who looks into it. */
export const ROLL: readonly Role[] = [...DESK, 'supporting', 'owner', 'reader'];
export const PEOPLE: readonly Role[] = ['administrator', 'owner'];
export const SELF: readonly Role[] = ['self'];
