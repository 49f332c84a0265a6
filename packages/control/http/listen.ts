import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface Listening {
  /** Where it really listens: a port of 0 is replaced. Addresses that are still waited for are missing. */
  addresses(): Address[];
  /**
   * Takes no new connections, ends those on which nothing is being answered, and resolves when all have ended; those that
   * have not after `patienceMs` are cut.
   */
  close(patienceMs: number): Promise<void>;
}

const RETRY_MS = 1000;
/** How often connections are looked for, at the end, whose last request is answered. */
const SWEEP_MS = 50;

/**
 * Lets one TLS server answer on several addresses. The first must be there. The others may come later (a link to a node is
 * made by its agent): they are tried again until they are.
 */
export async function listenOn(server: HttpsServer, addresses: readonly Address[], log: Logger): Promise<Listening> {
  const stopping = new AbortController();
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  /** Connections that have not asked for anything yet. */
  const unused = new Map<string, Socket>();

  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    unused.delete(waysOf(request.socket));
    if (stopping.signal.aborted) response.setHeader('connection', 'close');
  });
  server.prependListener('upgrade', (request: IncomingMessage) => unused.delete(waysOf(request.socket)));

  async function listen({ host, port }: Address): Promise<void> {
    const tcp = createServer((socket) => {
      const ways = waysOf(socket);
      sockets.add(socket);
      unused.set(ways, socket);
      socket.on('close', () => {
        sockets.delete(socket);
        if (unused.get(ways) === socket) unused.delete(ways);
      });
      server.emit('connection', socket);
    });
    await new Promise<void>((resolve, reject) => {
      tcp.once('error', reject);
      tcp.listen({ host, port }, () => {
        tcp.off('error', reject);
        resolve();
      });
    });
    tcp.on('error', (err) => log.error({ event: 'listen.error', host, port, err }));
    servers.push(tcp);
    log.info({ event: 'listen', host, port });
  }

  async function listenLater(address: Address): Promise<void> {
    let said = false;
    while (!stopping.signal.aborted) {
      try {
        await listen(address);
        return;
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EADDRNOTAVAIL')) {
          log.error({ event: 'listen.failed', ...address, err: error });
        } else if (!said) log.info({ event: 'listen.waiting', ...address });
        said = true;
        await delay(RETRY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  }

  const [first, ...rest] = addresses;
  if (first === undefined) throw new RangeError('no address to listen on');
  await listen(first);
  // It never listens itself, and keeps account of its connections (which are idle, which are late) only after this event.
  server.emit('listening');
  const pending = rest.map((address) => listenLater(address));
  // What is there now is waited for, so that a caller can rely on it.
  await Promise.race([Promise.all(pending), delay(100)]);

  return {
    addresses: () =>
      servers.map((tcp) => {
        const bound = tcp.address();
        if (bound === null || typeof bound === 'string') throw new Error('not listening');
        return { host: bound.address, port: bound.port };
      }),
    async close(patienceMs) {
      stopping.abort();
      const closed = Promise.all([...pending, ...servers.map((tcp) => new Promise((resolve) => tcp.close(resolve)))]);
      const sweep = setInterval(() => {
        server.closeIdleConnections();
        for (const socket of unused.values()) socket.destroy();
      }, SWEEP_MS);
      const end = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, patienceMs);
      await closed;
      clearInterval(sweep);
      clearTimeout(end);
    },
  };
}

/** The same for a connection and for the TLS upon it, and for no two that are open. */
function waysOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): string {
  return [localAddress, localPort, remoteAddress, remotePort].join(' ');
}
