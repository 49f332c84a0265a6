import type { Socket } from 'node:net';

/** Resolves when a socket that was full takes more, or when it is closed. */
export function drainedOrClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (!socket.writable || !socket.writableNeedDrain) {
      resolve();
      return;
    }
    const settle = () => {
      socket.off('drain', settle);
      socket.off('close', settle);
      resolve();
    };
    socket.on('drain', settle);
    socket.on('close', settle);
  });
}
