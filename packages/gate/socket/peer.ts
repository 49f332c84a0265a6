import type { Socket } from 'node:net';
import { ConnectionLost } from '../wire/reader.ts';

const LOOK_MS = 500;
const NOTHING = Buffer.alloc(0);

/**
 * Rejects with ConnectionLost when the other side of a Unix socket is gone, also while nobody reads what it has sent
 * before. A write of nothing sends nothing, and fails when nobody is there (unix(7): EPIPE). `stop` ends the looking.
 */
export function peerLoss(socket: Socket): { readonly lost: Promise<never>; readonly stop: () => void } {
  const { promise: lost, reject } = Promise.withResolvers<never>();
  // Whoever waits for it hears of it; nobody has to.
  lost.catch(() => undefined);
  const onClose = () => reject(new ConnectionLost());
  if (socket.destroyed) onClose();
  else socket.once('close', onClose);
  const timer = setInterval(() => socket.writable && socket.write(NOTHING), LOOK_MS);
  return {
    lost,
    stop: () => {
      clearInterval(timer);
      socket.off('close', onClose);
    },
  };
}
