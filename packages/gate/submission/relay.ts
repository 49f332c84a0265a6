import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { drainedOrClosed } from '../socket/drain.ts';
import { WireReader } from '../wire/reader.ts';

/** What the mail server said. */
export interface RelayReply {
  readonly code: number;
  /** The lines' texts, without codes. */
  readonly lines: readonly string[];
}

/** The mail server cannot be reached, went away, took too long or did not speak SMTP. */
export class RelayLost extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RelayLost';
  }
}

const CONNECT_MS = 10_000;
const COMMAND_MS = 60_000;
/** RFC 5321, 4.5.3.2.6 asks for ten minutes; our own mail server needs none of them. */
const END_OF_DATA_MS = 300_000;
const LINE_MAX = 4096;
const LINES_MAX = 64;

/** One connection to the mail server for one message of a site. Every function throws RelayLost. */
export class Relay {
  readonly #socket: Socket;
  readonly #reader: WireReader;
  #extensions: readonly string[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#reader = new WireReader(socket);
  }

  /** Connects to what the address file names at this moment, and greets as `name`. */
  static async open(addressFile: string, name: string): Promise<Relay> {
    const { host, port } = parseMailAddress(await readFile(addressFile, 'utf8').catch(() => ''));
    const relay = new Relay(await connected(host, port));
    try {
      await relay.#expect(220, await relay.#reply(COMMAND_MS));
      const { lines } = await relay.#expect(250, await relay.say(`EHLO ${name}`));
      relay.#extensions = lines.slice(1).map((line) => line.toUpperCase());
      return relay;
    } catch (error) {
      relay.close();
      throw error;
    }
  }

  offers(extension: string): boolean {
    return this.#extensions.some((line) => line === extension || line.startsWith(`${extension} `));
  }

  /** Sends one command; `line` has been built of checked parts. */
  async say(line: string): Promise<RelayReply> {
    await this.write(Buffer.from(`${line}\r\n`));
    return await this.#reply(COMMAND_MS);
  }

  /** The reply to a whole message. */
  async finish(end: Buffer): Promise<RelayReply> {
    await this.write(end);
    return await this.#reply(END_OF_DATA_MS);
  }

  /** Resolves when there is room for more. */
  async write(bytes: Buffer): Promise<void> {
    if (!this.#socket.writable) throw new RelayLost('the mail server went away');
    if (!this.#socket.write(bytes)) await drainedOrClosed(this.#socket);
  }

  /** Hangs up. A message that was not finished is never delivered. */
  close(): void {
    this.#socket.destroy();
  }

  async #expect(code: number, reply: RelayReply): Promise<RelayReply> {
    if (reply.code !== code) throw new RelayLost(`the mail server said ${reply.code}`);
    return reply;
  }

  async #reply(timeoutMs: number): Promise<RelayReply> {
    const timer = setTimeout(() => this.#socket.destroy(), timeoutMs);
    try {
      const lines: string[] = [];
      while (lines.length < LINES_MAX) {
        const line = await this.#reader.line(LINE_MAX);
        const [, code, more, text = ''] = line.kind === 'line' ? (REPLY.exec(line.bytes.toString('latin1')) ?? []) : [];
        if (code === undefined) throw new RelayLost('the mail server went away or does not speak SMTP');
        lines.push(text);
        if (more !== '-') return { code: Number(code), lines };
      }
      throw new RelayLost('the mail server does not come to an end');
    } finally {
      clearTimeout(timer);
    }
  }
}

const REPLY = /^([2-5]\d\d)(?:([ -])(.*))?$/s;

function parseMailAddress(text: string): { readonly host: string; readonly port: number } {
  const [, host, port] = /^([0-9A-Za-z.:]+):(\d{1,5})\s*$/.exec(text) ?? [];
  if (host === undefined) throw new RelayLost('the address of the mail server is not known yet');
  return { host, port: Number(port) };
}

function connected(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true });
    const failed = () => {
      socket.destroy();
      reject(new RelayLost('the mail server does not answer'));
    };
    const timer = setTimeout(failed, CONNECT_MS);
    socket.once('close', () => clearTimeout(timer));
    socket.once('error', failed);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', failed);
      // Later errors are seen as the end of what is read.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}
