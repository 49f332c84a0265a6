import type { Logger } from 'pino';
import type { ServiceReport } from '#contract/agent/messages.ts';
import { writeFileAtomically } from '#host/file.ts';
import { HofjeError } from '#model/error.ts';
import type { InstanceId } from '#model/id.ts';
import { MAIL_SUBMISSION_PORT } from '#model/network/service.ts';
import type { ServiceInstance } from '../container/instance.ts';
import type { Runtime } from '../container/runtime.ts';
import { EdgeClient } from '../edge/edge-client.ts';
import type { EdgeTable } from '../edge/edge-table.ts';
import { publishService } from '../network/network.ts';
import { type NodeIdentity, servicePlan } from '../node/instance-plans.ts';
import { forgetService, type ServiceInstanceRecord, type ServiceKind, switchService } from '../node/ledger.ts';
import type { LedgerStore } from '../node/ledger-store.ts';
import type { Storage } from '../storage/storage.ts';
import type { ServiceAction } from './action.ts';
import type { ServiceObservation } from './decide.ts';
import { linkService, makeServiceFolders, unlinkService } from './ground.ts';
import { becomesReady, edgeAnswers, mailAnswers } from './ready.ts';
import { ServiceStates, type State } from './states.ts';

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

const READY_MS = 30_000;
const ADOPT_MS = 5000;
const STOP_GRACE_MS = 10_000;
/** The service containers of the node, and the work on them that decisions ask for. */
export class ServiceKeeper {
  readonly #parts: ServiceKeeperParts;
  readonly #states: ServiceStates;
  readonly #edges = new Map<InstanceId, EdgeClient>();
  readonly #published: Record<ServiceKind, InstanceId | undefined> = { edge: undefined, mail: undefined };

  constructor(parts: ServiceKeeperParts) {
    this.#parts = parts;
    this.#states = new ServiceStates(parts.now, parts.chance);
  }

  observation(kind: ServiceKind): ServiceObservation {
    const records = this.#records(kind);
    return {
      containers: new Map(records.map((one) => [one.id, this.#states.of(one.id).state])),
      notBefore: new Map(records.map((one) => [one.id, this.#states.of(one.id).notBefore])),
      published: this.#published[kind],
    };
  }

  reports(): readonly ServiceReport[] {
    return (['edge', 'mail'] as const).flatMap((kind) => {
      const records = this.#records(kind);
      const shown = records.find((one) => one.phase === 'current') ?? records.at(-1);
      return shown === undefined ? [] : [this.#states.report(shown, this.#published[kind] === shown.id)];
    });
  }

  /** Address of the instance that serves. */
  addressOf(kind: ServiceKind): string | undefined {
    return this.#records(kind).find((one) => one.phase === 'current')?.address;
  }

  /** The running container of a service. */
  runningPlan(kind: ServiceKind): ServiceInstance | undefined {
    const current = this.#records(kind).find((one) => one.phase === 'current');
    return current !== undefined && this.#states.of(current.id).state === 'ready' ? this.#plan(current) : undefined;
  }

  /** Finds the containers of an earlier agent. */
  async adopt(): Promise<void> {
    await Promise.all(
      this.#parts.store.ledger.services.map(async (record) => {
        if (!this.#parts.runtime.isRunning(this.#plan(record))) return;
        // The link's repair is quick, and the agent's own rules may be new.
        await linkService(this.#parts.node, record);
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
      if (this.#states.of(record.id).state !== 'ready' || this.#parts.runtime.isRunning(this.#plan(record))) continue;
      this.#died(record);
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
      await makeServiceFolders(this.#parts.node, this.#parts.storage, record.kind);
      await linkService(this.#parts.node, record);
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
    await unlinkService(this.#parts.node, record);
    await this.#parts.store.change((ledger) => forgetService(ledger, record.id));
    this.#states.forget(record.id);
  }

  async #stop(record: ServiceInstanceRecord): Promise<void> {
    const edge = this.#edges.get(record.id);
    if (edge !== undefined) this.#parts.table.drop(edge);
    this.#edges.delete(record.id);
    this.#become(record, 'none');
    await this.#parts.runtime.stop(this.#plan(record), STOP_GRACE_MS);
  }

  async #becomesReady(record: ServiceInstanceRecord, withinMs: number): Promise<boolean> {
    const { runtime, now } = this.#parts;
    const plan = this.#plan(record);
    const answers = async () =>
      record.kind === 'mail' ? await mailAnswers(record.address) : await edgeAnswers(this.#edgeOf(record));
    return await becomesReady({ answers, isRunning: () => runtime.isRunning(plan), now }, withinMs);
  }

  #died(record: ServiceInstanceRecord): void {
    const { log, table } = this.#parts;
    const edge = this.#edges.get(record.id);
    if (edge !== undefined) table.drop(edge);
    this.#edges.delete(record.id);
    if (this.#published[record.kind] === record.id) this.#published[record.kind] = undefined;
    const { deaths, waitMs } = this.#states.died(record.id, 'its first process ended');
    this.#parts.changed();
    log.error({ event: 'service.died', service: record.kind, instance: record.id, deaths, waitMs });
  }

  #become(record: ServiceInstanceRecord, state: State, reason?: string): void {
    this.#states.become(record.id, state, reason);
    this.#parts.changed();
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
