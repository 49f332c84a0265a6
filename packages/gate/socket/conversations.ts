import { createServer, type Server, type Socket } from 'node:net';
import { encodeReply } from '../wire/reply.ts';

/** A connection that is being served. */
export interface Served {
  /** Never rejects. */
  run(): Promise<void>;
  /** Ends it when its transaction, if any, is done. */
  stop(): void;
}

export interface ServerLimits {
  readonly connections: number;
  /** After this long without a byte a connection is closed. */
  readonly idleMs: number;
}

/** A socket server of conversations that can be stopped without breaking one off. */
export class ConversationServer {
  readonly server: Server;
  readonly #running = new Map<Served, Promise<void>>();
  readonly #limits: ServerLimits;

  constructor(limits: ServerLimits, open: (socket: Socket) => Served) {
    this.#limits = limits;
    // One read of the kernel for each read of ours: what nobody waits for stays there and gathers.
    this.server = createServer({ allowHalfOpen: true, highWaterMark: 1 }, (socket) => this.#accept(socket, open));
  }

  /** Takes no new connection; resolves when what is under way is done. */
  async stop(): Promise<void> {
    this.server.close();
    for (const served of this.#running.keys()) served.stop();
    await Promise.all(this.#running.values());
  }

  #accept(socket: Socket, open: (socket: Socket) => Served): void {
    // A broken connection is seen as its end by whoever reads.
    socket.on('error', () => undefined);
    socket.setTimeout(this.#limits.idleMs, () => socket.destroy());
    if (this.#running.size >= this.#limits.connections) {
      socket.end(encodeReply({ code: 421, status: '4.3.2', text: 'Too many connections, try again later' }));
      socket.resume();
      return;
    }
    const served = open(socket);
    this.#running.set(
      served,
      served.run().finally(() => this.#running.delete(served)),
    );
  }
}
