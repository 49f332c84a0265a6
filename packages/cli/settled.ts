import type { Settled } from '#contract/api/common.ts';
import { HofjeError } from '#model/error.ts';

/** Throws when a change that was waited for has not come about; it is stored all the same. */
export function requireSettled(made: { readonly settled?: Settled }): void {
  if (made.settled === undefined || made.settled.applied) return;
  throw new HofjeError(made.settled.code ?? 'node.not-applied', made.settled.message ?? 'the node has not made it so', {
    hint: 'It is stored, and the node goes on trying; `hofje status` tells how far it is.',
  });
}

/** The query of a call that waits for the node, unless `--no-wait` was given. */
export function waitQuery(options: { readonly wait: boolean }): { readonly wait: boolean } {
  return { wait: options.wait };
}
