import type { InstanceId } from '#model/id.ts';
import type { ImageDigest, ServiceWish } from '#model/node/desired.ts';
import { type Decision, earliest } from '../node/decision.ts';
import type { ServiceInstanceRecord, ServiceKind } from '../node/ledger.ts';
import type { ServiceAction } from './action.ts';

export interface ServiceObservation {
  /** Of each instance in the ledger: no container, one that is not ready yet, one that serves. */
  readonly containers: ReadonlyMap<InstanceId, 'none' | 'starting' | 'ready'>;
  /** Instances that ended again and again are not started before this time. */
  readonly notBefore: ReadonlyMap<InstanceId, number>;
  /** Where the public ports lead, as far as this agent has led them. */
  readonly published: InstanceId | undefined;
}

export interface ServiceSituation {
  readonly kind: ServiceKind;
  readonly wish: ServiceWish;
  readonly records: readonly ServiceInstanceRecord[];
  readonly observed: ServiceObservation;
  readonly unpacked: ReadonlySet<ImageDigest>;
  readonly now: number;
}

export interface ServiceRule {
  /** Whether two instances may run side by side while one takes over from the other. */
  readonly overlap: boolean;
  /** How long the former one may end what it began. */
  readonly drainMs: number;
}

export const SERVICE_RULES = {
  edge: { overlap: true, drainMs: 60_000 },
  // Message ids of Exim hold the process id, and both would have one spool: two of them could choose the same id.
  mail: { overlap: false, drainMs: 0 },
} as const satisfies Record<ServiceKind, ServiceRule>;

export function decideService(situation: ServiceSituation): Decision<ServiceAction> {
  const { kind, wish, records, unpacked } = situation;
  const current = records.find((one) => one.phase === 'current');
  const next = records.find((one) => one.phase === 'next');
  const actions: ServiceAction[] = [];

  for (const one of [current, next]) {
    if (one !== undefined && !unpacked.has(one.image))
      actions.push({ do: 'unpack-image', image: one.image, for: kind });
  }
  if (current !== undefined) actions.push(...keeping(situation, current));
  if (next === undefined) {
    if (current?.image !== wish.image) actions.push({ do: 'admit-service', service: kind, image: wish.image });
  } else if (next.image !== wish.image) {
    actions.push({ do: 'retire-service', service: kind, instance: next.id });
  } else {
    actions.push(...advancing(situation, current, next));
  }
  const draining = decideDraining(situation);
  const again = earliest([draining.again, ...[current, next].map((one) => waitsUntil(situation, one))]);
  return { actions: [...actions, ...draining.actions], alarms: [], again };
}

/** Until when a start has to wait, if it has. */
function waitsUntil(situation: ServiceSituation, record: ServiceInstanceRecord | undefined): number | undefined {
  const until = record === undefined ? undefined : situation.observed.notBefore.get(record.id);
  return until !== undefined && until > situation.now ? until : undefined;
}

/** Whether it can be started now. */
function mayStart(situation: ServiceSituation, record: ServiceInstanceRecord): boolean {
  return situation.unpacked.has(record.image) && waitsUntil(situation, record) === undefined;
}

/** The current one runs and is published, whatever becomes of the next. */
function keeping(situation: ServiceSituation, current: ServiceInstanceRecord): ServiceAction[] {
  const { kind, observed } = situation;
  switch (observed.containers.get(current.id) ?? 'none') {
    case 'none':
      return mayStart(situation, current) ? [{ do: 'start-service', service: kind, instance: current.id }] : [];
    case 'starting':
      return [];
    case 'ready':
      if (observed.published === current.id) return [];
      return [{ do: 'publish-service', service: kind, instance: current.id }];
  }
}

function advancing(
  situation: ServiceSituation,
  current: ServiceInstanceRecord | undefined,
  next: ServiceInstanceRecord,
): ServiceAction[] {
  const { kind, observed } = situation;
  switch (observed.containers.get(next.id) ?? 'none') {
    case 'starting':
      return [];
    case 'ready':
      return [{ do: 'switch-service', service: kind, instance: next.id }];
    case 'none':
      if (!mayStart(situation, next)) return [];
      if (current === undefined || SERVICE_RULES[kind].overlap) {
        return [{ do: 'start-service', service: kind, instance: next.id }];
      }
      return [{ do: 'replace-service', service: kind, instance: next.id, instead: current.id }];
  }
}

function decideDraining({ kind, records, observed, now }: ServiceSituation): Decision<ServiceAction> {
  const actions: ServiceAction[] = [];
  const times: number[] = [];
  for (const { id, phase, since } of records) {
    if (phase !== 'draining') continue;
    const until = since + SERVICE_RULES[kind].drainMs;
    // Not before the public ports lead elsewhere.
    if (observed.published === id) continue;
    if (now >= until || (observed.containers.get(id) ?? 'none') === 'none') {
      actions.push({ do: 'retire-service', service: kind, instance: id });
    } else times.push(until);
  }
  return { actions, alarms: [], again: earliest(times) };
}
