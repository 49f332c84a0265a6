import { sql } from 'kysely';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { SignalWindow } from '#contract/agent/messages.ts';
import { SITE_STATES } from '#model/site/state.ts';
import type { Db } from '../database/connect.ts';

export interface Metrics {
  /** Adds a window that a node reported for the first time. */
  countWindow(window: SignalWindow): void;
  /** The text that Prometheus reads. */
  read(): Promise<string>;
  readonly contentType: string;
}

/** Gauges are read from the database when asked, so that every replica says the same; counters are of this process. */
export function makeMetrics(db: Db): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'hofje_control_' });
  const registers = [registry];

  new Gauge({
    name: 'hofje_sites',
    help: 'Sites by the state that their node reported.',
    labelNames: ['state'],
    registers,
    async collect() {
      for (const state of [...SITE_STATES, 'unknown', 'deleted']) this.set({ state }, 0);
      for (const row of await sitesByState(db)) this.set({ state: row.state }, row.count);
    },
  });
  new Gauge({
    name: 'hofje_nodes_reporting',
    help: 'Nodes that reported within the last minute.',
    registers,
    async collect() {
      const found = await sql<{ count: number }>`
        select count(*)::integer as count from node where last_seen_at > now() - interval '1 minute'`.execute(db);
      this.set(found.rows[0]?.count ?? 0);
    },
  });
  const requests = new Counter({ name: 'hofje_requests_total', help: 'Requests to sites.', registers });
  const errors = new Counter({ name: 'hofje_requests_5xx_total', help: 'Requests answered with 5xx.', registers });
  const wakes = new Counter({ name: 'hofje_wakes_total', help: 'Sites woken.', registers });
  const wakeSeconds = new Histogram({
    name: 'hofje_wake_seconds',
    help: 'From the order to wake a site to its first answer.',
    buckets: [0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const entries = new Counter({
    name: 'hofje_entries_total',
    help: 'Entries into sites by door and outcome.',
    labelNames: ['door', 'outcome'],
    registers,
  });
  const mail = new Counter({ name: 'hofje_mail_total', help: 'Mail by outcome.', labelNames: ['outcome'], registers });

  return {
    countWindow(window) {
      requests.inc(window.requests);
      errors.inc(window.status5xx);
      wakes.inc(window.wakes);
      for (const milliseconds of window.wakeMilliseconds ?? []) wakeSeconds.observe(milliseconds / 1000);
      for (const { door, outcome, count } of window.entries) entries.inc({ door, outcome }, count);
      for (const { outcome, count } of window.mail ?? []) mail.inc({ outcome }, count);
    },
    read: async () => await registry.metrics(),
    contentType: registry.contentType,
  };
}

async function sitesByState(db: Db): Promise<{ state: string; count: number }[]> {
  const found = await sql<{ state: string; count: number }>`
    select case when site.deleted_at is not null then 'deleted' else coalesce(site_report.state, 'unknown') end as state,
      count(*)::integer as count
    from site left join site_report on site_report.site_id = site.id group by 1`.execute(db);
  return found.rows;
}
