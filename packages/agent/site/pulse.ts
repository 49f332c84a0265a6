import type { Logger } from 'pino';
import type { DiskRoom } from '#contract/agent/messages.ts';
import type { SiteId } from '#model/id.ts';
import type { Runtime } from '../container/runtime.ts';
import type { EdgeTable } from '../edge/edge-table.ts';
import { homeFolder, type NodeIdentity } from '../node/instance-plans.ts';
import type { ServiceKeeper } from '../service/service-keeper.ts';
import type { Storage } from '../storage/storage.ts';
import type { SignalBook } from './signals.ts';
import type { SiteActor } from './site-actor.ts';
import { sampleUsage } from './site-host.ts';
import type { SiteKeeper } from './site-keeper.ts';

export interface PulseParts {
  readonly node: NodeIdentity;
  readonly keeper: SiteKeeper;
  readonly services: ServiceKeeper;
  readonly table: EdgeTable;
  readonly signals: SignalBook;
  readonly runtime: Runtime;
  readonly storage: Storage;
  /** Memory of each running site as it was seen last; admission goes by it. */
  readonly memory: Map<SiteId, number>;
  readonly now: () => number;
  readonly log: Logger;
}

const BEAT_MS = 1000;
/** Every so many beats. */
const USAGE_BEATS = 10;
const TABLE_BEATS = 5;
const OUTPUT_BEATS = 10;
const DISK_BEATS = 60;
/** Requests that began a moment before the last look are in the next one too. */
const OVERLAP_MS = 2000;

/** What the agent looks at again and again: requests, deaths, idleness, use of memory, processor and disk. */
export class Pulse {
  readonly #parts: PulseParts;
  /** Sites that are being ended: one that takes long holds up neither the beat nor the others. */
  readonly #ending = new Set<SiteId>();
  #timer: NodeJS.Timeout | undefined;
  #beats = 0;
  #since = 0;
  #isStopped = false;
  /** The whole disk as it was seen last. */
  #disk: DiskRoom | undefined;

  constructor(parts: PulseParts) {
    this.#parts = parts;
  }

  get disk(): DiskRoom | undefined {
    return this.#disk;
  }

  start(): void {
    this.#timer = setTimeout(() => void this.#beat(), BEAT_MS);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  async #beat(): Promise<void> {
    this.#beats += 1;
    await this.#part('services', async () => this.#parts.services.look());
    await this.#part('output', async () => {
      if (this.#beats % OUTPUT_BEATS === 0) await this.#boundOutput();
    });
    await this.#part('table', async () => {
      if (this.#beats % TABLE_BEATS === 0) await this.#parts.table.check();
    });
    const awake = this.#parts.keeper.actors().filter((actor) => actor.life.state === 'running');
    await this.#part('deaths', async () => {
      for (const actor of awake) this.#end(actor, () => actor.look());
    });
    if (awake.length > 0) await this.#part('requests', () => this.#lookAtRequests(awake));
    await this.#part('usage', async () => {
      if (this.#beats % USAGE_BEATS === 0) this.#lookAtUsage(awake);
    });
    await this.#part('disk', async () => {
      if (this.#beats % DISK_BEATS === 0) await this.#lookAtDisk();
    });
    if (!this.#isStopped) this.start();
  }

  /** What goes wrong in one part does not stop the others, nor the next beat. */
  async #part(part: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (err) {
      this.#parts.log.warn({ event: 'pulse.failed', part, err });
    }
  }

  async #lookAtRequests(awake: readonly SiteActor[]): Promise<void> {
    const { table, signals, now } = this.#parts;
    const stats = await table.stats(this.#since);
    if (stats !== undefined) {
      this.#since = stats.now - OVERLAP_MS;
      signals.requests(now(), stats.generation, stats.sites);
    }
    for (const actor of awake) {
      const seen = stats?.sites[actor.id];
      actor.noteRequests(seen?.inFlight ?? 0, seen?.lastActivity ?? 0);
      if (this.#isIdle(actor)) this.#end(actor, () => actor.sleep());
    }
  }

  #isIdle(actor: SiteActor): boolean {
    const idleSeconds = this.#parts.keeper.wish(actor.id)?.limits.idleSeconds ?? 0;
    const { idleSince } = actor;
    return idleSeconds > 0 && idleSince !== undefined && this.#parts.now() - idleSince >= idleSeconds * 1000;
  }

  #end(actor: SiteActor, work: () => Promise<unknown>): void {
    if (this.#ending.has(actor.id)) return;
    this.#ending.add(actor.id);
    work()
      .catch((err: unknown) => this.#parts.log.error({ event: 'site.cannot-end', site: actor.id, err }))
      .finally(() => this.#ending.delete(actor.id));
  }

  #lookAtUsage(awake: readonly SiteActor[]): void {
    for (const actor of awake) {
      const bytes = sampleUsage(this.#parts, this.#parts.keeper, actor.id, actor.instance);
      if (bytes !== undefined) this.#parts.memory.set(actor.id, bytes);
    }
  }

  async #boundOutput(): Promise<void> {
    const { services, runtime } = this.#parts;
    for (const kind of ['edge', 'mail'] as const) {
      const plan = services.runningPlan(kind);
      if (plan !== undefined) await runtime.boundOutput(plan);
    }
  }

  async #lookAtDisk(): Promise<void> {
    const { storage, keeper, signals, node } = this.#parts;
    this.#disk = await storage.totals();
    const all = await storage.usageOfAll();
    for (const actor of keeper.actors()) {
      const record = keeper.record(actor.id);
      const usage = record === undefined ? undefined : all.get(homeFolder(node.folders, record));
      if (usage !== undefined) signals.disk(actor.id, usage.usedBytes);
    }
  }
}
