import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { sendMany } from './smtp.ts';

let server: Server;

afterEach(() => server.close());

/** A server that takes everything, one mail a connection, and counts how many connections are open. */
async function serve(refuse?: string) {
  const seen = { mails: [] as string[], most: 0 };
  let open = 0;
  server = createServer((socket) => {
    // A client that was refused goes away.
    socket.on('error', () => undefined);
    open += 1;
    seen.most = Math.max(seen.most, open);
    void converse(socket, refuse).then((mail) => {
      open -= 1;
      socket.end('221 bye\r\n');
      if (mail !== undefined) seen.mails.push(mail);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { seen, letter: { host: '127.0.0.1', port, recipient: 'pipe@bench.example' } };
}

async function converse(socket: Socket, refuse: string | undefined): Promise<string | undefined> {
  socket.write('220 hello\r\n');
  let mail = '';
  let isData = false;
  for await (const line of createInterface({ input: socket })) {
    if (line === 'QUIT') return mail;
    if (isData && line !== '.') mail += `${line}\n`;
    else if (isData) socket.write(`250-wait\r\n250 OK id=mail-${socket.remotePort}\r\n`);
    else if (refuse !== undefined && line.startsWith(refuse)) socket.write('550 no\r\n');
    else socket.write(line === 'DATA' ? '354 go on\r\n' : '250-one\r\n250 two\r\n');
    isData = line === 'DATA' || (isData && line !== '.');
  }
  return undefined;
}

test('mails go in parallel, a connection each, and come back by the server’s names for them', async () => {
  const { seen, letter } = await serve();
  const accepted = await sendMany(letter, 7, 3);
  expect(new Set(accepted.map(({ id }) => id)).size).toBe(7);
  expect(seen.mails).toHaveLength(7);
  expect(seen.mails[0]).toMatch(/^From: <.*>\nTo: <pipe@bench\.example>\nSubject: .*\n\n/);
  expect(seen.most).toBeLessThanOrEqual(3);
});

test('a refusal is an error with the server’s words', async () => {
  const { letter } = await serve('RCPT');
  await expect(sendMany(letter, 1, 1)).rejects.toThrow('RCPT TO:<pipe@bench.example>" the server says: 550 no');
});
