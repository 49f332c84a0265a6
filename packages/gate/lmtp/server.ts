import { ConversationServer } from '../socket/conversations.ts';
import { listenOnSocket } from '../socket/listen.ts';
import { type LmtpContext, LmtpSession } from './session.ts';

export interface LmtpServer {
  /** Takes no new connection; resolves when the messages under way are done. */
  stop(): Promise<void>;
}

/** Idle: above the mail server's own patience for a reply. */
const LIMITS = { connections: 512, idleMs: 310_000 } as const;

/** Listens for the mail server at `path`. */
export async function startLmtpServer(path: string, context: LmtpContext): Promise<LmtpServer> {
  const conversations = new ConversationServer(LIMITS, (socket) => new LmtpSession(context, socket));
  await listenOnSocket(conversations.server, path);
  return conversations;
}
