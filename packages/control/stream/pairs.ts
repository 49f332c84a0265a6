import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import { FRAME } from '#contract/gate/messages.ts';
import { DOORS, type Door } from '#model/door/door.ts';
import type { Outcome } from '#model/door/outcome.ts';
import { HofjeError } from '#model/error.ts';
import type { SiteId } from '#model/id.ts';
import { pump } from './pump.ts';

/** Streams between a client and a site: two WebSockets that know each other by tickets, and what passes between them. */
export interface Pairs {
  /** Announces a stream. `order` is carried out when the client is there, with the ticket for the node's side. */
  open(plan: StreamPlan): { readonly ticket: string; readonly expiresAt: Date };
  /** Whether a ticket would be taken. Throws `stream.ticket-invalid`. */
  check(side: Side, ticket: string): void;
  attach(side: Side, ticket: string, socket: WebSocket): void;
  stop(): void;
}

export type Side = 'client' | 'node';

export interface StreamPlan {
  readonly site: SiteId;
  readonly door: Door;
  readonly order: (nodeTicket: string) => Promise<void>;
}

interface Pair extends StreamPlan {
  readonly clientTicket: string;
  readonly nodeTicket: string;
  client: WebSocket | undefined;
  node: WebSocket | undefined;
  timer: NodeJS.Timeout;
}

/** How long one side waits for the other; others than these are for tests. */
export interface Patience {
  /** From the ticket to the client's call. */
  readonly ticketMs: number;
  /** From the order to the gate's call; a site that sleeps is woken only after that. */
  readonly dialMs: number;
}
const PATIENCE: Patience = { ticketMs: 60_000, dialMs: 15_000 };
/** Past the door's own time limit: the node ends the entry, this is for a node that is gone. */
const LINGER_MS = 120_000;
const PER_SITE_MAX = 64;
const ALL_MAX = 4096;
const CLOSE_NORMAL = 1000;
const CLOSE_GOING_AWAY = 1001;
const CLOSE_BROKEN = 1011;

export interface PairsParts {
  readonly random: (bytes: number) => Buffer;
  readonly log: Logger;
  readonly patience?: Patience;
}

export function makePairs({ random, log, patience = PATIENCE }: PairsParts): Pairs {
  const pairs = new Set<Pair>();
  const byTicket = { client: new Map<string, Pair>(), node: new Map<string, Pair>() };

  function open(plan: StreamPlan): { ticket: string; expiresAt: Date } {
    const ofSite = [...pairs].filter((pair) => pair.site === plan.site).length;
    if (ofSite >= PER_SITE_MAX || pairs.size >= ALL_MAX) {
      throw new HofjeError('stream.too-many', 'Too many streams are open.', { hint: 'End some first.' });
    }
    const pair: Pair = {
      ...plan,
      clientTicket: random(32).toString('base64url'),
      nodeTicket: random(32).toString('base64url'),
      client: undefined,
      node: undefined,
      timer: setTimeout(() => forget(pair), patience.ticketMs),
    };
    pairs.add(pair);
    byTicket.client.set(pair.clientTicket, pair);
    return { ticket: pair.clientTicket, expiresAt: new Date(Date.now() + patience.ticketMs) };
  }

  function forget(pair: Pair): void {
    clearTimeout(pair.timer);
    pairs.delete(pair);
    byTicket.client.delete(pair.clientTicket);
    byTicket.node.delete(pair.nodeTicket);
  }

  function end(pair: Pair, code: number, reason: string): void {
    forget(pair);
    for (const socket of [pair.client, pair.node]) {
      // A paused socket does not see the other side's farewell.
      socket?.resume();
      socket?.close(code, reason);
    }
  }

  /** Ends a stream that did not begin, in the words of an entry that did not begin. */
  function decline(pair: Pair, detail: string): void {
    const outcome: Outcome = { kind: 'not-started', reason: 'platform', detail };
    pair.client?.send(Buffer.concat([Buffer.of(FRAME.outcome), Buffer.from(JSON.stringify(outcome))]));
    end(pair, CLOSE_NORMAL, 'not started');
  }

  function attachClient(pair: Pair, socket: WebSocket): void {
    pair.client = socket;
    // Nothing is read before there is somebody to pass it on to.
    socket.pause();
    clearTimeout(pair.timer);
    pair.timer = setTimeout(() => decline(pair, 'The node did not open the stream in time.'), patience.dialMs);
    byTicket.node.set(pair.nodeTicket, pair);
    pair.order(pair.nodeTicket).catch((error: unknown) => {
      log.info({ event: 'stream.not-ordered', site: pair.site, err: error });
      decline(pair, error instanceof HofjeError ? error.message : 'The node cannot be reached.');
    });
  }

  function attachNode(pair: Pair, socket: WebSocket): void {
    pair.node = socket;
    const { client } = pair;
    if (client === undefined) {
      end(pair, CLOSE_BROKEN, 'nobody waits');
      return;
    }
    clearTimeout(pair.timer);
    const limit = DOORS[pair.door].timeLimitSeconds * 1000 + LINGER_MS;
    pair.timer = setTimeout(() => end(pair, CLOSE_BROKEN, 'time is over'), limit);
    pump(client, socket, 'client', () => end(pair, CLOSE_BROKEN, 'not a frame'));
    pump(socket, client, 'node', () => end(pair, CLOSE_BROKEN, 'not a frame'));
    client.resume();
  }

  function find(side: Side, ticket: string): Pair {
    const pair = byTicket[side].get(ticket);
    if (pair === undefined) throw new HofjeError('stream.ticket-invalid', 'The ticket is wrong, used or expired.');
    return pair;
  }

  return {
    open,
    check: (side, ticket) => void find(side, ticket),
    attach(side, ticket, socket) {
      const pair = find(side, ticket);
      byTicket[side].delete(ticket);
      socket.on('error', (err) => log.info({ event: 'stream.error', side, site: pair.site, err }));
      // Whoever goes first ends both; what was sent before is delivered before.
      socket.on('close', (code) =>
        end(pair, code === CLOSE_NORMAL ? CLOSE_NORMAL : CLOSE_GOING_AWAY, 'the other side ended'),
      );
      if (side === 'client') attachClient(pair, socket);
      else attachNode(pair, socket);
    },
    stop() {
      for (const pair of [...pairs]) end(pair, CLOSE_GOING_AWAY, 'the control plane stops');
    },
  };
}
