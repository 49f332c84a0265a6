import type { InstanceId, SiteId } from '#model/id.ts';
import type { ImageDigest, SiteWish, Tombstone } from '#model/node/desired.ts';
import type { EdgeEntry } from '../edge/protocol.ts';
import { type Decision, NOTHING } from '../node/decision.ts';
import { rememberedFingerprint } from '../node/fingerprint.ts';
import { currentInstance, type SiteRecord } from '../node/ledger.ts';
import type { SiteAction } from './action.ts';

/** What the agent knows of a site that it has in its ledger. */
export interface SiteObservation {
  readonly life: 'asleep' | 'starting' | 'running' | 'stopping' | 'suspended' | 'failed';
  /** Fingerprint of the wish that home, quota and limits were made for; undefined since the agent's start. */
  readonly prepared: string | undefined;
  /** Instances whose link and user namespace stand. */
  readonly linked: ReadonlySet<InstanceId>;
  /** Former instances whose container still exists. */
  readonly contained: ReadonlySet<InstanceId>;
  /** Former instances in which an entry still runs. */
  readonly entered: ReadonlySet<InstanceId>;
  /** The current instance runs and holds more memory than the wish allows: it cannot be given its new limit. */
  readonly oversized: boolean;
  /** Fingerprint of what the edge was told; undefined when it does not know the site. */
  readonly served: string | undefined;
}

export interface SiteSituation {
  readonly id: SiteId;
  readonly wish: SiteWish | undefined;
  readonly tombstone: Tombstone | undefined;
  readonly record: SiteRecord | undefined;
  readonly observed: SiteObservation;
  readonly purgedAt: number | undefined;
  readonly unpacked: ReadonlySet<ImageDigest>;
  readonly hasEdge: boolean;
  readonly now: number;
}

/** How long a former instance may end what it began (long uploads, WebSockets). */
export const SITE_DRAIN_MS = 60_000;
/** The same while an entry runs: longer than a mail pipe may take (see DOORS). */
export const SITE_DRAIN_ENTRIES_MS = 300_000;

export function decideSite(situation: SiteSituation): Decision<SiteAction> {
  if (situation.wish !== undefined) return decideWished(situation, situation.wish);
  if (situation.record === undefined) return NOTHING;
  if (situation.tombstone !== undefined) return decideDeleted(situation, situation.record, situation.tombstone);
  return {
    actions: [],
    alarms: [
      {
        code: 'site.unexplained-absence',
        message: `Site ${situation.id} lives here but is neither wished nor deleted; it is left as it is.`,
      },
    ],
    again: undefined,
  };
}

function decideWished(situation: SiteSituation, wish: SiteWish): Decision<SiteAction> {
  const alarms = [];
  if (situation.tombstone !== undefined) {
    alarms.push({ code: 'site.contradiction', message: `Site ${wish.id} is wished and deleted; it stays.` });
  }
  if (situation.purgedAt !== undefined) {
    const message = `Site ${wish.id} was purged here and is wished again; it begins empty.`;
    alarms.push({ code: 'site.returned-after-purge', message });
  }
  const { record } = situation;
  if (record === undefined) {
    return { actions: [{ do: 'admit-site', site: wish.id, image: wish.image }], alarms, again: undefined };
  }
  const draining = decideDraining(situation, record, wish.suspended);
  const actions = [
    ...unpacking(situation, record),
    ...preparing(situation, record, wish),
    ...suspending(situation, wish),
    ...flipping(situation, record, wish),
    ...serving(situation, wish),
    ...draining.actions,
  ];
  return { actions, alarms, again: draining.again };
}

function unpacking({ unpacked }: SiteSituation, record: SiteRecord): SiteAction[] {
  const needed = record.instances.filter((one) => one.phase !== 'draining' && !unpacked.has(one.image));
  return needed.map((one) => ({ do: 'unpack-image', image: one.image, for: 'site' }));
}

function preparing({ observed }: SiteSituation, record: SiteRecord, wish: SiteWish): SiteAction[] {
  const actions: SiteAction[] = [];
  const wanted = preparedFingerprint(wish);
  if (observed.prepared !== wanted) {
    actions.push({ do: 'prepare-site', site: wish.id, wish, fingerprint: wanted });
  }
  for (const instance of record.instances) {
    if (instance.phase !== 'draining' && !observed.linked.has(instance.id)) {
      actions.push({ do: 'prepare-instance', site: wish.id, instance: instance.id });
    }
  }
  return actions;
}

