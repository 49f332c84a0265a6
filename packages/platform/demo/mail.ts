import { setTimeout as pause } from 'node:timers/promises';
import { ImapFlow } from 'imapflow';
import { createTransport, type SendMailOptions } from 'nodemailer';

export interface Letter {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface Login {
  readonly user: string;
  readonly pass: string;
}

/** The node's certificates come from the platform's own authority, and the demo asks by address, not by name. */
const TLS = { rejectUnauthorized: false } as const;

/** Hands a letter to a mail server; gives back its last answer. Throws with the server's words when it refuses. */
export async function send(endpoint: string, letter: Letter, login?: Login): Promise<string> {
  const { hostname, port, protocol } = new URL(endpoint);
  const transport = createTransport({
    host: hostname,
    port: Number(port),
    secure: protocol === 'smtps:',
    name: 'visitor.example',
    tls: TLS,
    ...(login === undefined ? {} : { auth: login }),
  });
  const message: SendMailOptions = { ...letter, textEncoding: 'quoted-printable' };
  try {
    return (await transport.sendMail(message)).response;
  } finally {
    transport.close();
  }
}

const MAILBOX_PATIENCE_MS = 20_000;
const ASK_AGAIN_MS = 100;

/** Waits until a letter with this subject lies in the mailbox, and gives back its source. */
export async function awaitLetter(endpoint: string, login: Login, subject: string): Promise<string> {
  const { hostname, port } = new URL(endpoint);
  const client = new ImapFlow({
    host: hostname,
    port: Number(port),
    secure: true,
    tls: TLS,
    auth: login,
    logger: false,
  });
  await client.connect();
  try {
    await client.mailboxOpen('INBOX', { readOnly: true });
    for (const deadline = Date.now() + MAILBOX_PATIENCE_MS; Date.now() < deadline; await pause(ASK_AGAIN_MS)) {
      await client.noop();
      const found = await client.search({ subject });
      const last = Array.isArray(found) ? found.at(-1) : undefined;
      const message = last === undefined ? false : await client.fetchOne(String(last), { source: true });
      if (message !== false && message.source !== undefined) return message.source.toString('utf8');
    }
    throw new Error(`no letter "${subject}" within ${MAILBOX_PATIENCE_MS / 1000} s`);
  } finally {
    await client.logout();
  }
}
