import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import type { AgentMessage, ControlMessage, Question } from '#contract/agent/messages.ts';
import { HofjeError } from '#model/error.ts';
import type { NodeId } from '#model/id.ts';
import { type Bus, notify } from '../database/bus.ts';
import type { Db } from '../database/connect.ts';
import type { NodeChanged } from '../state/revision.ts';

/** The connections that agents hold to the control plane: here by WebSocket, at other replicas by way of the database. */
export interface Links {
  /** Takes over a node's connection; an older one of the same node is closed. */
  attach(node: NodeId, serial: string, socket: WebSocket): void;
  /** Hands an order to the node's agent. Throws `node.unreachable`. */
  order(node: NodeId, message: ControlMessage): Promise<void>;
  /** Asks the agent and waits for its answer. Throws `node.unreachable`, `node.answer-late`, `node.refused`. */
  ask(node: NodeId, question: Question, id: string, timeoutMs?: number): Promise<unknown>;
  stop(): void;
}

/** What goes over the table `relay`: an order to a node, or an answer back to the replica that asked. */
type Relayed =
  | { readonly kind: 'order'; readonly replica: string; readonly message: ControlMessage }
  | { readonly kind: 'answer'; readonly answer: AgentMessage };

interface Waiting {
  readonly settle: (answer: AgentMessage) => void;
}

const PING_MS = 15_000;
const ASK_TIMEOUT_MS = 15_000;
const CLOSE_REPLACED = 4001;
const CLOSE_REVOKED = 4003;
const CLOSE_GOING_AWAY = 1001;
/** A relayed order that nobody took by then is void. */
const RELAY_MS = 30_000;

