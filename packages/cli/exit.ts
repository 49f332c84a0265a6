import { CommanderError } from '@commander-js/extra-typings';
import { HofjeError } from '#model/error.ts';

/** Exit codes as sysexits.h has them. */
export const EXIT = { ok: 0, failure: 1, usage: 64, unavailable: 69, notPermitted: 77, interrupted: 130 } as const;

/** The exit code that fits an error. Pure. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return EXIT.usage;
  if (!(error instanceof HofjeError)) return EXIT.failure;
  if (error.code.startsWith('usage.')) return EXIT.usage;
  if (error.code === 'api.unavailable' || error.code === 'platform.unfit') return EXIT.unavailable;
  if (NOT_PERMITTED.has(error.code)) return EXIT.notPermitted;
  return EXIT.failure;
}

const NOT_PERMITTED = new Set(['auth.required', 'auth.forbidden', 'cli.not-root', 'cli.no-token']);

/** The end of a command with a status of its own, that says nothing more: the program inside a site, a failed probe. */
export class ExitWith extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`exit ${status}`);
    this.status = status;
  }
}
