import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import type { EVENT_NAMES, Hint } from '#contract/api/event.ts';
import { refreshBelow } from './query.ts';
import { meQuestion } from './session.ts';

/**
 * What happens on the platform, as it happens. The events are hints, nothing more: what is on the screen is read again, with
 * the rights of whoever looks. After a break everything is; while there are no events at all, now and then.
 */

/** `live`: hints come. `quiet`: this control plane sends none. `lost`: the connection broke and is tried again. */
export type LiveState = 'live' | 'quiet' | 'lost';

/** Names of the events, as in contract/api/event.ts, which brings schemas along. */
const EVENT = { hint: 'hint', reset: 'reset' } as const satisfies typeof EVENT_NAMES;

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
/** Breaks shorter than that are nobody's business. */
const PATIENCE_MS = 3000;
/** Hints come in crowds: one reading for all. */
const GATHER_MS = 120;
const LOOK_MS = 20_000;

let state: LiveState = 'quiet';
const listeners = new Set<() => void>();

function become(next: LiveState): void {
  state = next;
  for (const listener of listeners) listener();
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
}

/** Where what is told of a kind of object is read, where it is not simply its plural. */
const PATHS: Readonly<Record<string, readonly string[]>> = {
  mailbox: ['/v1/mailboxes'],
  node: ['/v1/nodes', '/v1/loads'],
  person: ['/v1/persons', '/v1/people'],
  support: ['/v1/accounts'],
  audit: ['/v1/audit'],
  queue: ['/v1/queue'],
  probe: ['/v1/probes', '/v1/sites/:site/proof'],
};

/** Pure. */
export function pathsOf(kind: string): readonly string[] {
  return PATHS[kind] ?? [`/v1/${kind}s`];
}

/** Listens until the returned function is called. */
export function startLive(client: QueryClient): () => void {
  let source: EventSource | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  let lost: ReturnType<typeof setTimeout> | undefined;
  let gathering: ReturnType<typeof setTimeout> | undefined;
  let wait = FIRST_WAIT_MS;
  let wasOpen = false;
  const kinds = new Set<string>();

  const refresh = () => {
    gathering = undefined;
    const paths = [...kinds].flatMap(pathsOf);
    kinds.clear();
    void refreshBelow(client, paths);
  };

  const hear = (event: MessageEvent) => {
    const kind = kindOf(event.data);
    if (kind === undefined) return;
    if (kind === 'session' || kind === 'membership' || kind === 'support') {
      void client.invalidateQueries({ queryKey: meQuestion.queryKey });
    }
    kinds.add(kind);
    gathering ??= setTimeout(refresh, GATHER_MS);
  };

  const open = () => {
    source = new EventSource('/v1/events');
    source.onopen = () => {
      clearTimeout(lost);
      lost = undefined;
      wait = FIRST_WAIT_MS;
      // What happened meanwhile was told to nobody.
      if (wasOpen) void client.invalidateQueries();
      wasOpen = true;
      become('live');
    };
    source.addEventListener(EVENT.hint, hear);
    // Hints may have been missed.
    source.addEventListener(EVENT.reset, () => void client.invalidateQueries());
    source.onerror = () => {
      // Closed by itself: it was answered, and refused. Else nobody was there.
      const isRefused = source?.readyState === EventSource.CLOSED;
      source?.close();
      if (wasOpen || !isRefused) lost ??= setTimeout(() => become('lost'), PATIENCE_MS);
      // Not all panels at the same moment: a platform that comes back has enough to do.
      again = setTimeout(open, wait * (0.75 + Math.random() / 2));
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    };
  };

  const looking = setInterval(() => {
    if (state !== 'live' && document.visibilityState === 'visible') void client.invalidateQueries();
  }, LOOK_MS);
  open();
  return () => {
    source?.close();
    clearInterval(looking);
    for (const timer of [again, lost, gathering]) clearTimeout(timer);
    become('quiet');
  };
}

/** The kind of object that a hint tells of; undefined for what is none. Pure. */
export function kindOf(data: unknown): string | undefined {
  try {
    const { kind } = JSON.parse(String(data)) as Partial<Hint>;
    return kind;
  } catch {
    return undefined;
  }
}
