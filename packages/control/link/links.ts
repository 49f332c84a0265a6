import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import type { AgentMessage, ControlMessage, Question } from '#contract/agent/messages.ts';
import { HofjeError } from '#model/error.ts';
import type { NodeId } from '#model/id.ts';
import type { Bus } from '../database/bus.ts';
import type { Db } from '../database/connect.ts';
import type { NodeChanged } from '../state/revision.ts';
import { AgentConnection } from './connection.ts';
import { confirmEnrolment } from './enrol.ts';
import { PassedQuestions } from './passed.ts';
import { OpenQuestions } from './questions.ts';
import { type Relayed, replicaAddress, sendRelayed, takeRelayed } from './relay.ts';

export interface LinksParts {
  readonly db: Db;
  readonly bus: Bus;
  readonly replica: string;
  readonly log: Logger;
}

const ASK_TIMEOUT_MS = 15_000;
const CLOSE_GOING_AWAY = 1001;
const CLOSE_REPLACED = 4001;
const CLOSE_REVOKED = 4003;

/** The connections that agents hold to the control plane: here by WebSocket, at other replicas by way of the database. */
export class Links {
  readonly #parts: LinksParts;
  readonly #connections = new Map<NodeId, AgentConnection>();
  readonly #questions = new OpenQuestions();
  /** Questions of other replicas that went to our nodes. */
  readonly #passed = new PassedQuestions(() => Date.now());
  readonly #background = new Set<Promise<void>>();
  readonly #unsubscribe: readonly (() => void)[];

