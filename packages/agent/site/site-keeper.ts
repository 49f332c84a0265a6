import { mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstanceId, SiteId } from '#model/id.ts';
import type { SiteWish } from '#model/node/desired.ts';
import { PLANS } from '#model/plan/plan.ts';
import type { ControlGroups } from '../container/cgroup.ts';
import type { SiteInstance } from '../container/instance.ts';
import { ENTRIES_GROUP, type Runtime, WEB_GROUP } from '../container/runtime.ts';
import { ensureUserNamespace } from '../container/user-namespace.ts';
import type { EdgeTable } from '../edge/edge-table.ts';
import { removeNamespace } from '../network/namespace.ts';
import { ensureSiteLink, removeLink } from '../network/network.ts';
import { ensureSocketFolder } from '../node/gate-folders.ts';
import type { Images } from '../node/images.ts';
import {
  homeFolder,
  imageUidBase,
  interfaceOf,
  type NodeIdentity,
  pinsOf,
  sitePlan,
  submissionFolder,
} from '../node/instance-plans.ts';
import { currentInstance, forgetInstance, type InstanceRecord, purgeSite, type SiteRecord } from '../node/ledger.ts';
import type { LedgerStore } from '../node/ledger-store.ts';
import type { Storage } from '../storage/storage.ts';
import type { SiteAction } from './action.ts';
import { preparedFingerprint, type SiteObservation } from './decide.ts';
import type { SignalBook } from './signals.ts';
import { SiteActor } from './site-actor.ts';
import type { SiteHost } from './site-world.ts';

/** Ledger entries and images are made elsewhere, many at once. */
export type SiteWork = Exclude<SiteAction, { readonly do: 'admit-site' | 'admit-instance' | 'unpack-image' }>;

export interface SiteKeeperParts {
  readonly node: NodeIdentity;
  readonly gateUid: number;
  readonly store: LedgerStore;
  readonly storage: Storage;
  readonly runtime: Runtime;
  readonly table: EdgeTable;
  readonly signals: SignalBook;
  readonly images: Images;
  readonly now: () => number;
  /** Makes the world of the site actors, which needs the keeper. */
  readonly host: (keeper: SiteKeeper) => SiteHost;
}

/** What a site's outgoing connections are bounded by; not part of a plan yet. */
const CONNECTIONS = { connectionsMax: 512, connectionsPerSecond: 100 } as const;
const RETIRE_GRACE_MS = 5000;
/** Of a site whose wish is not known any more: only to end it. */
const NO_WISH = { limits: PLANS[0].limits, primaryName: 'site' } as const;

/** Everything that the node has of its sites, and the work on it that decisions ask for. */
export class SiteKeeper {
  readonly #parts: SiteKeeperParts;
  readonly #host: SiteHost;
  readonly #actors = new Map<SiteId, SiteActor>();
  readonly #wishes = new Map<SiteId, SiteWish>();
  readonly #prepared = new Map<SiteId, string>();
  readonly #linked = new Set<InstanceId>();
  /** Instances that run and hold more memory than their site may have since its plan was changed. */
  readonly #oversized = new Set<InstanceId>();
  readonly #linking = new Map<InstanceId, Promise<void>>();

  constructor(parts: SiteKeeperParts) {
    this.#parts = parts;
    this.#host = parts.host(this);
  }

  /** Wishes as they are now, carried ones included; actors for all sites of the ledger. */
  setWishes(wishes: readonly SiteWish[]): void {
    this.#wishes.clear();
    for (const wish of wishes) this.#wishes.set(wish.id, wish);
  }

  wish(site: SiteId): SiteWish | undefined {
    return this.#wishes.get(site);
  }

