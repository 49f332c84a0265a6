import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { encodeCredit, encodeFrame, encodeStream, FrameDecoder } from '#contract/gate/frame.ts';
import { FRAME, type FrameType, type GateRequest, type Order, type WakeAnswer } from '#contract/gate/messages.ts';
import type { Outcome } from '#model/door/outcome.ts';
import { drainedOrClosed } from '../socket/drain.ts';

/** An entry as the agent sees it. */
export interface StandInEntry {
  readonly request: Extract<GateRequest, { ask: 'enter' }>;
  /** Frames of the gate up to its end, one by one; input that was taken like this gives credit for more. */
  next(gives?: 'credit' | 'no-credit'): Promise<{ readonly type: FrameType; readonly payload: Buffer } | undefined>;
  /** Everything on standard input up to its end; undefined when the gate broke off or cancelled. */
  readStdin(): Promise<Buffer | undefined>;
  giveCredit(bytes: number): void;
  write(type: typeof FRAME.stdout | typeof FRAME.stderr, bytes: Buffer): Promise<void>;
  /** Breaks the connection without an outcome. */
  breakOff(): void;
}

export interface StandInBehaviour {
  readonly wake?: (site: string) => Promise<WakeAnswer>;
  /** Undefined: no outcome is said, the connection just ends. */
  readonly enter?: (entry: StandInEntry) => Promise<Outcome | undefined>;
}

export interface StandInAgent {
  /** Sends an order to every gate that listens, and to those that come later. */
  order(order: Order): void;
  close(): Promise<void>;
}

/**
 * The agent's side of the socket as the contract has it, for tests of the gate alone. After the outcome it goes on
 * reading until the gate has closed, so that the outcome is never lost to a reset.
 */
export async function startStandInAgent(path: string, behaviour: StandInBehaviour): Promise<StandInAgent> {
  const sockets = new Set<Socket>();
  const listeners = new Set<Socket>();
  const orders: Order[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      sockets.delete(socket);
      listeners.delete(socket);
    });
    const requests = readRequest(socket);
    requests.then(
      async ({ request, source }) => {
        if (request.ask === 'wake') {
          const answer = (await behaviour.wake?.(request.site)) ?? { awake: true };
          socket.end(`${JSON.stringify(answer)}\n`);
        } else if (request.ask === 'orders') {
          listeners.add(socket);
          for (const order of orders) socket.write(`${JSON.stringify(order)}\n`);
        } else {
          await serveEntry(socket, request, source, behaviour);
        }
      },
      () => socket.destroy(),
    );
  });
  await rm(path, { force: true });
  server.listen(path);
  await once(server, 'listening');
  return {
    order: (order) => {
      orders.push(order);
      for (const socket of listeners) socket.write(`${JSON.stringify(order)}\n`);
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function serveEntry(
  socket: Socket,
  request: Extract<GateRequest, { ask: 'enter' }>,
  source: AsyncIterator<Buffer>,
  behaviour: StandInBehaviour,
): Promise<void> {
  const entry = entryOf(socket, request, source);
  const outcome = behaviour.enter === undefined ? undefined : await behaviour.enter(entry);
  if (outcome === undefined) {
    socket.destroy();
    return;
  }
  socket.end(encodeFrame(FRAME.outcome, Buffer.from(JSON.stringify(outcome))));
  while ((await entry.next()) !== undefined);
}

function entryOf(socket: Socket, request: StandInEntry['request'], source: AsyncIterator<Buffer>): StandInEntry {
  const decoder = new FrameDecoder();
  const frames: { type: FrameType; payload: Buffer }[] = [];
  const giveCredit = (bytes: number) => {
    if (socket.writable) socket.write(encodeCredit(bytes));
  };
  const next: StandInEntry['next'] = async (gives = 'credit') => {
    while (frames.length === 0) {
      const chunk = await source.next().catch(() => ({ done: true, value: undefined }) as const);
      if (chunk.done === true || chunk.value === undefined) return undefined;
      frames.push(...decoder.push(chunk.value));
    }
    const frame = frames.shift();
    if (frame?.type === FRAME.stdin && gives === 'credit') giveCredit(frame.payload.length);
    return frame;
  };
  return {
    request,
    next,
    giveCredit,
    readStdin: async () => {
      const parts: Buffer[] = [];
      for (;;) {
        const frame = await next();
        if (frame === undefined || frame.type === FRAME.cancel) return undefined;
        if (frame.type === FRAME.stdinEnd) return Buffer.concat(parts);
        if (frame.type === FRAME.stdin) parts.push(frame.payload);
      }
    },
    write: async (type, bytes) => {
      if (!socket.write(encodeStream(type, bytes))) await drainedOrClosed(socket);
    },
    breakOff: () => socket.destroy(),
  };
}

async function readRequest(socket: Socket): Promise<{ request: GateRequest; source: AsyncIterator<Buffer> }> {
  const chunks = socket[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  for (;;) {
    const { done, value } = await chunks.next();
    if (done === true) throw new Error('no request came');
    held = Buffer.concat([held, value]);
    const end = held.indexOf(10);
    if (end === -1) continue;
    const request: GateRequest = JSON.parse(held.toString('utf8', 0, end));
    return { request, source: withFirst(held.subarray(end + 1), chunks) };
  }
}

async function* withFirst(first: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer, undefined> {
  if (first.length > 0) yield first;
  for (;;) {
    const { done, value } = await chunks.next();
    if (done === true) return undefined;
    yield value;
  }
}
