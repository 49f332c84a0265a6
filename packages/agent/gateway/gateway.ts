import { chmod, chown, rename, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import type { Logger } from 'pino';
import type { GateRequest, Order, Pipe, SubmissionSite, WakeAnswer } from '#contract/gate/messages.ts';
import type { Command } from '#model/door/command.ts';
import type { Door } from '#model/door/door.ts';
import type { Outcome } from '#model/door/outcome.ts';
import type { ForwarderId, SiteId } from '#model/id.ts';
import type { EntryStreams } from '../door/enter.ts';
import { EntryStream } from './entry-stream.ts';
import { type Opening, readRequest } from './request.ts';

/** What a connection of the gate may cause. */
export interface GatewayWorld {
  readonly wake: (site: SiteId) => Promise<WakeAnswer>;
  /** Where a pipe leads, from the desired state; undefined when there is no such pipe. */
  readonly pipe: (forwarder: ForwarderId) => { readonly site: SiteId; readonly argv: readonly string[] } | undefined;
  /** What was ordered under a ticket; each is taken once. */
  readonly ticket: (ticket: string) => Visitor | undefined;
  readonly visit: (visitor: Visitor, streams: EntryStreams, signal: AbortSignal) => Promise<Outcome>;
  readonly log: Logger;
}

export interface Visitor {
  readonly site: SiteId;
  readonly door: Door;
  readonly command: Command;
  /** The pipe that a message comes for. */
  readonly pipe?: ForwarderId;
}

/** The only variables that come with a message; everything else in a program's environment is the door's own. */
const PIPE_VARIABLES = new Set(['SENDER', 'RECIPIENT', 'LOCAL_PART', 'LOCAL_PART_SUFFIX', 'DOMAIN']);
const CONNECTIONS_MAX = 4000;
/** Bytes of orders that a gate may leave unread; it then loses its connection and gets everything anew when it comes back. */
const BACKLOG_MAX = 32 * 1024 * 1024;
/** Gates that listen for orders at once: one, and for a moment its successor. */
const LISTENERS_MAX = 4;

/** The agent's socket for the gate. One connection, one request; a bad one ends alone. */
export class Gateway {
  readonly #world: GatewayWorld;
  readonly #server: Server;
  readonly #orders = new Set<Socket>();
  #sites: readonly SubmissionSite[] = [];
  #pipes: readonly Pipe[] = [];

  constructor(world: GatewayWorld) {
    this.#world = world;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      // Seen as the end of what is read.
      socket.on('error', () => undefined);
      void this.#serve(socket).catch((err: unknown) => {
        world.log.error({ event: 'gateway.defect', err });
        socket.destroy();
      });
    });
    this.#server.maxConnections = CONNECTIONS_MAX;
  }

  /** Listens at `path`, for root and the group of the gate only. Replaces what a dead agent left. */
  async listen(path: string, gateGroup: number): Promise<void> {
    const unfinished = `${path}.new`;
    await rm(unfinished, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ path: unfinished }, resolve);
    });
    await chown(unfinished, 0, gateGroup);
    await chmod(unfinished, 0o660);
    await rename(unfinished, path);
  }

  /** Sites that may send mail: told to every gate that is connected, and to those that come. */
  tellSites(sites: readonly SubmissionSite[]): void {
    this.#sites = sites;
    this.#order({ order: 'sites', sites });
  }

  /** Whose pipe each is: told like the sites. */
  tellPipes(pipes: readonly Pipe[]): void {
    this.#pipes = pipes;
    this.#order({ order: 'pipes', pipes });
  }

  /** True when a gate heard it. */
  dial(ticket: string, url: string, ca: string): boolean {
    this.#order({ order: 'dial', ticket, url, ca });
    return this.#orders.size > 0;
  }

  /** Takes no new connections. Entries that run are left to their connections. */
  close(): void {
    this.#server.close();
    for (const socket of this.#orders) socket.end();
  }

  async #serve(socket: Socket): Promise<void> {
    const opening = await readRequest(socket);
    if (opening === undefined) {
      this.#world.log.warn({ event: 'gateway.no-request' });
      socket.destroy();
      return;
    }
    await this.#answer(socket, opening);
  }

  async #answer(socket: Socket, { request, rest }: Opening): Promise<void> {
    switch (request.ask) {
      case 'wake':
        socket.end(`${JSON.stringify(await this.#world.wake(request.site as SiteId))}\n`);
        socket.resume();
        return;
      case 'enter':
        await this.#enter(new EntryStream(socket, rest), request);
        return;
      case 'orders':
        this.#takeOrders(socket);
        return;
    }
  }

  async #enter(entry: EntryStream, request: Extract<GateRequest, { ask: 'enter' }>): Promise<void> {
    const visitor = this.#visitor(request);
    if (visitor === undefined) {
      const detail = request.door === 'ticket' ? 'the ticket is spent or unknown' : 'there is no such pipe';
      entry.finish({ kind: 'not-started', reason: 'unknown-site', detail });
      return;
    }
    entry.finish(forCustomer(await this.#world.visit(visitor, entry.streams, entry.signal)));
  }

  #visitor(request: Extract<GateRequest, { ask: 'enter' }>): Visitor | undefined {
    if (request.door === 'ticket') return this.#world.ticket(request.ticket);
    return this.pipeVisitor(request.forwarder as ForwarderId, request.env);
  }

  /** A message for a pipe: where it goes in, from the agent's own state. Undefined when there is no such pipe. */
  pipeVisitor(forwarder: ForwarderId, variables: Readonly<Record<string, string>>): Visitor | undefined {
    const pipe = this.#world.pipe(forwarder);
    if (pipe === undefined) return undefined;
    const env = Object.fromEntries(Object.entries(variables).filter(([name]) => PIPE_VARIABLES.has(name)));
    return { site: pipe.site, door: 'mail-pipe', command: { argv: pipe.argv, env }, pipe: forwarder };
  }

  #takeOrders(socket: Socket): void {
    if (this.#orders.size >= LISTENERS_MAX) {
      this.#world.log.warn({ event: 'gateway.too-many-listeners' });
      socket.destroy();
      return;
    }
    this.#orders.add(socket);
    socket.once('close', () => this.#orders.delete(socket));
    socket.once('end', () => socket.end());
    socket.resume();
    send(socket, { order: 'sites', sites: this.#sites });
    send(socket, { order: 'pipes', pipes: this.#pipes });
  }

  #order(order: Order): void {
    for (const socket of this.#orders) send(socket, order);
  }
}

/** What failed in the platform names paths of the machine; it is among the site's signals, for the operator. */
function forCustomer(outcome: Outcome): Outcome {
  if (outcome.kind !== 'not-started' || outcome.reason !== 'platform') return outcome;
  return { ...outcome, detail: 'the platform could not start it' };
}

function send(socket: Socket, order: Order): void {
  if (socket.writableLength > BACKLOG_MAX) socket.destroy();
  else if (socket.writable) socket.write(`${JSON.stringify(order)}\n`);
}
