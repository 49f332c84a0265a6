import type { Me } from '#contract/api/session.ts';

/** Whether somebody may change the mail of an account: its owners, and support where an owner has allowed it. Pure. */
export function mayKeepMail(me: Me, account: string): boolean {
  if (me.memberships.some((membership) => membership.account === account && membership.role === 'owner')) return true;
  return me.support?.account === account && me.support.writes;
}
