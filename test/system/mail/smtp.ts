import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** The plainest client of SMTP: says what it is told, and reads whole replies. */
export class Smtp {
  #socket: Socket;
  #text = '';
  #wake: () => void = () => undefined;
  #ended = false;
  readonly greeting: Promise<string>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen();
    this.greeting = this.reply();
  }

  static async connect(host: string, port: number): Promise<Smtp> {
    const socket = port === 465 ? connectTls({ host, port, rejectUnauthorized: false }) : connect({ host, port });
    await Promise.race([
      once(socket, port === 465 ? 'secureConnect' : 'connect'),
      once(socket, 'error').then(([error]) => Promise.reject(error)),
    ]);
    const client = new Smtp(socket);
    await client.greeting;
    return client;
  }

  /** The next reply; empty when the server hung up. */
  async reply(): Promise<string> {
    const whole = /^(?:\d{3}-.*\r\n)*\d{3} .*\r\n/;
    for (;;) {
      const [reply] = whole.exec(this.#text) ?? [];
      if (reply !== undefined) {
        this.#text = this.#text.slice(reply.length);
        return reply.trimEnd().replaceAll('\r', '');
      }
      if (this.#ended) return '';
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async say(line: string | Buffer): Promise<string> {
    this.#socket.write(typeof line === 'string' ? `${line}\r\n` : line);
    return await this.reply();
  }

  async startTls(): Promise<void> {
    const reply = await this.say('STARTTLS');
    if (!reply.startsWith('220')) throw new Error(`STARTTLS: ${reply}`);
    this.#socket.removeAllListeners('data');
    const socket = connectTls({ socket: this.#socket, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    this.#socket = socket;
    this.#listen();
  }

  /** The content of a message as it is, lines ended by CRLF; dots are doubled here. */
  async data(content: Buffer): Promise<string> {
    const reply = await this.say('DATA');
    if (!reply.startsWith('354')) return reply;
    const stuffed = content.toString('latin1').replace(/^\./gm, '..');
    const end = stuffed.endsWith('\r\n') ? '.\r\n' : '\r\n.\r\n';
    return await this.say(Buffer.from(stuffed + end, 'latin1'));
  }

  close(): void {
    this.#socket.destroy();
  }

  #listen(): void {
    const end = () => {
      this.#ended = true;
      this.#wake();
    };
    this.#socket.on('data', (bytes: Buffer) => {
      this.#text += bytes.toString('latin1');
      this.#wake();
    });
    this.#socket.on('error', end);
    this.#socket.on('close', end);
  }
}

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly content: Buffer;
  readonly port?: number;
  /** Parameters of MAIL, for example `SIZE=100`. */
  readonly parameters?: string;
}

/** Sends one message from outside; gives the replies to MAIL, to each RCPT and to the content. */
export async function send(host: string, mail: Mail): Promise<{ mail: string; rcpt: string[]; data: string }> {
  const smtp = await Smtp.connect(host, mail.port ?? 25);
  try {
    await smtp.say('EHLO sender.example');
    const accepted = await smtp.say(
      `MAIL FROM:<${mail.from}>${mail.parameters === undefined ? '' : ` ${mail.parameters}`}`,
    );
    const rcpt: string[] = [];
    for (const address of mail.to) rcpt.push(await smtp.say(`RCPT TO:<${address}>`));
    const data = rcpt.some((reply) => reply.startsWith('250')) ? await smtp.data(mail.content) : '';
    await smtp.say('QUIT');
    return { mail: accepted, rcpt, data };
  } finally {
    smtp.close();
  }
}

/** A small message. */
export function message(subject: string, body = 'Hello\r\n'): Buffer {
  return Buffer.from(`From: Someone <someone@sender.example>\r\nTo: you\r\nSubject: ${subject}\r\n\r\n${body}`);
}
