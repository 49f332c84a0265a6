/**
 * What became of an entry. Learned from the runtime's own log, the pid file and the container's state, never from an
 * exit number alone: only `exited` and `no-program` are the customer's word.
 */
export type Outcome =
  /** The program ran and ended with this status. */
  | { readonly kind: 'exited'; readonly status: number }
  /** The program ran and a signal ended it. */
  | { readonly kind: 'signalled'; readonly signal: number }
  /** The container was entered and no such program is in it (or it is not executable). */
  | { readonly kind: 'no-program' }
  /** Nothing of the customer's ran. `reason` is for the operator, never for a stranger. */
  | { readonly kind: 'not-started'; readonly reason: NotStartedReason; readonly detail: string }
  /** The container ended while the program ran (out of memory, restart, stop). */
  | { readonly kind: 'container-died' }
  | { readonly kind: 'timed-out'; readonly seconds: number }
  /**
   * The program ended with this status while the platform kept from the entry what it asked for: the kernel ended a process
   * of it for want of memory, or let it start no further one. Whether the status is the program's own word is unknown: a
   * shell that cannot fork ends with 2 before it has run a line.
   */
  | { readonly kind: 'starved'; readonly what: StarvedOf; readonly status: number };

export type StarvedOf = 'memory' | 'processes';

export type NotStartedReason =
  | 'unknown-site'
  | 'suspended'
  | 'site-cannot-start'
  | 'too-many-entries'
  | 'admission'
  | 'invalid-command'
  | 'platform';

export type OutcomeKind = Outcome['kind'];

const KINDS: Readonly<Record<OutcomeKind, true>> = {
  exited: true,
  signalled: true,
  'no-program': true,
  'not-started': true,
  'container-died': true,
  'timed-out': true,
  starved: true,
};
export const OUTCOME_KINDS = Object.keys(KINDS) as readonly OutcomeKind[];
