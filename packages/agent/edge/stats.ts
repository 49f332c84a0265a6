import { LATENCY_BOUNDS_MS } from '#contract/agent/messages.ts';
import type { SiteId } from '#model/id.ts';
import type { EdgeSiteStats, EdgeStats } from './protocol.ts';

const GENERATION_MAX = 200;

/**
 * What the edge says of its sites, as far as it can be true: the edge talks with strangers, and the agent is root. Sites
 * that it was never told of and counts that are none are left out; undefined when nothing of it can be used.
 */
export function parseStats(value: unknown, knows: (site: SiteId) => boolean): EdgeStats | undefined {
  const { generation, now, sites } = asObject(value);
  if (typeof generation !== 'string' || generation.length > GENERATION_MAX || !isAmount(now)) return undefined;
  const found: Record<string, EdgeSiteStats> = {};
  // An empty Lua table is an empty array in JSON.
  for (const [id, given] of Array.isArray(sites) ? [] : Object.entries(asObject(sites))) {
    const stats = knows(id as SiteId) ? parseSite(given) : undefined;
    if (stats !== undefined) found[id] = stats;
  }
  return { generation, now, sites: found };
}

function parseSite(value: unknown): EdgeSiteStats | undefined {
  const { requests, status5xx, latency, inFlight, lastActivity } = asObject(value);
  if (!isCount(requests) || !isCount(status5xx) || !isCount(inFlight) || !isAmount(lastActivity)) return undefined;
  if (!Array.isArray(latency) || latency.length > LATENCY_BOUNDS_MS.length + 1 || !latency.every(isCount)) {
    return undefined;
  }
  return { requests, status5xx, latency, inFlight, lastActivity };
}

function isCount(value: unknown): value is number {
  return isAmount(value) && Number.isInteger(value);
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
