/** What a resident does in a network: listens, connects, sends. Called by name, so every argument is JSON. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { run } from '#host/run.ts';

const servers = new Map<number, Server>();
const held: Socket[] = [];

/** Answers every connection on a port with `name` and the address it saw. */
export async function listen(port: number, name: string): Promise<void> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write(`${name} ${socket.remoteAddress?.replace('::ffff:', '')}\n`);
    socket.on('data', (bytes) => socket.write(bytes));
  });
  server.listen(port, '0.0.0.0');
  await once(server, 'listening');
  servers.set(port, server);
}

export interface Attempt {
  readonly host: string;
  readonly port: number;
  readonly localAddress?: string;
  readonly timeoutMs?: number;
  /** Keep the connection open until `letGo`. */
  readonly hold?: boolean;
}

/** How a connection went: the greeting, or the error's code (`TIMEOUT` when nothing came), and after how long. */
export interface Outcome {
  readonly greeting?: string;
  readonly error?: string;
  readonly ms: number;
}

export async function connect(attempt: Attempt): Promise<Outcome> {
  const begin = performance.now();
  const socket = dial({
    host: attempt.host,
    port: attempt.port,
    ...(attempt.localAddress === undefined ? {} : { localAddress: attempt.localAddress }),
  });
  const outcome = await new Promise<{ greeting?: string; error?: string }>((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve({ error: error.code ?? error.message }));
    socket.once('data', (bytes) => resolve({ greeting: String(bytes).trim() }));
    socket.setTimeout(attempt.timeoutMs ?? 3000, () => resolve({ error: 'TIMEOUT' }));
  });
  socket.setTimeout(0);
  socket.on('error', () => undefined);
  if (attempt.hold === true && outcome.greeting !== undefined) held.push(socket);
  else socket.destroy();
  return { ...outcome, ms: performance.now() - begin };
}

export async function connectMany(attempts: readonly Attempt[]): Promise<readonly Outcome[]> {
  return await Promise.all(attempts.map(connect));
}

/** Sends a line on the connection that was held first, and returns what comes back. */
export async function echoOnHeld(line: string): Promise<string> {
  const socket = held[0];
  if (socket === undefined) throw new Error('no connection is held');
  socket.write(line);
  const [bytes] = (await once(socket, 'data', { signal: AbortSignal.timeout(3000) })) as [Buffer];
  return String(bytes);
}

export function letGo(): void {
  for (const socket of held.splice(0)) socket.destroy();
}

const datagrams: { readonly from: string; readonly text: string }[] = [];

/** Collects datagrams; `received` gives them back. */
export async function collect(port: number): Promise<void> {
  const socket = createSocket('udp4');
  socket.on('message', (bytes, { address }) => datagrams.push({ from: address, text: String(bytes) }));
  socket.bind(port);
  await once(socket, 'listening');
}

export function received(): readonly { readonly from: string; readonly text: string }[] {
  return datagrams;
}

export async function send(host: string, port: number, text: string, localAddress?: string): Promise<string | null> {
  const socket = createSocket('udp4');
  socket.on('error', () => undefined);
  try {
    if (localAddress !== undefined) {
      socket.bind(0, localAddress);
      await once(socket, 'listening');
    }
    return await new Promise((resolve) => {
      socket.send(text, port, host, (error) =>
        resolve(error === null ? null : ((error as NodeJS.ErrnoException).code ?? '')),
      );
    });
  } finally {
    socket.close();
  }
}

export async function tool(...argv: [string, ...string[]]): Promise<string> {
  return (await run(argv)).stdout;
}

export function becomeUser(uid: number): void {
  process.setgroups?.([]);
  process.setgid?.(uid);
  process.setuid?.(uid);
}
