import type { Outcome } from '../door/outcome.ts';

/** No outcome was learned: the platform's trouble, never the customer's word. */
export interface NoAnswer {
  readonly kind: 'no-answer';
  readonly reason: 'agent-unreachable' | 'protocol-fault' | 'cancelled' | 'too-late';
}

/** A reply line of SMTP and LMTP: code (RFC 5321), enhanced status (RFC 3463) and a text. */
export interface SmtpReply {
  readonly code: number;
  readonly status: string;
  readonly text: string;
}

/** `EX_TEMPFAIL` of sysexits.h: the program asks for another try. */
export const EXIT_TEMPORARY_FAILURE = 75;

const DELIVERED: SmtpReply = { code: 250, status: '2.0.0', text: 'Delivered' };
const REFUSED: SmtpReply = { code: 550, status: '5.2.0', text: 'The message cannot be delivered to this address' };
const DEFERRED: SmtpReply = {
  code: 451,
  status: '4.2.0',
  text: 'The message cannot be delivered now, try again later',
};

/**
 * What the mail server is told about a message that was fed to a program. Strangers come to read these texts, so they
 * say nothing about the program, the site or the machine. Only a program that really ran, or that is really missing,
 * refuses a message; everything else is tried again.
 */
export function replyToPipe(result: Outcome | NoAnswer): SmtpReply {
  switch (result.kind) {
    case 'exited':
      return replyToStatus(result.status);
    case 'no-program':
      return REFUSED;
    case 'signalled':
    case 'not-started':
    case 'container-died':
    case 'timed-out':
    case 'starved':
    case 'no-answer':
      return DEFERRED;
    default:
      return unknownKind(result);
  }
}

function replyToStatus(status: number): SmtpReply {
  if (status === 0) return DELIVERED;
  // A number that no program can return is a fault of the platform's.
  if (!Number.isInteger(status) || status < 0 || status > 255) return DEFERRED;
  return status === EXIT_TEMPORARY_FAILURE ? DEFERRED : REFUSED;
}

/** An agent newer than this gate may know more outcomes; until then they defer. */
function unknownKind(_result: never): SmtpReply {
  return DEFERRED;
}