  /** Undefined when no such site lives here. */
  actor(site: SiteId): SiteActor | undefined {
    const record = this.#ledger().sites[site];
    if (record === undefined) return undefined;
    const known = this.#actors.get(site);
    if (known !== undefined) return known;
    const actor = new SiteActor(site, currentInstance(record), this.#host);
    this.#actors.set(site, actor);
    return actor;
  }

  actors(): readonly SiteActor[] {
    return (Object.keys(this.#ledger().sites) as SiteId[]).flatMap((site) => this.actor(site) ?? []);
  }

  record(site: SiteId): SiteRecord | undefined {
    return this.#ledger().sites[site];
  }

  /** Throws when the site is not in the ledger. */
  plan(site: SiteId, instance: InstanceRecord): SiteInstance {
    return sitePlan(this.#parts.node, this.#recordOf(site), instance, this.#wishes.get(site) ?? NO_WISH);
  }

  observation(site: SiteId): SiteObservation | undefined {
    const record = this.record(site);
    const actor = this.actor(site);
    if (record === undefined || actor === undefined) return undefined;
    const former = record.instances.filter((one) => one.phase === 'draining');
    const isContained = (one: InstanceRecord) => this.#parts.runtime.pidOf(this.plan(site, one)) !== undefined;
    const contained = former.filter(isContained);
    const { state } = actor.life;
    return {
      // Suspended is who runs no more: what could not be ended at first is ended again.
      life: state === 'suspended' && isContained(actor.instance) ? 'stopping' : state,
      prepared: this.#prepared.get(site),
      linked: this.#linked,
      contained: new Set(contained.map((one) => one.id)),
      entered: new Set(former.filter((one) => actor.entriesOf(one) > 0).map((one) => one.id)),
      oversized: state === 'running' && this.#oversized.has(actor.instance.id),
      served: this.#parts.table.servedFingerprint(site),
    };
  }

  async perform(action: SiteWork): Promise<void> {
    switch (action.do) {
      case 'prepare-site':
        return await this.#prepareSite(action.site, action.wish, action.fingerprint);
      case 'prepare-instance':
        return await this.prepareInstance(action.site, this.#instanceOf(action.site, action.instance));
      case 'suspend-site':
        return await this.actor(action.site)?.suspend(action.because);
      case 'resume-site':
        return await this.actor(action.site)?.resume();
      case 'flip-site':
        return await this.#flip(action.site, this.#instanceOf(action.site, action.instance));
      case 'switch-site':
        return await this.actor(action.site)?.replace();
      case 'retire-instance':
        return await this.#retire(action.site, this.#instanceOf(action.site, action.instance));
      case 'serve-site':
        return await this.#parts.table.serve(action.site, action.entry, action.suspended, action.fingerprint);
      case 'withdraw-site':
        return await this.#parts.table.withdraw(action.site);
      case 'purge-site':
        return await this.#purge(action.site);
    }
  }

  /** One that holds more than it may does not stay because its successor does not come. */
  async #flip(site: SiteId, next: InstanceRecord): Promise<void> {
    const actor = this.actor(site);
    if (actor === undefined) return;
    const former = actor.instance;
    try {
      await actor.flip(next);
    } catch (error) {
      if (!this.#oversized.has(former.id)) throw error;
      await actor.stop();
    }
  }

  /** Everything that a start needs; at once when it is there, as it is but for a site that was made a moment ago. */
  async makeStartable(site: SiteId, instance: InstanceRecord): Promise<void> {
    const wish = this.#wishes.get(site);
    // What starts now, starts with the limits of now.
    this.#oversized.delete(instance.id);
    const home = async () => {
      if (wish !== undefined && !this.#prepared.has(site))
        await this.#prepareSite(site, wish, preparedFingerprint(wish));
    };
    await Promise.all([
      home(),
      this.#parts.images.unpack(instance.image, 'site'),
      this.prepareInstance(site, instance),
    ]);
  }

  /** User namespace and link of an instance; at once when they stand. */
  async prepareInstance(site: SiteId, instance: InstanceRecord): Promise<void> {
    if (this.#linked.has(instance.id)) return;
    const known = this.#linking.get(instance.id);
    if (known !== undefined) return await known;
    const work = this.#link(site, instance).finally(() => this.#linking.delete(instance.id));
    this.#linking.set(instance.id, work);
    await work;
  }

  async #link(site: SiteId, instance: InstanceRecord): Promise<void> {
    const { folders, slot } = this.#parts.node;
    const pins = pinsOf(folders, instance);
    const { uid } = this.#recordOf(site);
    await mkdir(pins.folder, { recursive: true, mode: 0o700 });
    await Promise.all([
      ensureUserNamespace({ pin: pins.user, imageUidBase: imageUidBase(slot, 'site'), siteUid: uid }),
      ensureSiteLink({
        pin: pins.net,
        interfaceName: interfaceOf(instance),
        address: instance.address,
        ...CONNECTIONS,
      }),
    ]);
    this.#linked.add(instance.id);
  }

  /** Home and socket folder as wished; also limits of what runs already. */
  async #prepareSite(site: SiteId, wish: SiteWish, fingerprint: string): Promise<void> {
    const { node, storage, runtime, gateUid } = this.#parts;
    const record = this.#recordOf(site);
    const { uid } = record;
    const limitBytes = wish.limits.diskBytes;
    await storage.ensureSubvolume(homeFolder(node.folders, record), { uid, gid: uid, mode: 0o755, limitBytes });
    await this.#ensureSubmissionFolder(record, gateUid);
    for (const instance of record.instances) {
      const plan = sitePlan(node, record, instance, wish);
      if (runtime.isRunning(plan) && !adjustLimits(runtime.groups, plan)) this.#oversized.add(instance.id);
      else this.#oversized.delete(instance.id);
    }
    this.#prepared.set(site, fingerprint);
  }

  /** The gate makes the socket in it; whose it is, the mount into the container says. */
  async #ensureSubmissionFolder(record: SiteRecord, gateUid: number): Promise<void> {
    const path = submissionFolder(this.#parts.node.folders, record);
    await ensureSocketFolder({ path, gateUid, peer: record.uid });
  }

  async #retire(site: SiteId, instance: InstanceRecord): Promise<void> {
    const plan = this.plan(site, instance);
    await this.#parts.runtime.stop(plan, RETIRE_GRACE_MS);
    await this.#parts.runtime.forget(plan);
    await this.#unlink(instance);
    await this.#parts.store.change((ledger) => forgetInstance(ledger, site, instance.id));
  }

  async #unlink(instance: InstanceRecord): Promise<void> {
    const pins = pinsOf(this.#parts.node.folders, instance);
    this.#linked.delete(instance.id);
    this.#oversized.delete(instance.id);
    await removeLink({ pin: pins.net, interfaceName: interfaceOf(instance), address: instance.address });
    await removeNamespace(pins.user);
    await rm(pins.folder, { recursive: true, force: true });
  }

  /** The data goes last of all, and the ledger forgets when nothing is left: a crash in between is made up for. */
  async #purge(site: SiteId): Promise<void> {
    const { node, runtime, storage, store, signals, now } = this.#parts;
    const record = this.#recordOf(site);
    for (const instance of record.instances) {
      await runtime.forget(this.plan(site, instance));
      await this.#unlink(instance);
    }
    await removeFlat(submissionFolder(node.folders, record));
    await storage.deleteSubvolume(homeFolder(node.folders, record));
    await store.change((ledger) => purgeSite(ledger, site, now()));
    this.#actors.delete(site);
    this.#prepared.delete(site);
    signals.forget(site);
  }

  #recordOf(site: SiteId): SiteRecord {
    const record = this.record(site);
    if (record === undefined) throw new RangeError(`${site} does not live here`);
    return record;
  }

  #instanceOf(site: SiteId, id: InstanceId): InstanceRecord {
    const instance = this.#recordOf(site).instances.find((one) => one.id === id);
    if (instance === undefined) throw new RangeError(`${site} has no instance ${id}`);
    return instance;
  }

  #ledger() {
    return this.#parts.store.ledger;
  }
}

/**
 * Removes a folder of the gate's with the sockets in it, and nothing further down: who may write in a folder can exchange
 * what lies in it while root walks through.
 */
async function removeFlat(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) await rm(join(folder, name), { force: true });
  await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

/** False when it holds more memory than it may; all other limits are set. */
function adjustLimits(groups: ControlGroups, { cgroup, limits }: SiteInstance): boolean {
  return [
    groups.adjust(cgroup, limits.whole),
    groups.adjust(join(cgroup, WEB_GROUP), limits.web),
    groups.adjust(join(cgroup, ENTRIES_GROUP), limits.entries),
  ].every(Boolean);
}