function suspending({ observed }: SiteSituation, wish: SiteWish): SiteAction[] {
  const suspended = observed.life === 'suspended';
  if (wish.suspended && !suspended) return [{ do: 'suspend-site', site: wish.id, because: 'suspended' }];
  if (!wish.suspended && suspended) return [{ do: 'resume-site', site: wish.id }];
  return [];
}

/**
 * From one image to another, or out of an instance that has grown beyond its limits: admit a second instance, prepare it,
 * and let it take over.
 */
function flipping(situation: SiteSituation, record: SiteRecord, wish: SiteWish): SiteAction[] {
  const { observed, unpacked } = situation;
  const next = record.instances.find((one) => one.phase === 'next');
  if (next === undefined) {
    if (currentInstance(record).image === wish.image && !observed.oversized) return [];
    return [{ do: 'admit-instance', site: wish.id, image: wish.image }];
  }
  if (next.image !== wish.image) return [{ do: 'retire-instance', site: wish.id, instance: next.id }];
  if (!unpacked.has(next.image) || !observed.linked.has(next.id)) return [];
  switch (observed.life) {
    case 'running':
      return [{ do: 'flip-site', site: wish.id, instance: next.id }];
    case 'asleep':
    case 'failed':
    case 'suspended':
      return [{ do: 'switch-site', site: wish.id }];
    case 'starting':
    case 'stopping':
      // Its state changes in a moment, and then it is decided again.
      return [];
  }
}

function serving({ observed, hasEdge }: SiteSituation, wish: SiteWish): SiteAction[] {
  if (!hasEdge) return [];
  const wanted = servedFingerprint(wish);
  if (observed.served === wanted) return [];
  return [{ do: 'serve-site', site: wish.id, entry: edgeEntry(wish), suspended: wish.suspended, fingerprint: wanted }];
}

/** Of what home, quota and limits are made for. */
export const preparedFingerprint = rememberedFingerprint((wish: SiteWish) => [wish.limits, wish.primaryName]);

/** Of what the edge is told. */
export const servedFingerprint = rememberedFingerprint((wish: SiteWish) => [edgeEntry(wish), wish.suspended]);

/** What the edge has to know of a site, besides where its requests go. */
export function edgeEntry(wish: SiteWish): EdgeEntry {
  return {
    hosts: wish.hosts.map(({ name, redirectToHttps, certificate }) => ({
      name,
      redirectToHttps,
      chain: certificate.chain,
      key: certificate.key,
    })),
  };
}

/** `isAtOnce`: the site is to be still, and so are its former instances. */
function decideDraining({ observed, now }: SiteSituation, record: SiteRecord, isAtOnce: boolean): Decision<SiteAction> {
  const actions: SiteAction[] = [];
  let again: number | undefined;
  for (const { phase, id, since } of record.instances) {
    if (phase !== 'draining') continue;
    const until = since + (observed.entered.has(id) ? SITE_DRAIN_ENTRIES_MS : SITE_DRAIN_MS);
    if (isAtOnce || now >= until || !observed.contained.has(id)) {
      actions.push({ do: 'retire-instance', site: record.id, instance: id });
    } else again = Math.min(again ?? until, until);
  }
  return { actions, alarms: [], again };
}

function decideDeleted(situation: SiteSituation, record: SiteRecord, tombstone: Tombstone): Decision<SiteAction> {
  const { observed, now } = situation;
  const actions: SiteAction[] = [];
  if (observed.served !== undefined) actions.push({ do: 'withdraw-site', site: record.id });
  if (observed.life !== 'suspended') actions.push({ do: 'suspend-site', site: record.id, because: 'deleted' });
  actions.push(...decideDraining(situation, record, true).actions);
  if (actions.length > 0) return { actions, alarms: [], again: undefined };
  if (now < tombstone.purgeAfter) return { actions, alarms: [], again: tombstone.purgeAfter };
  return { actions: [{ do: 'purge-site', site: record.id }], alarms: [], again: undefined };
}
