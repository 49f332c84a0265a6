import { randomBytes } from 'node:crypto';
import type { SubmissionSite } from '#contract/gate/messages.ts';
import { opaqueName } from '#model/id.ts';
import type { SmtpReply } from '#model/mail/outcome.ts';
import { DATA_END, DotStuffer } from '../wire/data.ts';
import { readHead } from '../wire/head.ts';
import type { Body } from '../wire/reader.ts';
import type { Allowances, Reservation } from './allowances.ts';
import type { MailParameters } from './command.ts';
import { prepareHead } from './header.ts';
import { MESSAGE_BYTES_MAX, RECIPIENTS_MAX } from './policy.ts';
import { Relay, RelayLost, type RelayReply } from './relay.ts';

export interface TransactionContext {
  readonly mailAddressFile: string;
  readonly allowances: Allowances;
}

const HEAD_BYTES_MAX = 256 * 1024;
/** A message that is refused is read to its end, but not for ever. */
const READ_OVER_MAX = 2 * MESSAGE_BYTES_MAX;

const OK: SmtpReply = { code: 250, status: '2.0.0', text: 'OK' };
const ACCEPTED: SmtpReply = { code: 250, status: '2.0.0', text: 'Accepted for delivery' };
const UNREACHABLE: SmtpReply = {
  code: 451,
  status: '4.3.0',
  text: 'The mail service cannot take the message now, try again later',
};
const TOO_MANY: SmtpReply = { code: 452, status: '4.5.3', text: `At most ${RECIPIENTS_MAX} recipients a message` };
const HEAD_TOO_LARGE: SmtpReply = { code: 552, status: '5.3.4', text: 'The header of the message is too large' };
export const TOO_LARGE: SmtpReply = {
  code: 552,
  status: '5.3.4',
  text: `A message has at most ${MESSAGE_BYTES_MAX} bytes`,
};

/** One message of a site on its way to the mail server, which has its say at every step. */
export class Transaction {
  readonly #site: SubmissionSite;
  readonly #allowances: Allowances;
  readonly #relay: Relay;
  #recipients = 0;
  #reservations: Reservation[] = [];
  /** Bytes of the message that were passed on. */
  bytes = 0;

  private constructor(site: SubmissionSite, allowances: Allowances, relay: Relay) {
    this.#site = site;
    this.#allowances = allowances;
    this.#relay = relay;
  }

  get recipients(): number {
    return this.#recipients;
  }

  /** Connects to the mail server and names the sender, or says why not. */
  static async begin(
    context: TransactionContext,
    site: SubmissionSite,
    sender: string,
    parameters: MailParameters,
  ): Promise<Transaction | SmtpReply> {
    let relay: Relay | undefined;
    try {
      relay = await Relay.open(context.mailAddressFile, relayName(site));
      const body = parameters.body === '8BITMIME' && relay.offers('8BITMIME') ? ' BODY=8BITMIME' : '';
      const reply = await relay.say(`MAIL FROM:<${sender}>${body}`);
      if (reply.code === 250) return new Transaction(site, context.allowances, relay);
      relay.close();
      return passedOn(reply);
    } catch (error) {
      relay?.close();
      return unreachable(error);
    }
  }

