import { LATENCY_BOUNDS_MS, type SignalWindow } from '#contract/agent/messages.ts';
import type { SiteId } from '#model/id.ts';

const MINUTE_MS = 60_000;

/** An hour of a bakery's website: quiet, a rush towards its end, a few failures in it. The same each time. */
export function signalsOf(site: SiteId, now = Date.now()): SignalWindow[] {
  return Array.from({ length: 55 }, (_, index) => {
    const wave = 1 + Math.sin(index / 6) * 0.5 + Math.sin(index / 2.3) * 0.2;
    const requests = Math.round((index > 35 ? 90 : 34) * wave);
    const status5xx = index === 41 || index === 42 ? 6 : 0;
    return {
      site,
      from: Math.floor(now / MINUTE_MS - 56 + index) * MINUTE_MS,
      seconds: 60,
      requests,
      status5xx,
      latency: latencyOf(requests),
      memoryBytesPeak: Math.round(78e6 + requests * 6e5),
      cpuMilliseconds: requests * 26,
      diskBytes: 412_000_000 + index * 1000,
      wakes: index === 3 ? 1 : 0,
      entries: [],
      faults: [],
    };
  });
}

/** Most answers within 25 ms, a few late. */
function latencyOf(requests: number): number[] {
  const shares = [0.1, 0.25, 0.4, 0.17, 0.05, 0.02, 0.01, 0, 0, 0, 0];
  return [...LATENCY_BOUNDS_MS, Number.POSITIVE_INFINITY].map((_, index) =>
    Math.round(requests * (shares[index] ?? 0)),
  );
}
