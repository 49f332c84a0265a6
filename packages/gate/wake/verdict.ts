import type { WakeAnswer } from '#contract/gate/messages.ts';

/**
 * What the edge is told when a site did not answer.
 *
 * - `resend`: nobody has seen the request; the edge sends it again, whole (`X-Accel-Redirect`).
 * - `later`: the site cannot be woken now; the visitor gets 503 and may come again.
 * - `broken`: the site took the request and broke off; it may have acted on it, so it is never sent twice (502).
 */
export type WakeVerdict =
  | { readonly kind: 'resend' }
  | { readonly kind: 'later'; readonly retryAfterSeconds: number }
  | { readonly kind: 'broken' };

/** What is to be done about a request before the agent is asked. */
export type Triage = 'ask' | 'broken' | 'loop';

/** Seconds after which a visitor may try again when nothing better is known. */
export const RETRY_AFTER_SECONDS = 5;

/**
 * Reads nginx's `$upstream_connect_time`: `-` where no connection was made, seconds where one was; commas between the
 * servers of one try, colons between tries (internal redirects), nothing at all where no address was tried. More than one try means that this request was already
 * sent again after waking: once is enough.
 */
export function triage(connectTime: string | undefined, attempt: string | undefined): Triage {
  const tries = (connectTime ?? '').split(' : ');
  const last = (tries.at(-1) ?? '').split(',').map((part) => part.trim());
  if (!last.every((part) => part === '-' || part === '')) return 'broken';
  return tries.length > 1 || !isFirst(attempt) ? 'loop' : 'ask';
}

function isFirst(attempt: string | undefined): boolean {
  return attempt === undefined || attempt === '' || attempt === '1';
}

export function verdictOf(answer: WakeAnswer): WakeVerdict {
  return answer.awake ? { kind: 'resend' } : { kind: 'later', retryAfterSeconds: answer.retryAfterSeconds };
}
