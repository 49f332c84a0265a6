import type { WebSocket } from 'ws';
import type { AgentMessage, ControlMessage } from '#contract/agent/messages.ts';
import type { NodeId } from '#model/id.ts';

/** What a connection tells the one who keeps it. */
export interface ConnectionListener {
  readonly onAnswer: (answer: AgentMessage) => void;
  readonly onUnreadable: () => void;
  /** The other side showed that it is there. */
  readonly onAlive: () => void;
  readonly onError: (error: Error) => void;
  readonly onClosed: () => void;
}

const PING_MS = 15_000;
/** How long the other side may take to say farewell. */
const FAREWELL_MS = 1000;

/** The connection that one agent holds. Silent for two pings, it is given up. */
export class AgentConnection {
  readonly node: NodeId;
  /** Serial of the certificate that it stands on. */
  readonly serial: string;
  readonly #socket: WebSocket;
  #alive = true;
  /** It is gone, and the listener was told. */
  readonly closed: Promise<void>;

  constructor(node: NodeId, serial: string, socket: WebSocket, listener: ConnectionListener) {
    this.node = node;
    this.serial = serial;
    this.#socket = socket;
    const pinging = setInterval(() => this.#ping(), PING_MS);
    socket.on('pong', () => {
      this.#alive = true;
      listener.onAlive();
    });
    socket.on('message', (data, isBinary) => {
      const answer = isBinary ? undefined : readAnswer(String(data));
      if (answer === undefined) listener.onUnreadable();
      else listener.onAnswer(answer);
    });
    socket.on('error', listener.onError);
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        clearInterval(pinging);
        listener.onClosed();
        resolve();
      });
    });
  }

  /** False when the connection is gone. */
  transmit(message: ControlMessage): boolean {
    if (this.#socket.readyState !== this.#socket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
    const patience = setTimeout(() => this.#socket.terminate(), FAREWELL_MS);
    void this.closed.then(() => clearTimeout(patience));
  }

  #ping(): void {
    if (!this.#alive) {
      this.#socket.terminate();
      return;
    }
    this.#alive = false;
    this.#socket.ping();
  }
}

function readAnswer(text: string): AgentMessage | undefined {
  try {
    const parsed = JSON.parse(text) as Partial<AgentMessage> | null;
    const isAnswer = parsed?.kind === 'answer' && typeof parsed.id === 'string' && typeof parsed.ok === 'boolean';
    return isAnswer ? (parsed as AgentMessage) : undefined;
  } catch {
    return undefined;
  }
}
