import { type Noun, PREFIXES } from '../id.ts';
import type { JsonObject } from './canonical.ts';

/**
 * By what way a change came: the web panel, the command line, any other program with a personal token, the token of the
 * machine, a mailbox's own user, a node's agent, or the platform itself. That it was the command line is the client's own word.
 */
export const THROUGH = ['panel', 'cli', 'token', 'machine', 'mailbox', 'node', 'system', 'anyone'] as const;
export type Through = (typeof THROUGH)[number];

/** One change, as it is written down for good. No secrets, ever. */
export interface AuditEntry {
  /** RFC 3339, UTC, milliseconds. */
  readonly at: string;
  /** Id of the person, mailbox or node; `machine`, `system` or `anyone` where there is none. */
  readonly who: string;
  readonly through: Through;
  /** Network address that it came from. */
  readonly from: string | null;
  /** Id of the session or token that was shown. */
  readonly credential: string | null;
  /** Id of the support access under which an operator did it. */
  readonly support: string | null;
  /** It was allowed by an operator's right, not by a membership of the account. */
  readonly operator: boolean;
  /** Method and route, or the name of an event of the platform. */
  readonly action: string;
  /** Id or name of what was changed. */
  readonly object: string;
  /** Id of the account that it belongs to, whose people see it. */
  readonly account: string | null;
  /** Id of the site that it concerns; collaborators see those of their sites. */
  readonly site: string | null;
  /** What differs, before and after; null where there was or is nothing. */
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
  /** The request's id, as in the logs. */
  readonly request: string | null;
}

/** An entry as people of its account see it: where an operator sits is no business of theirs. Pure. */
export function customersView(entry: AuditEntry): AuditEntry {
  return entry.operator ? { ...entry, from: null, credential: null } : entry;
}

/** What kind of thing an object of the audit is. Pure. */
export type ObjectKind = Noun | 'image' | 'plan';

const NOUNS = new Map<string, Noun>(Object.entries(PREFIXES).map(([noun, prefix]) => [prefix, noun as Noun]));

export function objectKind(object: string): ObjectKind {
  if (object.startsWith('sha256:')) return 'image';
  const noun = /^([a-z]+)_[0-9a-z]{20}$/.exec(object)?.[1];
  return (noun === undefined ? undefined : NOUNS.get(noun)) ?? 'plan';
}

/** The members that differ between two states of one object, on both sides. Pure. */
export function differences(
  before: JsonObject,
  after: JsonObject,
): { readonly before: JsonObject; readonly after: JsonObject } {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  const only = (side: JsonObject) => Object.fromEntries(changed.map((name) => [name, side[name] ?? null]));
  return { before: only(before), after: only(after) };
}
