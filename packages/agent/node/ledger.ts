import { HofjeError } from '#model/error.ts';
import {
  type DomainId,
  type InstallationId,
  type InstanceId,
  makeId,
  type NodeId,
  opaqueName,
  type SiteId,
} from '#model/id.ts';
import { serviceAddress } from '#model/network/service.ts';
import { siteAddress, siteUidRange } from '#model/node/address.ts';
import type { ImageDigest } from '#model/node/desired.ts';
import { scatter } from './sequence.ts';

/**
 * What the node alone decides and must never repeat or forget: uids, addresses, folder names, and which instances exist.
 * Pure: a change gives a new ledger, which must be stored (`ledger-file.ts`) before anything is done by it.
 */
export interface Ledger {
  readonly version: 1;
  readonly installation: InstallationId;
  /** Null until the node is enrolled. */
  readonly node: NodeId | null;
  /** Hexadecimal; orders the numbers below. */
  readonly secret: string;
  /** How many numbers of each kind were given since the node began. */
  readonly given: { readonly siteUids: number; readonly siteAddresses: number; readonly serviceAddresses: number };
  /** The highest revision of the desired state that was accepted. */
  readonly revision: number;
  readonly sites: Readonly<Record<SiteId, SiteRecord>>;
  readonly services: readonly ServiceInstanceRecord[];
  /** Folder below disk/mail of each domain. */
  readonly domains: Readonly<Record<DomainId, { readonly folder: string }>>;
  /** Sites and domains whose data is deleted for good, with the time. */
  readonly purged: Readonly<Record<string, number>>;
}

export interface SiteRecord {
  readonly id: SiteId;
  /** uid and gid of everything that the site owns and runs. */
  readonly uid: number;
  /** Names nothing; folder below disk/sites and of the site's sockets. */
  readonly folder: string;
  readonly createdAt: number;
  /** Exactly one is `current`; at most one `next`. */
  readonly instances: readonly InstanceRecord[];
}

export interface InstanceRecord {
  readonly id: InstanceId;
  /** Names nothing; cgroup, pins, crun's id, and (shortened) the link of the instance. */
  readonly name: string;
  readonly image: ImageDigest;
  readonly address: string;
  readonly phase: Phase;
  /** When it came into this phase. */
  readonly since: number;
}

/**
 * - `next`: made for a new image, not yet serving.
 * - `current`: the one that serves (or sleeps).
 * - `draining`: gets nothing new; what it has begun may end.
 */
export type Phase = 'next' | 'current' | 'draining';

export type ServiceKind = 'edge' | 'mail';
export interface ServiceInstanceRecord extends InstanceRecord {
  readonly kind: ServiceKind;
}

export type RandomBytes = (length: number) => Uint8Array;

const KEY_BYTES = 32;
/** Numbers 0 (the network), 1 (the gateway) and the last (broadcast) are no addresses of instances. */
const SITE_ADDRESSES = 2 ** 22 - 3;
const SERVICE_ADDRESSES = 2 ** 16 - 3;
const FIRST_ADDRESS = 2;

export function newLedger(installation: InstallationId, random: RandomBytes): Ledger {
  return {
    version: 1,
    installation,
    node: null,
    secret: Buffer.from(random(KEY_BYTES)).toString('hex'),
    given: { siteUids: 0, siteAddresses: 0, serviceAddresses: 0 },
    revision: 0,
    sites: {},
    services: [],
    domains: {},
    purged: {},
  };
}

/** A new site with its first instance. Throws `node.exhausted` when all uids or addresses were given. */
export function admitSite(
  ledger: Ledger,
  slot: number,
  site: SiteId,
  image: ImageDigest,
  now: number,
  random: RandomBytes,
): Ledger {
  if (ledger.sites[site] !== undefined) throw new RangeError(`${site} is in the ledger already`);
  const range = siteUidRange(slot);
  const n = ledger.given.siteUids;
  const uid = range.from + draw(ledger, 'uid', range.to - range.from, n);
  const given = { ...ledger, given: { ...ledger.given, siteUids: n + 1 } };
  const [after, instance] = newSiteInstance(given, image, 'current', now, random);
  const record: SiteRecord = { id: site, uid, folder: opaqueName(random(20)), createdAt: now, instances: [instance] };
  return { ...after, sites: { ...after.sites, [site]: record } };
}

/** A second instance of a site, for another image. */
export function admitInstance(
  ledger: Ledger,
  site: SiteId,
  image: ImageDigest,
  now: number,
  random: RandomBytes,
): Ledger {
  const record = siteRecord(ledger, site);
  if (record.instances.some((one) => one.phase === 'next')) throw new RangeError(`${site} has a next instance already`);
  const [after, instance] = newSiteInstance(ledger, image, 'next', now, random);
  return withSite(after, { ...record, instances: [...record.instances, instance] });
}

