import type { DesiredState } from '#model/node/desired.ts';
import type { Ledger } from './ledger.ts';

/** Why a desired state is not applied. Everything runs on by the last one that was. */
export type RefusalCode =
  | 'desired.foreign-installation'
  | 'desired.foreign-node'
  | 'desired.older-revision'
  | 'desired.empty'
  | 'desired.mass-removal';

export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
}

export interface Acceptance {
  readonly desired: DesiredState;
  readonly ledger: Ledger;
  /** What was applied last, when it can be read. */
  readonly previous: DesiredState | undefined;
  /** A revision that the node's operator confirmed although it removes many at once. */
  readonly confirmedRevision: number | undefined;
}

/** As many may go at once without a question. */
const REMOVALS_FREE = 10;
/** Above that, this share of what there is. */
const REMOVAL_SHARE = 0.25;

/** Undefined when the state may be applied. Pure. */
export function refusal({ desired, ledger, previous, confirmedRevision }: Acceptance): Refusal | undefined {
  if (desired.installation !== ledger.installation) {
    return refuse('desired.foreign-installation', `it is of installation ${desired.installation}, not of this one`);
  }
  if (ledger.node !== null && desired.node !== ledger.node) {
    return refuse('desired.foreign-node', `it is meant for node ${desired.node}`);
  }
  if (desired.revision < ledger.revision) {
    return refuse('desired.older-revision', `revision ${desired.revision} is older than ${ledger.revision}`);
  }
  const decoys = new Set<string>(desired.sites.filter((site) => site.decoy === true).map((site) => site.id));
  const sites = Object.keys(ledger.sites).filter((id) => !decoys.has(id)).length;
  if (sites > 0 && desired.sites.length === decoys.size && desired.tombstones.length === 0) {
    return refuse('desired.empty', `it names no site at all, but ${sites} live here`);
  }
  if (confirmedRevision === desired.revision) return undefined;
  return massRemoval(desired, ledger, previous);
}

function massRemoval(desired: DesiredState, ledger: Ledger, previous: DesiredState | undefined): Refusal | undefined {
  const gone = tombstoned(desired);
  const before = {
    sites: previous?.sites.map((one) => one.id) ?? Object.keys(ledger.sites),
    domains: previous?.mail.domains.map((one) => one.id) ?? Object.keys(ledger.domains),
    // Mail of a deleted domain goes with it: only what is taken out of a living domain is counted.
    mailboxes: (previous?.mail.mailboxes ?? []).filter((one) => !gone.has(one.domain)).map((one) => one.id),
    forwarders: (previous?.mail.forwarders ?? []).filter((one) => !gone.has(one.domain)).map((one) => one.id),
  };
  const after = {
    sites: desired.sites.map((one) => one.id),
    domains: desired.mail.domains.map((one) => one.id),
    mailboxes: desired.mail.mailboxes.map((one) => one.id),
    forwarders: desired.mail.forwarders.map((one) => one.id),
  };
  for (const kind of ['sites', 'domains', 'mailboxes', 'forwarders'] as const) {
    const kept = new Set<string>(after[kind]);
    const removed = before[kind].filter((one) => !kept.has(one)).length;
    const allowed = Math.max(REMOVALS_FREE, Math.floor(before[kind].length * REMOVAL_SHARE));
    if (removed > allowed) {
      return refuse(
        'desired.mass-removal',
        `revision ${desired.revision} would remove ${removed} of ${before[kind].length} ${kind} at once`,
      );
    }
  }
  return undefined;
}

function tombstoned(desired: DesiredState): ReadonlySet<string> {
  return new Set(desired.tombstones.map((one) => one.id));
}

function refuse(code: RefusalCode, why: string): Refusal {
  return { code, message: `The desired state is refused and everything runs on: ${why}.` };
}