  /** Each recipient is one message of the site's hour. */
  async addRecipient(address: string): Promise<SmtpReply> {
    if (this.#recipients >= RECIPIENTS_MAX) return TOO_MANY;
    const reservation = this.#allowances.reserve(this.#site, Date.now());
    if (typeof reservation === 'number') return limitReached(this.#site, reservation);
    try {
      const reply = await this.#relay.say(`RCPT TO:<${address}>`);
      if (reply.code !== 250 && reply.code !== 251) {
        reservation.release();
        return passedOn(reply);
      }
      this.#recipients += 1;
      this.#reservations.push(reservation);
      return OK;
    } catch (error) {
      reservation.release();
      return unreachable(error);
    }
  }

  /**
   * Reads the message to its end and passes it on. It counts in the hour of the site unless the mail server could not
   * take it: a refused or broken off message costs the platform as much as a sent one. Throws ConnectionLost.
   */
  async send(body: Body): Promise<SmtpReply> {
    let reply: SmtpReply | undefined;
    try {
      reply = await this.#pass(body);
      return reply;
    } finally {
      if (reply === undefined || reply.code < 400 || reply.code >= 500) this.#spend();
      this.close();
    }
  }

  /** Ends the transaction; what was not accepted by the mail server is never delivered. */
  close(): void {
    for (const reservation of this.#reservations) reservation.release();
    this.#reservations = [];
    this.#relay.close();
  }

  #spend(): void {
    for (const reservation of this.#reservations) reservation.spend();
    this.#reservations = [];
  }

  async #pass(body: Body): Promise<SmtpReply> {
    const head = await readHead(body, HEAD_BYTES_MAX);
    const first =
      head === undefined ? HEAD_TOO_LARGE : prepareHead(this.#site, head, { now: new Date(), messageId: newName() });
    if (!Buffer.isBuffer(first)) return await afterReadingOver(body, first);
    try {
      const go = await this.#relay.say('DATA');
      if (go.code !== 354) return await afterReadingOver(body, passedOn(go));
      return await this.#passBytes(first, body);
    } catch (error) {
      return await afterReadingOver(body, unreachable(error));
    }
  }

  async #passBytes(first: Buffer, body: Body): Promise<SmtpReply> {
    const stuffer = new DotStuffer();
    let endsLine = false;
    for (let piece: Buffer | undefined = first; piece !== undefined; piece = await body.next()) {
      this.bytes += piece.length;
      if (this.bytes > MESSAGE_BYTES_MAX) {
        this.#relay.close();
        return await afterReadingOver(body, TOO_LARGE);
      }
      if (piece.length > 0) endsLine = piece.at(-1) === 10;
      await this.#relay.write(stuffer.push(piece));
    }
    const end = endsLine ? DATA_END : Buffer.concat([Buffer.from('\r\n'), DATA_END]);
    const reply = await this.#relay.finish(end);
    return reply.code === 250 ? ACCEPTED : passedOn(reply);
  }
}

/** How the gate greets the mail server: the site's id as a host name, so that the mail server knows whose mail it is. */
export function relayName(site: SubmissionSite): string {
  return `${site.id.replace(/^site_/, '')}.site.invalid`;
}

function newName(): string {
  return opaqueName(randomBytes(20));
}

async function afterReadingOver(body: Body, reply: SmtpReply): Promise<SmtpReply> {
  let bytes = 0;
  for (let piece = await body.next(); piece !== undefined && bytes < READ_OVER_MAX; piece = await body.next()) {
    bytes += piece.length;
  }
  return bytes < READ_OVER_MAX ? reply : { code: 421, status: '4.7.0', text: reply.text };
}

function limitReached(site: SubmissionSite, seconds: number): SmtpReply {
  const minutes = Math.max(1, Math.ceil(seconds / 60));
  const text = `This site may send ${site.mailPerHour} messages an hour; the next one in ${minutes} minutes`;
  return { code: 450, status: '4.7.1', text };
}

function unreachable(error: unknown): SmtpReply {
  if (error instanceof RelayLost) return UNREACHABLE;
  throw error;
}

const ENHANCED = /^([45]\.\d{1,3}\.\d{1,3}) /;

/** What the mail server refuses, in its own words, in ASCII; an answer out of order and its own hanging up are trouble. */
function passedOn(reply: RelayReply): SmtpReply {
  if (reply.code < 400 || reply.code === 421) return UNREACHABLE;
  const text = reply.lines.join(' ').replaceAll(/[^ -~]/g, '?');
  const status = ENHANCED.exec(text)?.[1] ?? (reply.code < 500 ? '4.0.0' : '5.0.0');
  return { code: reply.code, status, text: text.replace(ENHANCED, '').slice(0, 300) };
}
