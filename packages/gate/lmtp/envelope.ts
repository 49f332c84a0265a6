import type { PipeEnvelope } from '#model/mail/variables.ts';
import { type Field, fieldValue } from '../wire/head.ts';

/**
 * How the true envelope travels from the mail server to the gate: a field with two tokens of base 64 with a blank between
 * them, `X-Hofje-Envelope: <sender> <recipient>`; `-` stands for the null sender.
 */
export const ENVELOPE_FIELD = 'x-hofje-envelope';

export interface Opened {
  /** Undefined when no field tells it: the mail server's configuration is not ours, and nothing may run. */
  readonly envelope: PipeEnvelope | undefined;
  /** The fields that the program is to see. */
  readonly fields: readonly Field[];
}

/**
 * Takes the envelope out of a message's fields. The mail server removes such a field of a stranger's and appends its own
 * after all others (`headers_remove` and `headers_add` of its transport), so the last one is the word that counts.
 */
export function openEnvelope(fields: readonly Field[]): Opened {
  const own = fields.filter((field) => field.name === ENVELOPE_FIELD).at(-1);
  return {
    envelope: own === undefined ? undefined : parseEnvelope(fieldValue(own)),
    fields: fields.filter((field) => field.name !== ENVELOPE_FIELD),
  };
}

const VALUE = /^(-|[A-Za-z0-9+/=]+)[ \t]+([A-Za-z0-9+/=]+)$/;

export function parseEnvelope(value: string): PipeEnvelope | undefined {
  const match = VALUE.exec(value);
  if (match === null) return undefined;
  const [, sender = '-', recipient = ''] = match;
  return { sender: sender === '-' ? '' : fromBase64(sender), recipient: fromBase64(recipient) };
}

/** Bytes that are not UTF-8 become U+FFFD: an environment is text. */
function fromBase64(token: string): string {
  return Buffer.from(token, 'base64').toString('utf8');
}
