import type { Outcome } from '#model/door/outcome.ts';
import { EXIT } from '../../exit.ts';

/** The exit code by which a shell would tell the same; what was never started is not available. Pure. */
export function exitStatusOf(outcome: Outcome): number {
  switch (outcome.kind) {
    case 'exited':
    case 'starved':
      return outcome.status;
    case 'signalled':
      return 128 + outcome.signal;
    case 'no-program':
      return 127;
    case 'timed-out':
      return 124;
    case 'container-died':
      return 137;
    case 'not-started':
      return outcome.reason === 'invalid-command' ? EXIT.usage : EXIT.unavailable;
  }
}

/** What is to be said when the program did not come to an end of its own. Pure. */
export function troubleOf(outcome: Outcome): string | undefined {
  switch (outcome.kind) {
    case 'exited':
    case 'signalled':
      return undefined;
    case 'no-program':
      return 'there is no such program in the site';
    case 'timed-out':
      return `the program was ended after ${outcome.seconds} seconds`;
    case 'container-died':
      return "the site's container ended while the program ran; it may have used all its memory";
    case 'starved':
      return outcome.what === 'memory'
        ? "the program ran short of the site's memory"
        : 'the program could start no further process: the site has as many as it may have';
    case 'not-started':
      return `nothing was started: ${outcome.detail || outcome.reason}`;
  }
}
