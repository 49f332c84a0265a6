import { connect, type Socket } from 'node:net';
import type { GateRequest } from '#contract/gate/messages.ts';

const RETRY_MS = 50;

/**
 * Opens a connection to the agent and writes the request. An agent that is just being started again is waited for up to
 * `patienceMs`: nothing has been said yet, so nothing can happen twice. Undefined when it did not come, or on abort.
 */
export async function askAgent(
  socketPath: string,
  request: GateRequest,
  patienceMs: number,
  signal?: AbortSignal,
): Promise<Socket | undefined> {
  const until = Date.now() + patienceMs;
  for (;;) {
    if (signal?.aborted === true) return undefined;
    const socket = await connected(socketPath);
    if (socket !== undefined) {
      socket.write(`${JSON.stringify(request)}\n`);
      return socket;
    }
    if (Date.now() + RETRY_MS > until) return undefined;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function connected(socketPath: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ path: socketPath, allowHalfOpen: true });
    const failed = () => resolve(undefined);
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      // Later errors are seen as the end of what is read.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}
