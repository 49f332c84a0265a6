import type { Right } from '#model/right/decide.ts';
import type { ObjectKind } from '#model/right/place.ts';

/**
 * Who may call a route:
 * - a `Row`: persons, mailboxes' users and the machine, by what they are towards the object
 * - `node`: an agent with a certificate of ours that is not revoked; the route looks only at that node's objects
 * - `ticket`: the secret in the path is the right, single use and short-lived
 * - `anyone`: tells or does nothing that needs a right, or a secret in the body is the right; nobody is asked who he is
 * - `visitor`: the same, and whoever shows who he is, is known to the route
 */
export type Who = Row | 'node' | 'ticket' | 'anyone' | 'visitor';

export type Rights = Readonly<Record<string, Who>>;

/**
 * A row of the table. Of an object that is named by the request, the guard finds out where it belongs before the route's
 * handler runs. `installation`, `self` (whoever asks) and `mine` (a list of what is visible) need no name.
 */
export type Row = Right & (Unnamed | Named);

interface Unnamed {
  readonly object: 'installation' | 'self' | 'mine';
}

export interface Named {
  readonly object: ObjectKind;
  /** Where the request names it. */
  readonly from: 'params' | 'body';
  /** Under which name, when that is not the kind of the object. */
  readonly as?: string;
  /** What counts instead when the request names none. */
  readonly absent?: Right & Unnamed;
}
