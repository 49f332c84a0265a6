import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { SiteId } from '#model/id.ts';
import type { GroupUsage } from '../container/group-counts.ts';
import type { Runtime } from '../container/runtime.ts';
import type { EdgeTable } from '../edge/edge-table.ts';
import { currentInstance, type InstanceRecord, switchInstance } from '../node/ledger.ts';
import type { LedgerStore } from '../node/ledger-store.ts';
import type { AwakeSite } from './admission.ts';
import { AdmissionQueue } from './admission-queue.ts';
import { becomesReady } from './ready.ts';
import type { SignalBook } from './signals.ts';
import type { SiteKeeper } from './site-keeper.ts';
import type { SiteEvent, SiteHost } from './site-world.ts';

export interface SiteHostParts {
  readonly store: LedgerStore;
  readonly runtime: Runtime;
  readonly table: EdgeTable;
  readonly signals: SignalBook;
  readonly now: () => number;
  readonly chance: () => number;
  readonly log: Logger;
  readonly reserveBytes: number;
  readonly sitesBytesMax: number | undefined;
  readonly processors: number;
  readonly changed: (site: SiteId) => void;
}

const MiB = 1024 * 1024;
/** What a site is taken to need at its start, until it was seen running. */
const START_BYTES = 48 * MiB;
/** How long a start may wait for its turn or for memory; below the edge's and the gate's patience. */
const PATIENCE = { turn: 20_000, memory: 8000 } as const;

/** The real world of site actors. */
export function makeSiteHost(parts: SiteHostParts, keeper: SiteKeeper, memory: ReadonlyMap<SiteId, number>): SiteHost {
  const { store, runtime, table, signals, now } = parts;
  const queue = new AdmissionQueue({
    rule: {
      reserveBytes: parts.reserveBytes,
      sitesBytesMax: parts.sitesBytesMax,
      startsMax: Math.max(2, 2 * parts.processors),
    },
    now,
    availableBytes: availableMemory,
    awake: () => awakeSites(keeper, memory),
    sleep: async (site) => {
      try {
        await keeper.actor(site)?.sleep();
      } catch (err) {
        // One site that cannot be ended is no reason for another one not to start.
        parts.log.error({ event: 'site.cannot-sleep', site, err });
      }
    },
  });
  return {
    now,
    chance: parts.chance,
    admit: async (site) => await queue.enter(neededBytes(keeper, memory, site), PATIENCE),
    prepare: async (site, instance) => await keeper.makeStartable(site, instance),
    start: async (site, instance) => await runtime.start(keeper.plan(site, instance)),
    stop: async (site, instance, graceMs) => {
      sampleUsage(parts, keeper, site, instance);
      await runtime.stop(keeper.plan(site, instance), graceMs);
      signals.usageEnded(site);
    },
    isRunning: (site, instance) => runtime.isRunning(keeper.plan(site, instance)),
    cpuMs: (site, instance) => usageOf(runtime, keeper, site, instance)?.cpuMs ?? 0,
    ranOutOfMemory: (site, instance) => (usageOf(runtime, keeper, site, instance)?.oomKills ?? 0) > 0,
    becomesReady,
    point: async (site, upstream) => await table.point(site, upstream),
    inFlight: async (site) => await openRequests(table, site, now()),
    switchInstance: async (site) => {
      const ledger = await store.change((before) => switchInstance(before, site, now()));
      const record = ledger.sites[site];
      if (record === undefined) throw new RangeError(`${site} does not live here`);
      return currentInstance(record);
    },
    changed: parts.changed,
    happened: (site, event) => note(parts, site, event),
  };
}

/** Takes what a running instance has used; nothing when its groups are gone. */
export function sampleUsage(
  { runtime, signals, now }: Pick<SiteHostParts, 'runtime' | 'signals' | 'now'>,
  keeper: SiteKeeper,
  site: SiteId,
  instance: InstanceRecord,
): number | undefined {
  const usage = usageOf(runtime, keeper, site, instance);
  if (usage === undefined) return undefined;
  signals.usage(now(), site, usage);
  return usage.memoryBytes;
}

function note({ signals, now, log }: SiteHostParts, site: SiteId, event: SiteEvent): void {
  log.info({ site, ...event, event: `site.${event.event}` });
  switch (event.event) {
    case 'woke':
      signals.woke(now(), site, event.milliseconds);
      break;
    case 'start-failed':
    case 'died':
      signals.fault(now(), site, event.event, event.reason);
      break;
    case 'refused':
      signals.fault(now(), site, event.event, `no room to start: ${event.for}`);
      break;
    case 'slept':
    case 'stayed':
      break;
  }
}

function awakeSites(keeper: SiteKeeper, memory: ReadonlyMap<SiteId, number>): readonly AwakeSite[] {
  return keeper
    .actors()
    .filter((actor) => actor.life.state === 'running')
    .map((actor) => ({
      id: actor.id,
      memoryBytes: memory.get(actor.id) ?? START_BYTES,
      idleSince: actor.idleSince,
    }));
}

function neededBytes(keeper: SiteKeeper, memory: ReadonlyMap<SiteId, number>, site: SiteId): number {
  const limit = keeper.wish(site)?.limits.memoryBytes ?? START_BYTES;
  return Math.min(limit, Math.max(START_BYTES, memory.get(site) ?? 0));
}

async function availableMemory(): Promise<number> {
  const line = /^MemAvailable:\s+(\d+) kB$/m.exec(await readFile('/proc/meminfo', 'utf8'));
  return Number(line?.[1] ?? 0) * 1024;
}

/** An edge that is there but does not answer may have requests open. */
async function openRequests(table: EdgeTable, site: SiteId, now: number): Promise<number> {
  try {
    const stats = await table.stats(now);
    return stats?.sites[site]?.inFlight ?? 0;
  } catch {
    return 1;
  }
}

function usageOf(runtime: Runtime, keeper: SiteKeeper, site: SiteId, instance: InstanceRecord): GroupUsage | undefined {
  try {
    return runtime.groups.usage(keeper.plan(site, instance).cgroup);
  } catch {
    // Its groups are gone.
    return undefined;
  }
}