export function makeLinks(parts: { db: Db; bus: Bus; replica: string; log: Logger }): Links {
  const { db, bus, replica, log } = parts;
  const sockets = new Map<NodeId, WebSocket>();
  /** The certificates that the connections stand on. */
  const serials = new Map<NodeId, string>();
  const waiting = new Map<string, Waiting>();
  /** Questions of other replicas that were handed to our nodes: where the answer goes. */
  const askedFor = new Map<string, string>();

  function transmit(node: NodeId, message: ControlMessage): boolean {
    const socket = sockets.get(node);
    if (socket === undefined || socket.readyState !== socket.OPEN) return false;
    socket.send(JSON.stringify(message));
    return true;
  }

  async function order(node: NodeId, message: ControlMessage): Promise<void> {
    if (transmit(node, message)) return;
    const row = await db.selectFrom('node').select('linked_to').where('id', '=', node).executeTakeFirst();
    if (row === undefined || row.linked_to === null || row.linked_to === replica) {
      throw new HofjeError('node.unreachable', 'The node holds no connection to the control plane now.');
    }
    await relay(node, { kind: 'order', replica, message });
  }

  async function relay(recipient: string, body: Relayed): Promise<void> {
    await db
      .insertInto('relay')
      .values({ recipient, body: JSON.stringify(body) })
      .execute();
    await notify(db, 'hofje_relay', recipient);
  }

  async function takeRelayed(recipient: string): Promise<void> {
    const rows = await db
      .deleteFrom('relay')
      .where('recipient', '=', recipient)
      .returning(['id', 'body', 'created_at'])
      .execute();
    const fresh = rows.filter((row) => Date.now() - row.created_at.getTime() < RELAY_MS).sort((a, b) => a.id - b.id);
    for (const row of fresh) takeOne(recipient, row.body as Relayed);
  }

  function takeOne(recipient: string, body: Relayed): void {
    if (body.kind === 'answer') {
      waiting.get(body.answer.id)?.settle(body.answer);
      return;
    }
    if (body.message.kind === 'ask') askedFor.set(body.message.id, body.replica);
    transmit(recipient as NodeId, body.message);
  }

  async function ask(node: NodeId, question: Question, id: string, timeoutMs = ASK_TIMEOUT_MS): Promise<unknown> {
    const { promise, resolve } = Promise.withResolvers<AgentMessage | undefined>();
    const timer = setTimeout(() => resolve(undefined), timeoutMs);
    waiting.set(id, { settle: resolve });
    try {
      await order(node, { kind: 'ask', id, question });
      const answer = await promise;
      if (answer === undefined) throw new HofjeError('node.answer-late', 'The node did not answer in time.');
      if (!answer.ok) throw new HofjeError('node.refused', answer.message, { hint: answer.code });
      return answer.value;
    } finally {
      clearTimeout(timer);
      waiting.delete(id);
    }
  }

  function receive(text: string): void {
    const answer = readAnswer(text);
    if (answer === undefined) {
      log.warn({ event: 'link.unreadable' });
      return;
    }
    const asker = askedFor.get(answer.id);
    askedFor.delete(answer.id);
    if (asker === undefined) waiting.get(answer.id)?.settle(answer);
    else
      void relay(`replica:${asker}`, { kind: 'answer', answer }).catch((err: unknown) =>
        log.warn({ event: 'relay.failed', err }),
      );
  }

  async function recordLinked(node: NodeId, linked: boolean): Promise<void> {
    const set = linked ? { linked_to: replica, last_seen_at: new Date() } : { linked_to: null };
    let update = db.updateTable('node').set(set).where('id', '=', node);
    if (!linked) update = update.where('linked_to', '=', replica);
    await update.execute().catch((err: unknown) => log.warn({ event: 'link.not-recorded', node, err }));
  }

  function attach(node: NodeId, serial: string, socket: WebSocket): void {
    sockets.get(node)?.close(CLOSE_REPLACED, 'another connection of this node took over');
    sockets.set(node, socket);
    serials.set(node, serial);
    log.info({ event: 'link.open', node });
    let alive = true;
    const pinging = setInterval(() => {
      if (!alive) return socket.terminate();
      alive = false;
      socket.ping();
      return undefined;
    }, PING_MS);
    socket.on('pong', () => {
      alive = true;
      void recordLinked(node, true);
    });
    socket.on('message', (data, isBinary) => {
      if (!isBinary) receive(String(data));
    });
    socket.on('error', (err) => log.info({ event: 'link.error', node, err }));
    socket.on('close', () => {
      clearInterval(pinging);
      if (sockets.get(node) !== socket) return;
      sockets.delete(node);
      log.info({ event: 'link.closed', node });
      void recordLinked(node, false);
    });
    void recordLinked(node, true)
      .then(() => announce([node]))
      .then(() => takeRelayed(node))
      .catch((err: unknown) => log.warn({ event: 'link.begin-failed', node, err }));
  }

  /** Ends the connection of a node when the certificate that it stands on is revoked; a newer one is left alone. */
  async function endRevoked(node: NodeId): Promise<void> {
    const socket = sockets.get(node);
    const serial = serials.get(node);
    if (socket === undefined || serial === undefined) return;
    const row = await db
      .selectFrom('node_certificate')
      .select('revoked_at')
      .where('serial', '=', serial)
      .executeTakeFirst();
    if (row === undefined || row.revoked_at !== null) socket.close(CLOSE_REVOKED, 'the certificate is revoked');
  }

  /** Tells agents the present revision, whatever they may have missed. */
  async function announce(nodes: readonly NodeId[]): Promise<void> {
    if (nodes.length === 0) return;
    const rows = await db.selectFrom('node').select(['id', 'revision']).where('id', 'in', nodes).execute();
    for (const row of rows) transmit(row.id, { kind: 'changed', revision: row.revision });
  }

  const unsubscribe = [
    bus.on('hofje_node', (text) => {
      const { node, revision, revoked } = JSON.parse(text) as NodeChanged;
      if (revoked) void endRevoked(node).catch((err: unknown) => log.error({ event: 'link.not-ended', node, err }));
      else transmit(node, { kind: 'changed', revision });
    }),
    bus.on('hofje_relay', (recipient) => {
      if (recipient !== `replica:${replica}` && !sockets.has(recipient as NodeId)) return;
      void takeRelayed(recipient).catch((err: unknown) => log.warn({ event: 'relay.failed', err }));
    }),
    bus.onGap(() => {
      void announce([...sockets.keys()]).catch((err: unknown) => log.warn({ event: 'link.announce-failed', err }));
    }),
  ];

  return {
    attach,
    order,
    ask,
    stop() {
      for (const end of unsubscribe) end();
      for (const socket of sockets.values()) socket.close(CLOSE_GOING_AWAY, 'the control plane stops');
    },
  };
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
