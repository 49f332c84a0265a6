import { mkdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Logger } from 'pino';
import type { ServiceReport } from '#contract/agent/messages.ts';
import { writeFileAtomically } from '#host/file.ts';
import { HofjeError } from '#model/error.ts';
import type { InstanceId } from '#model/id.ts';
import { MAIL_SUBMISSION_PORT } from '#model/network/service.ts';
import type { ServiceInstance } from '../container/instance.ts';
import type { Runtime } from '../container/runtime.ts';
import { ensureUserNamespace } from '../container/user-namespace.ts';
import { EdgeClient } from '../edge/edge-client.ts';
import type { EdgeTable } from '../edge/edge-table.ts';
import { removeNamespace } from '../network/namespace.ts';
import { ensureServiceLink, publishService, removeLink } from '../network/network.ts';
import { type BackoffRule, backoffMs } from '../node/backoff.ts';
import { imageUidBase, interfaceOf, type NodeIdentity, pinsOf, servicePlan } from '../node/instance-plans.ts';
import { forgetService, type ServiceInstanceRecord, type ServiceKind, switchService } from '../node/ledger.ts';
import type { LedgerStore } from '../node/ledger-store.ts';
import type { Storage } from '../storage/storage.ts';
import type { ServiceAction } from './action.ts';
import type { ServiceObservation } from './decide.ts';
import { serviceFolders, serviceFolderWishes } from './folders.ts';

export type ServiceWork = Exclude<ServiceAction, { readonly do: 'admit-service' | 'unpack-image' }>;

export interface ServiceKeeperParts {
  readonly node: NodeIdentity;
  readonly store: LedgerStore;
  readonly storage: Storage;
  readonly runtime: Runtime;
  readonly table: EdgeTable;
  readonly now: () => number;
  readonly chance: () => number;
  readonly log: Logger;
  /** Something is different now: decide again. */
  readonly changed: () => void;
}

type State = 'none' | 'starting' | 'ready';

const READY_MS = 30_000;
const ADOPT_MS = 5000;
const POLL_MS = 20;
const STOP_GRACE_MS = 10_000;
const RESTART: BackoffRule = { firstMs: 500, factor: 2, maxMs: 60_000, jitter: 0.2 };
/** A service that ran this long did not fail to start. */
const SETTLED_MS = 60_000;
/** Mail is ready when all of it answers: Exim for the world, Exim for sites, Dovecot. */
const MAIL_PORTS = [25, MAIL_SUBMISSION_PORT, 143] as const;

interface Tracked {
  state: State;
  since: number;
  deaths: number;
  notBefore: number;
  reason: string | undefined;
}

/** The service containers of the node, and the work on them that decisions ask for. */
export class ServiceKeeper {
  readonly #parts: ServiceKeeperParts;
  readonly #tracked = new Map<InstanceId, Tracked>();
  readonly #edges = new Map<InstanceId, EdgeClient>();
  readonly #published: Record<ServiceKind, InstanceId | undefined> = { edge: undefined, mail: undefined };

  constructor(parts: ServiceKeeperParts) {
    this.#parts = parts;
  }