  constructor(parts: LinksParts) {
    this.#parts = parts;
    const { bus, replica } = parts;
    this.#unsubscribe = [
      bus.on('hofje_node', (text) => this.#hear(JSON.parse(text) as NodeChanged)),
      bus.on('hofje_relay', (recipient) => {
        const ours = recipient === replicaAddress(replica) || this.#connections.has(recipient as NodeId);
        if (ours) this.#inBackground('relay.failed', this.#take(recipient));
      }),
      bus.onGap(() => this.#inBackground('link.announce-failed', this.#announce([...this.#connections.keys()]))),
    ];
  }

  /** Takes over a node's connection; an older one of the same node is closed. */
  attach(node: NodeId, serial: string, socket: WebSocket): void {
    const { log } = this.#parts;
    this.#connections.get(node)?.close(CLOSE_REPLACED, 'another connection of this node took over');
    const connection: AgentConnection = new AgentConnection(node, serial, socket, {
      onAnswer: (answer) => this.#receive(node, answer),
      onUnreadable: () => log.warn({ event: 'link.unreadable', node }),
      onAlive: () => this.#inBackground('link.not-recorded', this.#recordLinked(node)),
      onError: (err) => log.info({ event: 'link.error', node, err }),
      onClosed: () => this.#detach(connection),
    });
    this.#connections.set(node, connection);
    log.info({ event: 'link.open', node });
    this.#inBackground('link.begin-failed', this.#begin(node));
  }

  /** Hands an order to the node's agent. Throws `node.unreachable`. */
  async order(node: NodeId, message: ControlMessage): Promise<void> {
    if (this.#connections.get(node)?.transmit(message)) return;
    const { db, replica } = this.#parts;
    const row = await db.selectFrom('node').select('linked_to').where('id', '=', node).executeTakeFirst();
    if (row === undefined || row.linked_to === null || row.linked_to === replica) {
      throw new HofjeError('node.unreachable', 'The node holds no connection to the control plane now.');
    }
    await sendRelayed(db, node, { kind: 'order', replica, message });
  }

  /** Asks the agent and waits for its answer. Throws `node.unreachable`, `node.answer-late`, `node.refused`. */
  async ask(node: NodeId, question: Question, id: string, timeoutMs = ASK_TIMEOUT_MS): Promise<unknown> {
    return await this.#questions.ask(node, id, timeoutMs, () => this.order(node, { kind: 'ask', id, question }));
  }

  /** Tells all agents to come back, and resolves when they are gone and that is on record. */
  async stop(): Promise<void> {
    for (const end of this.#unsubscribe) end();
    const connections = [...this.#connections.values()];
    for (const connection of connections) connection.close(CLOSE_GOING_AWAY, 'the control plane stops');
    await Promise.all(connections.map(({ closed }) => closed));
    await Promise.all(this.#background);
  }

  #detach(connection: AgentConnection): void {
    const { node } = connection;
    // A newer one may have taken its place.
    if (this.#connections.get(node) !== connection) return;
    this.#connections.delete(node);
    this.#passed.forget(node);
    this.#parts.log.info({ event: 'link.closed', node });
    this.#inBackground('link.not-recorded', this.#recordGone(node));
  }

  #hear({ node, revision, revoked }: NodeChanged): void {
    if (revoked) this.#inBackground('link.not-ended', this.#endRevoked(node));
    else this.#connections.get(node)?.transmit({ kind: 'changed', revision });
  }

  #receive(node: NodeId, answer: AgentMessage): void {
    const asker = this.#passed.take(node, answer.id);
    if (asker === undefined) this.#questions.settle(node, answer);
    else {
      const relayed = sendRelayed(this.#parts.db, replicaAddress(asker), { kind: 'answer', node, answer });
      this.#inBackground('relay.failed', relayed);
    }
  }

  async #take(recipient: string): Promise<void> {
    for (const body of await takeRelayed(this.#parts.db, recipient)) this.#takeOne(recipient, body);
  }

  #takeOne(recipient: string, body: Relayed): void {
    if (body.kind === 'answer') {
      this.#questions.settle(body.node, body.answer);
      return;
    }
    const node = recipient as NodeId;
    const connection = this.#connections.get(node);
    if (connection === undefined) return;
    if (body.message.kind === 'ask') this.#passed.note(node, body.message.id, body.replica);
    connection.transmit(body.message);
  }

  async #begin(node: NodeId): Promise<void> {
    await this.#recordLinked(node);
    await confirmEnrolment(this.#parts.db, node);
    await this.#announce([node]);
    await this.#take(node);
  }

  /** Tells agents the present revision, whatever they may have missed. */
  async #announce(nodes: readonly NodeId[]): Promise<void> {
    if (nodes.length === 0) return;
    const rows = await this.#parts.db.selectFrom('node').select(['id', 'revision']).where('id', 'in', nodes).execute();
    for (const { id, revision } of rows) this.#connections.get(id)?.transmit({ kind: 'changed', revision });
  }

  /** Ends the connection of a node when the certificate that it stands on is revoked; a newer one is left alone. */
  async #endRevoked(node: NodeId): Promise<void> {
    const connection = this.#connections.get(node);
    if (connection === undefined) return;
    const row = await this.#parts.db
      .selectFrom('node_certificate')
      .select('revoked_at')
      .where('serial', '=', connection.serial)
      .executeTakeFirst();
    if (row === undefined || row.revoked_at !== null) connection.close(CLOSE_REVOKED, 'the certificate is revoked');
  }

  async #recordLinked(node: NodeId): Promise<void> {
    const { db, replica } = this.#parts;
    await db.updateTable('node').set({ linked_to: replica, last_seen_at: new Date() }).where('id', '=', node).execute();
  }

  async #recordGone(node: NodeId): Promise<void> {
    const { db, replica } = this.#parts;
    await db
      .updateTable('node')
      .set({ linked_to: null })
      .where('id', '=', node)
      .where('linked_to', '=', replica)
      .execute();
  }

  /** What nobody waits for is at least on record when it fails. */
  #inBackground(event: string, work: Promise<void>): void {
    const logged = work.catch((err: unknown) => this.#parts.log.warn({ event, err }));
    this.#background.add(logged);
    void logged.then(() => this.#background.delete(logged));
  }
}
