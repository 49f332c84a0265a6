import type { Logger } from 'pino';
import { WebSocket } from 'ws';
import { creditPayload } from '#contract/gate/frame.ts';
import { FRAME, FRAME_PAYLOAD_MAX, type FrameType, type Order } from '#contract/gate/messages.ts';
import { type Entry, type EntryResult, openEntry } from '../agent/enter.ts';
import { decodeClientMessage, encodeMessage } from './message.ts';

export interface StreamContext {
  readonly agentSocket: string;
  readonly log: Logger;
  /** How often a client is asked whether it is there; 20 s unless a test is in a hurry. */
  readonly pingMs?: number;
}

export type DialOrder = Extract<Order, { order: 'dial' }>;

const AGENT_PATIENCE_MS = 5000;
const HANDSHAKE_MS = 10_000;
/** A client that does not answer two of these in a row is gone. */
const PING_MS = 20_000;
const CLOSE_MS = 5000;

/** Close codes as of RFC 6455, 7.4.1. */
const CLOSE = { done: 1000, protocol: 1002, trouble: 1011 } as const;

/**
 * Dials the replica of the control plane that waits for a stream and carries frames between it and the agent: one frame
 * a message, each side read no faster than the other one takes. The outcome is the last message; a connection that
 * closes without one says that nobody knows. The ticket is a secret and is in no log.
 */
export async function carryStream(context: StreamContext, order: DialOrder, signal: AbortSignal): Promise<void> {
  const socket = await dialled(order);
  if (socket === undefined) {
    context.log.warn({ event: 'stream.not-dialled' });
    return;
  }
  const pulse = keepAlive(socket, context.pingMs ?? PING_MS);
  const entry = openEntry(
    context.agentSocket,
    { ask: 'enter', door: 'ticket', ticket: order.ticket },
    AGENT_PATIENCE_MS,
    {
      sink: (type, bytes) => {
        pulse.noteOutput();
        return sent(socket, type, bytes);
      },
      onCredit: (bytes) => void sent(socket, FRAME.credit, creditPayload(bytes)),
    },
  );
  const abort = () => entry.then((opened) => opened.cancel('cancelled'));
  socket.once('close', abort);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  passOn(socket, entry);
  const result = await (await entry).result;
  await finish(socket, result);
  pulse.stop();
  signal.removeEventListener('abort', abort);
  context.log.info({ event: 'stream.ended', outcome: result });
}

/** Only TLS, and only to whom the agent's own authority vouches for; undefined when that fails. */
async function dialled(order: DialOrder): Promise<WebSocket | undefined> {
  if (!order.url.startsWith('wss://')) return undefined;
  const socket = new WebSocket(order.url, {
    ca: order.ca,
    handshakeTimeout: HANDSHAKE_MS,
    maxPayload: FRAME_PAYLOAD_MAX + 1,
    perMessageDeflate: false,
    followRedirects: false,
  });
  return await new Promise((resolve) => {
    socket.once('open', () => resolve(socket));
    // Every later error is followed by `close`.
    socket.on('error', () => resolve(undefined));
  });
}

/**
 * What the client says, one after the other. It is read no further while something waits to go to the agent, which never
 * lasts when it keeps to its credit (INPUT_WINDOW).
 */
function passOn(socket: WebSocket, opening: Promise<Entry>): void {
  let waiting = 0;
  let last: Promise<unknown> = opening;
  socket.on('message', (data: Buffer) => {
    waiting += 1;
    socket.pause();
    last = last
      .then(() => opening)
      .then((entry) => passOnMessage(socket, entry, data))
      .finally(() => {
        waiting -= 1;
        if (waiting === 0) socket.resume();
      });
  });
}

async function passOnMessage(socket: WebSocket, entry: Entry, data: Buffer): Promise<void> {
  const frame = decodeClientMessage(data);
  if (frame === undefined) {
    entry.cancel('cancelled');
    socket.close(CLOSE.protocol, 'not a frame');
  } else if (frame.type === FRAME.cancel) {
    entry.cancel('cancelled');
  } else {
    await entry.send(frame.type, frame.payload);
  }
}

/** Resolves when the message has left for the kernel, or the client is gone. */
function sent(socket: WebSocket, type: FrameType, payload: Buffer): Promise<void> {
  return new Promise((resolve) => {
    socket.send(encodeMessage(type, payload), { binary: true }, () => resolve());
  });
}

async function finish(socket: WebSocket, result: EntryResult): Promise<void> {
  if (socket.readyState === WebSocket.CLOSED) return;
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const timer = setTimeout(() => socket.terminate(), CLOSE_MS);
  const outcome = asOutcome(result);
  if (outcome === undefined) {
    socket.close(CLOSE.trouble, 'the outcome is not known');
  } else {
    await sent(socket, FRAME.outcome, Buffer.from(JSON.stringify(outcome)));
    socket.close(CLOSE.done);
  }
  // A client that is waited for may still have messages under way.
  socket.resume();
  await closed;
  clearTimeout(timer);
}

/** Without an agent nothing was started; when it broke off in the middle, nobody knows. */
function asOutcome(result: EntryResult): Exclude<EntryResult, { kind: 'no-answer' }> | undefined {
  if (result.kind !== 'no-answer') return result;
  if (result.reason !== 'agent-unreachable') return undefined;
  return { kind: 'not-started', reason: 'platform', detail: 'the agent does not answer' };
}

function keepAlive(socket: WebSocket, pingMs: number): { readonly noteOutput: () => void; readonly stop: () => void } {
  let unanswered = 0;
  let isOutputBefore = false;
  socket.on('pong', () => {
    unanswered = 0;
    isOutputBefore = false;
  });
  const timer = setInterval(() => {
    // Who is not read, because the program takes nothing at the moment, cannot be heard to answer.
    if (socket.isPaused) return;
    // A client that takes no output for a while finds the ping behind it. Whether its machine is there, TCP knows.
    unanswered = isOutputBefore ? 0 : unanswered + 1;
    if (unanswered > 2) socket.terminate();
    else if (socket.readyState === WebSocket.OPEN) socket.ping();
  }, pingMs);
  return {
    noteOutput: () => {
      isOutputBefore = true;
    },
    stop: () => clearInterval(timer),
  };
}
