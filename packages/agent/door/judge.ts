import type { NotStartedReason, Outcome, StarvedOf } from '#model/door/outcome.ts';
import { NO_PROGRAM_SIGNAL } from './waiter.ts';

/** All that is known when crun has ended. */
export interface Evidence {
  /** crun's exit code: the program's, or 128 and the signal, or its own; null when crun itself was killed. */
  readonly code: number | null;
  /** crun's messages about this entry. It has some when it failed, none when it did its work. */
  readonly messages: readonly string[];
  /** Whether crun said that the program was about to be started (its pid file). */
  readonly begun: boolean;
  /** Whether the container still ran afterwards. */
  readonly containerRuns: boolean;
  /** Then a waiter came before the program (see `waiter.ts`). */
  readonly hasTerminal?: boolean;
  /** What the kernel kept from the entry while it ran, by its groups' own counts; undefined when nothing. */
  readonly starvedOf?: StarvedOf;
  /** Why we ended it, if we did. */
  readonly endedBy?: { readonly kind: 'time-limit'; readonly seconds: number } | { readonly kind: 'caller' };
}

const SIGKILL = 9;
const SIGNAL_MAX = 64;

/** crun's words (1.8.1) for a program that is not there or that the site's user cannot execute. */
const NOT_FOUND = /^executable file `.*` not found in \$PATH/s;
const NOT_EXECUTABLE =
  /^(?:open executable|exec): (?:No such file or directory|Permission denied|Operation not permitted|Exec format error|Not a directory|Is a directory|Too many levels of symbolic links|File name too long)$/;
const TOO_LONG = /^exec: Argument list too long$/;

const NOT_ENOUGH: Readonly<Record<StarvedOf, string>> = {
  memory: 'the site has no memory left for another program',
  processes: 'the site may have no more processes',
};

/**
 * What became of an entry. Only what is certain becomes the customer's word (`exited`, `no-program`); whatever the
 * platform could have caused does not.
 */
export function judge(evidence: Evidence): Outcome {
  const { code, messages, begun, containerRuns, endedBy } = evidence;
  if (endedBy?.kind === 'time-limit') return { kind: 'timed-out', seconds: endedBy.seconds };
  if (endedBy?.kind === 'caller') {
    return begun ? { kind: 'signalled', signal: SIGKILL } : notStarted('platform', 'the caller gave up');
  }
  if (messages.length > 0) return judgeMessages(evidence);
  if (!begun) return notBegun(evidence, 'crun ended without a word');
  if (code === null) return containerRuns ? { kind: 'signalled', signal: SIGKILL } : { kind: 'container-died' };
  const signal = code - 128;
  if (signal < 1 || signal > SIGNAL_MAX) return judgeStatus(code, evidence.starvedOf);
  if (evidence.hasTerminal === true && signal === NO_PROGRAM_SIGNAL) return { kind: 'no-program' };
  // When the first process of a container ends, the kernel kills all others.
  return signal === SIGKILL && !containerRuns ? { kind: 'container-died' } : { kind: 'signalled', signal };
}

/** A program that reports success was not hindered; any other number may be about what it did not get. */
function judgeStatus(status: number, starvedOf: StarvedOf | undefined): Outcome {
  if (status === 0 || starvedOf === undefined) return { kind: 'exited', status };
  return { kind: 'starved', what: starvedOf, status };
}

function judgeMessages(evidence: Evidence): Outcome {
  const { messages } = evidence;
  if (messages.some((text) => NOT_FOUND.test(text) || NOT_EXECUTABLE.test(text))) return { kind: 'no-program' };
  const detail = messages.join('; ');
  if (messages.some((text) => TOO_LONG.test(text))) return notStarted('invalid-command', detail);
  return notBegun(evidence, detail);
}

function notBegun({ containerRuns, starvedOf }: Evidence, detail: string): Outcome {
  if (!containerRuns) return notStarted('site-cannot-start', 'the container does not run');
  // crun starts inside the entry's group: what it did not get there, the site did not have.
  if (starvedOf !== undefined) return notStarted('site-cannot-start', NOT_ENOUGH[starvedOf]);
  return notStarted('platform', detail);
}

function notStarted(reason: NotStartedReason, detail: string): Outcome {
  return { kind: 'not-started', reason, detail };
}
