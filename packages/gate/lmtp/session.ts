import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { ForwarderId } from '#model/id.ts';
import { replyToPipe, type SmtpReply } from '#model/mail/outcome.ts';
import type { Served } from '../socket/conversations.ts';
import { peerLoss } from '../socket/peer.ts';
import { Conversation, type Protocol } from '../wire/conversation.ts';
import { encodeLines } from '../wire/reply.ts';
import { parseLmtpCommand } from './command.ts';
import { type Delivery, type DeliveryContext, deliver } from './deliver.ts';
import type { Slots } from './slots.ts';

export interface LmtpContext extends DeliveryContext {
  readonly slots: Slots;
  /** Whose slots a forwarder takes: its site's; undefined while the agent has not told. */
  readonly siteOf: (forwarder: ForwarderId) => string | undefined;
  readonly log: Logger;
}

/** Exim's longest address and its parameters fit many times. */
const LINE_BYTES_MAX = 16 * 1024;

/** Pipes of which the agent has not told share the slots of one site: a gate that has just started fills no node with them. */
const NOBODY = '';

const OK: SmtpReply = { code: 250, status: '2.0.0', text: 'OK' };
const BUSY: SmtpReply = { code: 451, status: '4.3.2', text: 'Too many messages at once, try again later' };
const NO_FORWARDER: SmtpReply = { code: 451, status: '4.3.5', text: 'No such pipe here' };
const ONE_RECIPIENT: SmtpReply = { code: 452, status: '4.5.3', text: 'One recipient a transaction' };
const OUT_OF_ORDER: SmtpReply = { code: 503, status: '5.5.1', text: 'Bad sequence of commands' };
const UNKNOWN: SmtpReply = { code: 500, status: '5.5.2', text: 'Not understood' };
const BYE: SmtpReply = { code: 221, status: '2.0.0', text: 'Bye' };
/**
 * One connection of the mail server, LMTP as of RFC 2033 with one recipient a transaction. Each recipient that was
 * accepted gets exactly one reply after its message, and it tells what the program said.
 */
export class LmtpSession implements Protocol, Served {
  readonly greeting = '220 hofje LMTP\r\n';
  readonly lineMax = LINE_BYTES_MAX;
  readonly #context: LmtpContext;
  readonly #socket: Socket;
  readonly #conversation: Conversation;
  #transaction: 'none' | 'open' = 'none';
  #recipient: { readonly forwarder: ForwarderId; readonly giveBack: () => void } | undefined;

  constructor(context: LmtpContext, socket: Socket) {
    this.#context = context;
    this.#socket = socket;
    this.#conversation = new Conversation(socket, context.log);
  }

  run(): Promise<void> {
    return this.#conversation.run(this);
  }

  stop(): void {
    this.#conversation.stop();
  }

  isBusy(): boolean {
    return this.#recipient !== undefined;
  }

  close(): void {
    this.#reset();
  }

  async obey(line: Buffer): Promise<boolean> {
    const command = parseLmtpCommand(line);
    switch (command.kind) {
      case 'lhlo':
        this.#reset();
        this.#conversation.write(encodeLines(250, ['hofje', 'PIPELINING', '8BITMIME', 'ENHANCEDSTATUSCODES']));
        return true;
      case 'mail':
        this.#reset();
        this.#transaction = 'open';
        this.#reply(OK);
        return true;
      case 'rcpt':
        this.#reply(await this.#addRecipient(command.forwarder));
        return true;
      case 'data':
        await this.#data();
        return true;
      case 'rset':
        this.#reset();
        this.#reply(OK);
        return true;
      case 'noop':
        this.#reply(OK);
        return true;
      case 'quit':
        this.#reply(BYE);
        return false;
      case 'unknown':
        this.#reply(UNKNOWN);
        return true;
    }
  }

  async #addRecipient(forwarder: ForwarderId | undefined): Promise<SmtpReply> {
    if (this.#transaction === 'none') return OUT_OF_ORDER;
    if (this.#recipient !== undefined) return ONE_RECIPIENT;
    if (forwarder === undefined) {
      this.#context.log.error({ event: 'lmtp.not-a-forwarder' });
      return NO_FORWARDER;
    }
    const { slots, siteOf } = this.#context;
    const giveBack = await slots.take(siteOf(forwarder) ?? NOBODY);
    if (giveBack === undefined) {
      this.#context.log.warn({ event: 'lmtp.busy', forwarder });
      return BUSY;
    }
    this.#recipient = { forwarder, giveBack };
    return OK;
  }

  async #data(): Promise<void> {
    if (this.#recipient === undefined) {
      this.#reply(OUT_OF_ORDER);
      return;
    }
    const { forwarder } = this.#recipient;
    this.#conversation.write('354 Go on\r\n');
    const from = performance.now();
    const { lost, stop } = peerLoss(this.#socket);
    const delivery = await deliver(this.#context, this.#conversation.reader, lost, forwarder).finally(stop);
    const reply = replyToPipe(delivery.result);
    this.#reply(reply);
    this.#reset();
    this.#note(forwarder, delivery, reply, performance.now() - from);
  }

  #note(forwarder: ForwarderId, delivery: Delivery, reply: SmtpReply, milliseconds: number): void {
    const { result, stdoutBytes, stderrBytes } = delivery;
    this.#context.log.info({
      event: 'lmtp.delivery',
      forwarder,
      outcome: result,
      code: reply.code,
      stdoutBytes,
      stderrBytes,
      milliseconds: Math.round(milliseconds),
    });
  }

  #reset(): void {
    this.#transaction = 'none';
    this.#recipient?.giveBack();
    this.#recipient = undefined;
  }

  #reply(reply: SmtpReply): void {
    this.#conversation.reply(reply);
  }
}
