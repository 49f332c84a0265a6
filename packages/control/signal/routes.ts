import type { FastifyInstance } from 'fastify';
import { LATENCY_BOUNDS_MS } from '#contract/agent/messages.ts';
import { siteSignals } from '#contract/api/signal.ts';
import { objectOf } from '../auth/admitted.ts';
import type { Context } from '../context.ts';
import { serve } from '../http/serve.ts';

const SINCE_DEFAULT_MS = 3600_000;
/** A week of minutes. */
const ROWS_MAX = 7 * 24 * 60;

export function signalRoutes(app: FastifyInstance, context: Context): void {
  serve(app, siteSignals, async ({ query }, request) => {
    const site = objectOf(request, 'site');
    const until = query?.until === undefined ? context.now() : new Date(query.until);
    const since = query?.since === undefined ? new Date(until.getTime() - SINCE_DEFAULT_MS) : new Date(query.since);
    const rows = await context.db
      .selectFrom('signal')
      .selectAll()
      .where('site_id', '=', site)
      .where('started_at', '>=', since)
      .where('started_at', '<=', until)
      .orderBy('started_at')
      .limit(ROWS_MAX)
      .execute();
    return {
      latencyBoundsMs: [...LATENCY_BOUNDS_MS],
      items: rows.map((row) => ({
        from: row.started_at.toISOString(),
        seconds: row.seconds,
        requests: row.requests,
        status5xx: row.status_5xx,
        latency: row.latency,
        memoryBytesPeak: row.memory_bytes_peak,
        cpuMilliseconds: row.cpu_milliseconds,
        diskBytes: row.disk_bytes,
        wakes: row.wakes,
        entries: row.entries.map((entry) => ({ ...entry })),
        faults: row.faults.map((fault) => ({ ...fault })),
      })),
    };
  });
}
