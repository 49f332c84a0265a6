import { join } from 'node:path';
import type { Logger } from 'pino';
import { followOrders } from './agent/orders.ts';
import { askWake } from './agent/wake.ts';
import type { GateConfig } from './config.ts';
import { startLmtpServer } from './lmtp/server.ts';
import { Slots } from './lmtp/slots.ts';
import { Streams } from './stream/streams.ts';
import { Allowances } from './submission/allowances.ts';
import { SubmissionServers } from './submission/servers.ts';
import { startWakeServer } from './wake/server.ts';

export interface Gate {
  /** Takes nothing new; resolves when what is under way is done. */
  stop(): Promise<void>;
}

/** Longest wait for a site, below the edge's own patience for an answer. */
const WAKE_MS = 30_000;
/**
 * Each of them holds two of the edge's 8192 connections, for as long as a start may take. All of them together leave half to
 * those who are served. For one site half of what the edge lets in (512) may wait: it takes eight sites that never get ready
 * to keep others from waking.
 */
const WAKES_WAITING = { all: 2048, each: 256 } as const;

/** Waiting (60 s) and an entry (270 s) are two replies to the mail server, which waits 300 s for each. */
const PIPE_SLOTS = { all: 64, each: 8, keptFree: 16, waiting: 400, waitingEach: 32, waitMs: 60_000 } as const;
const ENTRY_MS = 270_000;
const AGENT_PATIENCE_MS = 5000;

export async function startGate(config: GateConfig, log: Logger): Promise<Gate> {
  const wake = await startWakeServer(join(config.runFolder, 'edge', 'wake.sock'), {
    wake: (site) => askWake(config.agentSocket, site, WAKE_MS),
    waiting: WAKES_WAITING,
    log,
  });
  let siteOfPipe = new Map<string, string>();
  const lmtp = await startLmtpServer(join(config.runFolder, 'mail', 'lmtp.sock'), {
    agentSocket: config.agentSocket,
    agentPatienceMs: AGENT_PATIENCE_MS,
    entryMs: ENTRY_MS,
    slots: new Slots(PIPE_SLOTS),
    siteOf: (forwarder) => siteOfPipe.get(forwarder),
    log,
  });
  const allowances = await Allowances.open(join(config.runFolder, 'state', 'limits.json'), log);
  const submission = new SubmissionServers({ mailAddressFile: config.mailAddressFile, allowances, log });
  const streams = new Streams({ agentSocket: config.agentSocket, log });
  const stopping = new AbortController();
  const orders = followOrders({
    agentSocket: config.agentSocket,
    onOrder: (order) => {
      if (stopping.signal.aborted) return;
      switch (order.order) {
        case 'sites':
          submission.apply(order.sites);
          return;
        case 'pipes':
          siteOfPipe = new Map(order.pipes.map(({ forwarder, site }) => [forwarder, site]));
          return;
        case 'dial':
          streams.dial(order);
          return;
      }
    },
    signal: stopping.signal,
    log,
  });
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all([orders, wake.stop(), lmtp.stop(), submission.stop(), streams.stop()]);
      await allowances.save();
    },
  };
}
