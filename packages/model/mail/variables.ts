import { DETAIL_SEPARATOR } from './address.ts';

/** Sender and recipient of a message as the mail server knows them, before any rewriting. */
export interface PipeEnvelope {
  /** Empty for the null sender `<>`. */
  readonly sender: string;
  readonly recipient: string;
}

/** Longest value of a variable, characters; the mail server's own limit of an address lies far below. */
export const VARIABLE_LENGTH_MAX = 8192;

/** The variables that a program behind a mail pipe finds in its environment, named as Exim's pipe transport names them. */
export interface PipeVariables {
  /** The envelope sender, empty for a bounce. */
  readonly SENDER: string;
  /** The address that the message was sent to. */
  readonly RECIPIENT: string;
  /** What stands before the `@`, without the quotes that SMTP may need and without a detail (`name` of `name+detail`). */
  readonly LOCAL_PART: string;
  /** The detail with its separator (`+detail`), or empty. */
  readonly LOCAL_PART_SUFFIX: string;
  readonly DOMAIN: string;
}

/** The agent adds `HOME`, `USER`, `SHELL`, `PATH`. The values are strangers' text: data, expanded by nobody. */
export function pipeVariables({ sender, recipient }: PipeEnvelope): PipeVariables {
  const at = recipient.lastIndexOf('@');
  const localPart = withoutQuotes(at === -1 ? recipient : recipient.slice(0, at));
  // A separator in front of everything separates nothing.
  const plus = localPart.indexOf(DETAIL_SEPARATOR, 1);
  return {
    SENDER: variableText(sender),
    RECIPIENT: variableText(recipient),
    LOCAL_PART: variableText(plus === -1 ? localPart : localPart.slice(0, plus)),
    LOCAL_PART_SUFFIX: plus === -1 ? '' : variableText(localPart.slice(plus)),
    DOMAIN: at === -1 ? '' : variableText(recipient.slice(at + 1)),
  };
}

/** The local part that a quoted string (RFC 5321, 4.1.2) stands for; other text as it is. */
function withoutQuotes(localPart: string): string {
  if (localPart.length < 2 || !localPart.startsWith('"') || !localPart.endsWith('"')) return localPart;
  return localPart.slice(1, -1).replaceAll(/\\(.)/gsu, '$1');
}

/** A NUL cannot be part of an environment; it becomes the replacement character, as bytes that are not UTF-8 do. */
function variableText(text: string): string {
  return text.replaceAll('\0', '\u{fffd}').slice(0, VARIABLE_LENGTH_MAX);
}
