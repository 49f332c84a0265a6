import type { FastifyInstance } from 'fastify';
import { LATENCY_BOUNDS_MS } from '#contract/agent/messages.ts';
import { siteSignals } from '#contract/api/signal.ts';
import { HofjeError } from '#model/error.ts';
import { objectOf } from '../auth/admitted.ts';
import type { Context } from '../context.ts';
import { readMoment } from '../http/moment.ts';
import { serve } from '../http/serve.ts';
import { readMinutes, readSpans, type SignalRange } from './queries.ts';

const SINCE_DEFAULT_MS = 3600_000;
const SPANS_MAX = 1500;

export function signalRoutes(app: FastifyInstance, context: Context): void {
  serve(app, siteSignals, async ({ query }, request) => {
    const site = objectOf(request, 'site');
    const until = query?.until === undefined ? context.now() : readMoment(query.until, 'until');
    const since =
      query?.since === undefined ? new Date(until.getTime() - SINCE_DEFAULT_MS) : readMoment(query.since, 'since');
    const range = { site, since, until };
    const items =
      query?.resolution === undefined
        ? await readMinutes(context.db, range)
        : await readSpans(context.db, range, checkPoints(range, query.resolution));
    return { latencyBoundsMs: [...LATENCY_BOUNDS_MS], items };
  });
}

/** Throws `request.invalid` for more spans than anybody can look at. */
function checkPoints({ since, until }: SignalRange, resolution: number): number {
  if ((until.getTime() - since.getTime()) / 1000 / resolution <= SPANS_MAX) return resolution;
  throw new HofjeError('request.invalid', `That is more than ${SPANS_MAX} spans.`, {
    field: 'resolution',
    hint: 'Take longer spans, or less time.',
  });
}
