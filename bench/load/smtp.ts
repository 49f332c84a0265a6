import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { HofjeError } from '#model/error.ts';

export interface Letter {
  readonly host: string;
  readonly port: number;
  readonly recipient: string;
}

/** A mail that the server has taken on. */
export interface Accepted {
  /** Exim's name for it. */
  readonly id: string;
  /** When its last byte was sent, milliseconds since 1970. */
  readonly sentAt: number;
}

const SENDER = 'friend@visitor.example';
/** 2 kB, as a short letter with its headers. */
const BODY = Array.from(
  { length: 24 },
  (_, n) => `Line ${n + 1}: two loaves of rye, one of spelt, and what was left over.`,
);
const PATIENCE_MS = 60_000;

/** Sends mails, `parallel` at a time, each over a connection of its own. Throws `bench.smtp` when one is refused. */
export async function sendMany(letter: Letter, count: number, parallel: number): Promise<readonly Accepted[]> {
  const accepted: Accepted[] = [];
  let left = count;
  const sender = async () => {
    while (left-- > 0) accepted.push(await sendOne(letter));
  };
  await Promise.all(Array.from({ length: Math.min(parallel, count) }, sender));
  return accepted;
}

/** One conversation (RFC 5321), a command at a time as most clients do. */
async function sendOne(letter: Letter): Promise<Accepted> {
  const socket = connect({ host: letter.host, port: letter.port, noDelay: true });
  socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('no answer')));
  try {
    const replies = repliesOf(socket);
    const say = async (text: string | undefined, wanted: number) => {
      if (text !== undefined) socket.write(`${text}\r\n`);
      const reply = (await replies.next()).value ?? 'nothing';
      if (reply.startsWith(`${wanted}`)) return reply;
      throw new HofjeError('bench.smtp', `to "${text?.slice(0, 60) ?? 'the connection'}" the server says: ${reply}`);
    };
    await say(undefined, 220);
    await say('EHLO visitor.example', 250);
    await say(`MAIL FROM:<${SENDER}>`, 250);
    await say(`RCPT TO:<${letter.recipient}>`, 250);
    await say('DATA', 354);
    const headers = [`From: <${SENDER}>`, `To: <${letter.recipient}>`, 'Subject: Order', ''];
    const taken = say([...headers, ...BODY, '.'].join('\r\n'), 250);
    const sentAt = performance.timeOrigin + performance.now();
    const id = /\bid=(\S+)/.exec(await taken)?.[1] ?? '';
    const closed = once(socket, 'close');
    socket.end('QUIT\r\n');
    await closed;
    return { id, sentAt };
  } finally {
    socket.destroy();
  }
}

/** The last line of each reply. */
async function* repliesOf(socket: Socket): AsyncGenerator<string> {
  await once(socket, 'connect');
  for await (const line of createInterface({ input: socket })) if (/^\d{3} /.test(line)) yield line;
}
