import { createServer, type Socket } from 'node:net';
import { ensureFolderOf, listenOnSocket } from '../socket/listen.ts';
import { encodeReply } from '../wire/reply.ts';
import { type LmtpContext, LmtpSession } from './session.ts';

export interface LmtpServer {
  /** Takes no new connection; resolves when the messages under way are done. */
  stop(): Promise<void>;
}

const CONNECTIONS_MAX = 512;
/** Above the mail server's own patience for a reply. */
const IDLE_MS = 310_000;

/** Listens for the mail server at `path`. */
export async function startLmtpServer(path: string, context: LmtpContext): Promise<LmtpServer> {
  const running = new Map<LmtpSession, Promise<void>>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    if (running.size >= CONNECTIONS_MAX) {
      tooMany(socket);
      return;
    }
    const session = new LmtpSession(context, socket);
    running.set(
      session,
      session.run().finally(() => running.delete(session)),
    );
  });
  await ensureFolderOf(path);
  await listenOnSocket(server, path);
  return {
    stop: async () => {
      server.close();
      for (const session of running.keys()) session.stop();
      await Promise.all(running.values());
    },
  };
}

function tooMany(socket: Socket): void {
  socket.end(encodeReply({ code: 421, status: '4.3.2', text: 'Too many connections' }));
}
