import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { drainedOrClosed } from '../socket/drain.ts';
import { WireReader } from '../wire/reader.ts';

/** The plainest client of SMTP and LMTP: says what it is told and reads whole replies. */
export class WireClient {
  readonly socket: Socket;
  readonly #reader: WireReader;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.#reader = new WireReader(socket);
  }

  /** Connects and reads the greeting. */
  static async connect(path: string): Promise<WireClient> {
    const socket = connect(path);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    const client = new WireClient(socket);
    await client.reply();
    return client;
  }

  /** The next reply, its lines joined by a line feed; empty when the server hung up. */
  async reply(): Promise<string> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.#reader.line(10_000);
      if (line.kind !== 'line') return lines.join('\n');
      const text = line.bytes.toString();
      lines.push(text);
      if (text[3] !== '-') return lines.join('\n');
    }
  }

  async say(text: string | Buffer): Promise<string> {
    await this.write(typeof text === 'string' ? `${text}\r\n` : text);
    return await this.reply();
  }

  async write(text: string | Buffer): Promise<void> {
    if (!this.socket.write(text)) await drainedOrClosed(this.socket);
  }

  close(): void {
    this.socket.destroy();
  }
}
