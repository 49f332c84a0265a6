import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { SubmissionSite } from '#contract/gate/messages.ts';
import type { SmtpReply } from '#model/mail/outcome.ts';
import type { Served } from '../socket/conversations.ts';
import { Conversation, type Protocol } from '../wire/conversation.ts';
import { encodeLines } from '../wire/reply.ts';
import { type MailParameters, parseSubmissionCommand, type SubmissionCommand } from './command.ts';
import type { Pace } from './pace.ts';
import { MESSAGE_BYTES_MAX, recipientFor, senderFor } from './policy.ts';
import { TOO_LARGE, Transaction, type TransactionContext } from './transaction.ts';

export interface SubmissionContext extends TransactionContext {
  /** The site that the socket belongs to, as it is now: the socket says who it is, never the text. */
  readonly site: () => SubmissionSite;
  readonly pace: Pace;
  readonly log: Logger;
}

/** Longest life of a connection, however lively it is. */
const LIFE_MS = 15 * 60_000;

const OK: SmtpReply = { code: 250, status: '2.0.0', text: 'OK' };
const BYE: SmtpReply = { code: 221, status: '2.0.0', text: 'Bye' };
const OUT_OF_ORDER: SmtpReply = { code: 503, status: '5.5.1', text: 'Bad sequence of commands' };
const UNKNOWN: SmtpReply = { code: 500, status: '5.5.2', text: 'Not understood' };
const BAD: Record<Extract<SubmissionCommand, { kind: 'bad' }>['why'], SmtpReply> = {
  address: { code: 501, status: '5.1.3', text: 'Not an address as RFC 5321 has it' },
  'not-ascii': {
    code: 553,
    status: '5.6.7',
    text: 'Addresses are ASCII here; a domain with other letters is written in its xn-- form',
  },
  parameter: { code: 555, status: '5.5.4', text: 'Parameter not known' },
};

/** A program in a site that sends mail: SMTP without authentication over the site's own socket. */
export class SubmissionSession implements Protocol, Served {
  readonly greeting = '220 hofje ESMTP\r\n';
  readonly lineMax = 2048;
  readonly #context: SubmissionContext;
  readonly #socket: Socket;
  readonly #conversation: Conversation;
  #transaction: Transaction | undefined;

  constructor(context: SubmissionContext, socket: Socket) {
    this.#context = context;
    this.#socket = socket;
    this.#conversation = new Conversation(socket, context.log);
  }

  async run(): Promise<void> {
    const life = setTimeout(() => this.#socket.destroy(), LIFE_MS);
    await this.#context.pace.step();
    await this.#conversation.run(this);
    clearTimeout(life);
  }

  stop(): void {
    this.#conversation.stop();
  }

  isBusy(): boolean {
    return this.#transaction !== undefined;
  }

  close(): void {
    this.#reset();
  }

  async obey(line: Buffer): Promise<boolean> {
    await this.#context.pace.step();
    const command = parseSubmissionCommand(line);
    switch (command.kind) {
      case 'hello':
        this.#reset();
        this.#greet(command.extended);
        return true;
      case 'mail':
        this.#conversation.reply(await this.#begin(command));
        return true;
      case 'rcpt':
        this.#conversation.reply(await this.#addRecipient(command));
        return true;
      case 'data':
        return await this.#data();
      case 'rset':
        this.#reset();
        this.#conversation.reply(OK);
        return true;
      case 'noop':
        this.#conversation.reply(OK);
        return true;
      case 'quit':
        this.#conversation.reply(BYE);
        return false;
      case 'unknown':
        this.#conversation.reply(UNKNOWN);
        return true;
      case 'bad':
        this.#conversation.reply(BAD[command.why]);
        return true;
    }
  }

  #greet(extended: boolean): void {
    const extensions = [`SIZE ${MESSAGE_BYTES_MAX}`, '8BITMIME', 'PIPELINING', 'ENHANCEDSTATUSCODES'];
    this.#conversation.write(encodeLines(250, extended ? ['hofje', ...extensions] : ['hofje']));
  }

  async #begin(command: Extract<SubmissionCommand, { kind: 'mail' }>): Promise<SmtpReply> {
    if (this.#transaction !== undefined) return OUT_OF_ORDER;
    const { parameters } = command;
    if (parameters.size > MESSAGE_BYTES_MAX) return TOO_LARGE;
    const sender = senderFor(this.#context.site(), command.sender);
    return typeof sender === 'string' ? await this.#open(sender, parameters) : sender;
  }

  async #open(sender: string, parameters: MailParameters): Promise<SmtpReply> {
    const begun = await Transaction.begin(this.#context, this.#context.site(), sender, parameters);
    if (!(begun instanceof Transaction)) return begun;
    this.#transaction = begun;
    return OK;
  }

  async #addRecipient(command: Extract<SubmissionCommand, { kind: 'rcpt' }>): Promise<SmtpReply> {
    if (this.#transaction === undefined) return OUT_OF_ORDER;
    return await this.#transaction.addRecipient(recipientFor(this.#context.site(), command.recipient));
  }

  async #data(): Promise<boolean> {
    const transaction = this.#transaction;
    if (transaction === undefined || transaction.recipients === 0) {
      this.#conversation.reply(OUT_OF_ORDER);
      return true;
    }
    this.#conversation.write('354 Go on\r\n');
    const reply = await transaction.send(this.#conversation.reader.body('crlf'));
    this.#transaction = undefined;
    this.#conversation.reply(reply);
    const { recipients, bytes } = transaction;
    this.#context.log.info({
      event: 'submission',
      site: this.#context.site().id,
      code: reply.code,
      status: reply.status,
      recipients,
      bytes,
    });
    return reply.code !== 421;
  }

  #reset(): void {
    this.#transaction?.close();
    this.#transaction = undefined;
  }
}