/** The next instance becomes the current one, the current one drains. */
export function switchInstance(ledger: Ledger, site: SiteId, now: number): Ledger {
  const record = siteRecord(ledger, site);
  if (!record.instances.some((one) => one.phase === 'next')) throw new RangeError(`${site} has no next instance`);
  return withSite(ledger, { ...record, instances: record.instances.map((one) => advance(one, now)) });
}

/** Forgets an instance that is no longer current. Its address is never given again. */
export function forgetInstance(ledger: Ledger, site: SiteId, instance: InstanceId): Ledger {
  const record = siteRecord(ledger, site);
  const instances = record.instances.filter((one) => one.id !== instance);
  if (!instances.some((one) => one.phase === 'current')) throw new RangeError(`${instance} is current`);
  return withSite(ledger, { ...record, instances });
}

export function admitService(
  ledger: Ledger,
  kind: ServiceKind,
  image: ImageDigest,
  now: number,
  random: RandomBytes,
): Ledger {
  const n = ledger.given.serviceAddresses;
  const number = FIRST_ADDRESS + draw(ledger, 'service', SERVICE_ADDRESSES, n);
  const record: ServiceInstanceRecord = {
    kind,
    ...newInstance(image, serviceAddress(number), 'next', now, random),
  };
  return {
    ...ledger,
    given: { ...ledger.given, serviceAddresses: n + 1 },
    services: [...ledger.services, record],
  };
}

/** This instance serves from now on; the one that did drains. */
export function switchService(ledger: Ledger, instance: InstanceId, now: number): Ledger {
  const chosen = ledger.services.find((one) => one.id === instance);
  if (chosen === undefined) throw new RangeError(`${instance} is not in the ledger`);
  const services = ledger.services.map((one) => {
    if (one.id === instance) return { ...one, phase: 'current' as const, since: now };
    if (one.kind === chosen.kind && one.phase === 'current') return { ...one, phase: 'draining' as const, since: now };
    return one;
  });
  return { ...ledger, services };
}

export function forgetService(ledger: Ledger, instance: InstanceId): Ledger {
  return { ...ledger, services: ledger.services.filter((one) => one.id !== instance) };
}

export function admitDomain(ledger: Ledger, domain: DomainId, random: RandomBytes): Ledger {
  if (ledger.domains[domain] !== undefined) return ledger;
  return { ...ledger, domains: { ...ledger.domains, [domain]: { folder: opaqueName(random(20)) } } };
}

export function purgeSite(ledger: Ledger, site: SiteId, now: number): Ledger {
  const { [site]: _gone, ...sites } = ledger.sites;
  return { ...ledger, sites, purged: { ...ledger.purged, [site]: now } };
}

export function purgeDomain(ledger: Ledger, domain: DomainId, now: number): Ledger {
  const { [domain]: _gone, ...domains } = ledger.domains;
  return { ...ledger, domains, purged: { ...ledger.purged, [domain]: now } };
}

export function currentInstance(record: SiteRecord): InstanceRecord {
  const current = record.instances.find((one) => one.phase === 'current');
  if (current === undefined) throw new RangeError(`${record.id} has no current instance`);
  return current;
}

function siteRecord(ledger: Ledger, site: SiteId): SiteRecord {
  const record = ledger.sites[site];
  if (record === undefined) throw new RangeError(`${site} is not in the ledger`);
  return record;
}

function withSite(ledger: Ledger, record: SiteRecord): Ledger {
  return { ...ledger, sites: { ...ledger.sites, [record.id]: record } };
}

function advance(instance: InstanceRecord, now: number): InstanceRecord {
  switch (instance.phase) {
    case 'next':
      return { ...instance, phase: 'current', since: now };
    case 'current':
      return { ...instance, phase: 'draining', since: now };
    case 'draining':
      return instance;
  }
}

function newSiteInstance(
  ledger: Ledger,
  image: ImageDigest,
  phase: Phase,
  now: number,
  random: RandomBytes,
): readonly [Ledger, InstanceRecord] {
  const n = ledger.given.siteAddresses;
  const address = siteAddress(FIRST_ADDRESS + draw(ledger, 'address', SITE_ADDRESSES, n));
  return [
    { ...ledger, given: { ...ledger.given, siteAddresses: n + 1 } },
    newInstance(image, address, phase, now, random),
  ];
}

function newInstance(
  image: ImageDigest,
  address: string,
  phase: Phase,
  now: number,
  random: RandomBytes,
): InstanceRecord {
  return { id: makeId('instance', random(20)), name: opaqueName(random(20)), image, address, phase, since: now };
}

function draw(ledger: Ledger, kind: 'uid' | 'address' | 'service', size: number, n: number): number {
  if (n >= size) {
    throw new HofjeError('node.exhausted', `all ${size} numbers of this node's ${kind} range were given`, {
      hint: 'Numbers are never given twice; move sites to a new node.',
    });
  }
  // One key a range: equal positions of two ranges must not betray each other.
  return scatter(Buffer.from(`${kind}:${ledger.secret}`), size, n);
}
