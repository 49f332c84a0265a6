import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { SmtpReply } from '#model/mail/outcome.ts';
import { ConnectionLost, WireReader } from './reader.ts';
import { encodeReply } from './reply.ts';

/** What a protocol does within a conversation. */
export interface Protocol {
  readonly greeting: string;
  /** Bytes of the longest command. */
  readonly lineMax: number;
  /** Answers one command; false when the conversation is over. */
  obey(line: Buffer): Promise<boolean>;
  /** Whether a transaction is under way that a stop should let finish. */
  isBusy(): boolean;
  /** Called once, at the end, however it came. */
  close(): void;
}

const TOO_LONG: SmtpReply = { code: 500, status: '5.5.2', text: 'Line too long' };
const STOPPING: SmtpReply = { code: 421, status: '4.3.2', text: 'Service is stopping' };

/** One connection of SMTP or LMTP: commands come in as lines, replies go out, one after the other. */
export class Conversation {
  readonly reader: WireReader;
  readonly #socket: Socket;
  readonly #log: Logger;
  #stopping = false;
  #protocol: Protocol | undefined;

  constructor(socket: Socket, log: Logger) {
    this.#socket = socket;
    this.#log = log;
    this.reader = new WireReader(socket);
  }

  /** Speaks until either side ends. Never rejects. */
  async run(protocol: Protocol): Promise<void> {
    this.#protocol = protocol;
    try {
      this.write(protocol.greeting);
      while (!this.#isFinished()) {
        const line = await this.reader.line(protocol.lineMax);
        if (line.kind === 'end') return;
        if (line.kind === 'too-long') this.reply(TOO_LONG);
        else if (!(await protocol.obey(line.bytes))) return;
      }
      this.reply(STOPPING);
    } catch (error) {
      if (!(error instanceof ConnectionLost)) this.#log.error({ event: 'conversation.defect', err: error });
    } finally {
      protocol.close();
      this.#socket.end();
    }
  }

  /** Ends the conversation when its transaction, if any, is done. */
  stop(): void {
    this.#stopping = true;
    if (this.#isFinished()) this.#socket.end(encodeReply(STOPPING));
  }

  reply(reply: SmtpReply): void {
    this.write(encodeReply(reply));
  }

  write(text: string): void {
    if (this.#socket.writable) this.#socket.write(text);
  }

  #isFinished(): boolean {
    return this.#stopping && this.#protocol?.isBusy() !== true;
  }
}
