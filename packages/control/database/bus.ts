import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import pg from 'pg';
import type { Logger } from 'pino';
import type { DatabaseConfig } from '../config.ts';
import { clientConfig, type Db } from './connect.ts';

/** What processes tell each other through the database (NOTIFY): small texts, sent when the transaction commits. */
export const CHANNELS = ['hofje_node', 'hofje_report', 'hofje_relay', 'hofje_event'] as const;
export type Channel = (typeof CHANNELS)[number];

export interface Bus {
  /** Calls `listener` for each text on the channel; returns how to stop that. */
  on(channel: Channel, listener: (text: string) => void): () => void;
  /** Calls `listener` after the connection was lost and is back: texts may have been missed. */
  onGap(listener: () => void): () => void;
  stop(): Promise<void>;
}

const RETRY_MS = 500;

/** Sends with the transaction, or at once outside of one. */
export async function notify(db: Db, channel: Channel, text: string): Promise<void> {
  await sql`select pg_notify(${channel}, ${text})`.execute(db);
}

/** Listens on a connection of its own and comes back when it is lost. Resolves when it listens for the first time. */
export async function openBus(config: DatabaseConfig, log: Logger): Promise<Bus> {
  const listeners = new Map<Channel, Set<(text: string) => void>>(CHANNELS.map((channel) => [channel, new Set()]));
  const gapListeners = new Set<() => void>();
  const stopping = new AbortController();
  let client: pg.Client | undefined;

  async function connect(): Promise<void> {
    const fresh = new pg.Client({ ...clientConfig(config), keepAlive: true });
    fresh.on('error', (error) => log.warn({ event: 'bus.lost', err: error }));
    fresh.on('notification', ({ channel, payload }) => {
      for (const listener of listeners.get(channel as Channel) ?? []) listener(payload ?? '');
    });
    await fresh.connect();
    for (const channel of CHANNELS) await fresh.query(`listen ${channel}`);
    fresh.on('end', () => void reconnect());
    client = fresh;
  }

  async function reconnect(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await delay(RETRY_MS, undefined, { signal: stopping.signal });
        await connect();
        for (const listener of gapListeners) listener();
        return;
      } catch (error) {
        if (!stopping.signal.aborted) log.debug({ event: 'bus.retry', err: error });
      }
    }
  }

  await connect();
  return {
    on(channel, listener) {
      listeners.get(channel)?.add(listener);
      return () => listeners.get(channel)?.delete(listener);
    },
    onGap(listener) {
      gapListeners.add(listener);
      return () => gapListeners.delete(listener);
    },
    async stop() {
      stopping.abort();
      await client?.end();
    },
  };
}
