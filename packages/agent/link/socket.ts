import type { Logger } from 'pino';
import { WebSocket } from 'ws';
import type { AgentMessage, ControlMessage } from '#contract/agent/messages.ts';
import { type BackoffRule, backoffMs } from '../node/backoff.ts';
import { parseControlMessage } from './control-message.ts';
import type { Identity } from './identity.ts';

export interface LinkSocketParts {
  readonly controlUrl: string;
  readonly identity: () => Identity;
  readonly opened: () => void;
  readonly closed: () => void;
  readonly received: (message: ControlMessage) => void;
  readonly chance: () => number;
  readonly log: Logger;
}

const RECONNECT: BackoffRule = { firstMs: 250, factor: 2, maxMs: 15_000, jitter: 0.5 };
const HANDSHAKE_MS = 10_000;
/** A connection on which nothing was heard from one ping to the next is dead. */
const PING_MS = 15_000;
const MESSAGE_MAX = 16 * 1024 * 1024;

/** The one connection by which orders come; opened again whenever it ends, until it is closed. */
export class LinkSocket {
  readonly #parts: LinkSocketParts;
  #socket: WebSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #isClosed = false;

  constructor(parts: LinkSocketParts) {
    this.#parts = parts;
  }

  open(): void {
    if (this.#isClosed) return;
    const { controlUrl, identity } = this.#parts;
    const { ca, certificate: cert, key } = identity();
    const url = new URL('/agent/v1/link', controlUrl.replace(/^https:/, 'wss:'));
    const socket = new WebSocket(url, { ca, cert, key, handshakeTimeout: HANDSHAKE_MS, maxPayload: MESSAGE_MAX });
    this.#socket = socket;
    const silence = watchSilence(socket);
    socket.on('open', () => {
      this.#failures = 0;
      this.#parts.log.info({ event: 'link.open' });
      this.#parts.opened();
    });
    socket.on('ping', silence.heard);
    socket.on('pong', silence.heard);
    socket.on('message', (data, isBinary) => {
      silence.heard();
      const message = isBinary ? undefined : parseControlMessage(String(data));
      if (message === undefined) this.#parts.log.warn({ event: 'link.unknown-message' });
      else this.#parts.received(message);
    });
    socket.on('error', (err) => this.#parts.log.warn({ event: 'link.error', message: err.message }));
    socket.on('close', () => {
      silence.end();
      this.#parts.closed();
      this.#again();
    });
  }

  /** Dropped when there is no connection: whoever asked asks again. */
  send(message: AgentMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#socket?.terminate();
  }

  #again(): void {
    if (this.#isClosed) return;
    this.#failures += 1;
    const waitMs = backoffMs(this.#failures, RECONNECT, this.#parts.chance());
    this.#timer = setTimeout(() => this.open(), waitMs);
  }
}

function watchSilence(socket: WebSocket): { heard: () => void; end: () => void } {
  let isAlive = true;
  const timer = setInterval(() => {
    if (!isAlive) socket.terminate();
    isAlive = false;
    if (socket.readyState === WebSocket.OPEN) socket.ping();
  }, PING_MS);
  return {
    heard: () => {
      isAlive = true;
    },
    end: () => clearInterval(timer),
  };
}