  observation(kind: ServiceKind): ServiceObservation {
    const records = this.#records(kind);
    return {
      containers: new Map(records.map((one) => [one.id, this.#track(one).state])),
      notBefore: new Map(records.map((one) => [one.id, this.#track(one).notBefore])),
      published: this.#published[kind],
    };
  }

  reports(): readonly ServiceReport[] {
    return (['edge', 'mail'] as const).flatMap((kind) => {
      const records = this.#records(kind);
      const shown = records.find((one) => one.phase === 'current') ?? records.at(-1);
      return shown === undefined ? [] : [this.#report(shown)];
    });
  }

  /** Address of the instance that serves. */
  addressOf(kind: ServiceKind): string | undefined {
    return this.#records(kind).find((one) => one.phase === 'current')?.address;
  }

  /** The running container of a service. */
  runningPlan(kind: ServiceKind): ServiceInstance | undefined {
    const current = this.#records(kind).find((one) => one.phase === 'current');
    return current !== undefined && this.#track(current).state === 'ready' ? this.#plan(current) : undefined;
  }

  /** Finds the containers of an earlier agent. */
  async adopt(): Promise<void> {
    await Promise.all(
      this.#parts.store.ledger.services.map(async (record) => {
        if (!this.#parts.runtime.isRunning(this.#plan(record))) return;
        // The link's repair is quick, and the agent's own rules may be new.
        await this.#link(record);
        if (await this.#becomesReady(record, ADOPT_MS)) {
          this.#become(record, 'ready');
          this.#parts.log.info({ event: 'service.adopted', service: record.kind, instance: record.id });
        } else await this.#parts.runtime.stop(this.#plan(record), STOP_GRACE_MS);
      }),
    );
  }

  /** To be called now and then: notices services that ended. */
  look(): void {
    for (const record of this.#parts.store.ledger.services) {
      const tracked = this.#track(record);
      if (tracked.state !== 'ready' || this.#parts.runtime.isRunning(this.#plan(record))) continue;
      this.#died(record, tracked);
    }
  }

  async perform(action: ServiceWork): Promise<void> {
    switch (action.do) {
      case 'start-service':
        return await this.#start(this.#recordOf(action.instance));
      case 'replace-service':
        return await this.#replace(this.#recordOf(action.instead), this.#recordOf(action.instance));
      case 'switch-service':
        return await this.#switch(this.#recordOf(action.instance));
      case 'publish-service':
        return await this.#publish(this.#recordOf(action.instance));
      case 'retire-service':
        return await this.#retire(this.#recordOf(action.instance));
    }
  }

  async #start(record: ServiceInstanceRecord): Promise<void> {
    this.#become(record, 'starting');
    try {
      await this.#makeFolders(record.kind);
      await this.#link(record);
      await this.#parts.runtime.start(this.#plan(record));
      if (!(await this.#becomesReady(record, READY_MS))) {
        throw new HofjeError('service.not-ready', `The ${record.kind} service did not become ready in time.`);
      }
    } catch (error) {
      await this.#parts.runtime.stop(this.#plan(record), 0).catch(() => undefined);
      this.#become(record, 'none', error instanceof HofjeError ? error.message : 'it cannot be started');
      throw error;
    }
    this.#become(record, 'ready');
    this.#parts.log.info({ event: 'service.ready', service: record.kind, instance: record.id, image: record.image });
  }

  /** Not both at once: the former one comes back when the next one does not become ready. */
  async #replace(former: ServiceInstanceRecord, next: ServiceInstanceRecord): Promise<void> {
    await this.#stop(former);
    try {
      await this.#start(next);
    } catch (error) {
      await this.#start(former);
      throw error;
    }
  }

  async #switch(record: ServiceInstanceRecord): Promise<void> {
    if (record.kind === 'edge') await this.#parts.table.use(this.#edgeOf(record));
    await this.#parts.store.change((ledger) => switchService(ledger, record.id, this.#parts.now()));
  }

  async #publish(record: ServiceInstanceRecord): Promise<void> {
    // After the agent's own start the serving edge is not known to the table yet.
    if (record.kind === 'edge') await this.#parts.table.use(this.#edgeOf(record));
    await publishService(record.kind, record.address);
    if (record.kind === 'mail') {
      const { folders } = this.#parts.node;
      await writeFileAtomically(folders.mailAddress, `${record.address}:${MAIL_SUBMISSION_PORT}`, { mode: 0o644 });
    }
    this.#published[record.kind] = record.id;
    this.#parts.changed();
    this.#parts.log.info({ event: 'service.published', service: record.kind, instance: record.id });
  }

  async #retire(record: ServiceInstanceRecord): Promise<void> {
    await this.#stop(record);
    await this.#parts.runtime.forget(this.#plan(record));
    const { folders } = this.#parts.node;
    const pins = pinsOf(folders, record);
    await removeLink({ pin: pins.net, interfaceName: interfaceOf(record), address: record.address });
    await removeNamespace(pins.user);
    await rm(pins.folder, { recursive: true, force: true });
    await this.#parts.store.change((ledger) => forgetService(ledger, record.id));
    this.#tracked.delete(record.id);
  }

  async #stop(record: ServiceInstanceRecord): Promise<void> {
    const edge = this.#edges.get(record.id);
    if (edge !== undefined) this.#parts.table.drop(edge);
    this.#edges.delete(record.id);
    this.#become(record, 'none');
    await this.#parts.runtime.stop(this.#plan(record), STOP_GRACE_MS);
  }

  async #makeFolders(kind: ServiceKind): Promise<void> {
    const { node, storage } = this.#parts;
    const base = imageUidBase(node.slot, kind);
    for (const { path, owner, mode, limitBytes } of serviceFolderWishes(node.folders)[kind]) {
      const uid = base + owner;
      await storage.ensureSubvolume(path, { uid, gid: uid, mode, limitBytes });
    }
    if (kind === 'mail') await mkdir(serviceFolders(node.folders).mail.lookup, { recursive: true, mode: 0o755 });
  }

  async #link(record: ServiceInstanceRecord): Promise<void> {
    const { folders, slot } = this.#parts.node;
    const pins = pinsOf(folders, record);
    await mkdir(pins.folder, { recursive: true, mode: 0o700 });
    const { kind, address } = record;
    await Promise.all([
      ensureUserNamespace({ pin: pins.user, imageUidBase: imageUidBase(slot, kind) }),
      ensureServiceLink({ pin: pins.net, interfaceName: interfaceOf(record), kind, address }),
    ]);
  }

  async #becomesReady(record: ServiceInstanceRecord, withinMs: number): Promise<boolean> {
    const until = this.#parts.now() + withinMs;
    const plan = this.#plan(record);
    while (this.#parts.now() < until && this.#parts.runtime.isRunning(plan)) {
      if (await this.#answers(record)) return true;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return false;
  }

  async #answers(record: ServiceInstanceRecord): Promise<boolean> {
    if (record.kind === 'mail') {
      const open = await Promise.all(MAIL_PORTS.map((port) => isListening(record.address, port)));
      return open.every(Boolean);
    }
    const edge = this.#edgeOf(record);
    return await edge.generation().then(
      () => true,
      () => false,
    );
  }

  #died(record: ServiceInstanceRecord, tracked: Tracked): void {
    const { log, now, chance, table } = this.#parts;
    const edge = this.#edges.get(record.id);
    if (edge !== undefined) table.drop(edge);
    this.#edges.delete(record.id);
    if (this.#published[record.kind] === record.id) this.#published[record.kind] = undefined;
    const deaths = now() - tracked.since >= SETTLED_MS ? 1 : tracked.deaths + 1;
    this.#become(record, 'none', 'its first process ended');
    const waitMs = backoffMs(deaths, RESTART, chance());
    Object.assign(this.#track(record), { deaths, notBefore: now() + waitMs });
    log.error({ event: 'service.died', service: record.kind, instance: record.id, deaths, waitMs });
  }

  #report(record: ServiceInstanceRecord): ServiceReport {
    const { state, reason } = this.#track(record);
    // Ready alone is not enough: visitors have to be led to it.
    const isServing = state === 'ready' && this.#published[record.kind] === record.id;
    const shown = isServing ? 'running' : state === 'none' && reason !== undefined ? 'failed' : 'starting';
    const why = shown === 'failed' && reason !== undefined ? { reason } : {};
    return { kind: record.kind, instance: record.id, image: record.image, state: shown, ...why };
  }

  #become(record: ServiceInstanceRecord, state: State, reason?: string): void {
    Object.assign(this.#track(record), { state, since: this.#parts.now(), reason });
    this.#parts.changed();
  }

  #track(record: ServiceInstanceRecord): Tracked {
    const known = this.#tracked.get(record.id);
    if (known !== undefined) return known;
    const fresh: Tracked = { state: 'none', since: 0, deaths: 0, notBefore: 0, reason: undefined };
    this.#tracked.set(record.id, fresh);
    return fresh;
  }

  #edgeOf(record: ServiceInstanceRecord): EdgeClient {
    const known = this.#edges.get(record.id);
    if (known !== undefined) return known;
    const edge = new EdgeClient(record.address);
    this.#edges.set(record.id, edge);
    return edge;
  }

  #plan(record: ServiceInstanceRecord): ServiceInstance {
    return servicePlan(this.#parts.node, record);
  }

  #records(kind: ServiceKind): readonly ServiceInstanceRecord[] {
    return this.#parts.store.ledger.services.filter((one) => one.kind === kind);
  }

  #recordOf(id: InstanceId): ServiceInstanceRecord {
    const record = this.#parts.store.ledger.services.find((one) => one.id === id);
    if (record === undefined) throw new RangeError(`there is no service instance ${id}`);
    return record;
  }
}

const CONNECT_MS = 1000;

/** Whether something accepts connections there. */
function isListening(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const end = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}
