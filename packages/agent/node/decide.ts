import type { DomainId, SiteId } from '#model/id.ts';
import type { DesiredState, ImageDigest, Tombstone } from '#model/node/desired.ts';
import type { ServiceAction } from '../service/action.ts';
import { decideService, type ServiceObservation } from '../service/decide.ts';
import type { SiteAction } from '../site/action.ts';
import { decideSite, type SiteObservation } from '../site/decide.ts';
import { combine, type Decision } from './decision.ts';
import { fingerprint, rememberedFingerprint } from './fingerprint.ts';
import type { Ledger, ServiceKind } from './ledger.ts';

/** What the agent does to bring the node nearer to its desired state. */
export type Action =
  | SiteAction
  | ServiceAction
  /** Folder names for new domains: entries in the ledger. */
  | { readonly do: 'admit-domains'; readonly domains: readonly DomainId[] }
  /** Mail folders with their limits, then the look-up files. */
  | { readonly do: 'write-mail'; readonly fingerprint: string }
  | { readonly do: 'purge-domain'; readonly domain: DomainId }
  /** Which sites may send mail, told to the gate. */
  | { readonly do: 'tell-gate'; readonly fingerprint: string };

export interface Observed {
  readonly unpacked: ReadonlySet<ImageDigest>;
  readonly sites: ReadonlyMap<SiteId, SiteObservation>;
  readonly services: Readonly<Record<ServiceKind, ServiceObservation>>;
  /** Fingerprint of the mail wish that the look-up files were written for. */
  readonly mail: string | undefined;
  readonly gate: string | undefined;
  /** Whether there is an edge to tell of sites. It is given all of them when it comes. */
  readonly hasEdge: boolean;
}

const UNSEEN: SiteObservation = {
  life: 'asleep',
  prepared: undefined,
  linked: new Set(),
  contained: new Set(),
  entered: new Set(),
  oversized: false,
  served: undefined,
};

/**
 * What to do now, from what should be and what is. Pure; when everything it names has been done it names nothing. It
 * never deletes what is merely missing. `desired` was accepted before (`accept.ts`).
 */
export function decide(desired: DesiredState, observed: Observed, ledger: Ledger, now: number): Decision<Action> {
  const tombstones = new Map(desired.tombstones.map((one) => [one.id as string, one]));
  return combine<Action>([
    ...(['edge', 'mail'] as const).map((kind) => decideOneService(kind, desired, observed, ledger, now)),
    decideMail(desired, observed, ledger),
    ...siteIds(desired, ledger).map((id) => decideOneSite(id, desired, observed, ledger, tombstones, now)),
    decideDomains(desired, ledger, now),
    decideGate(desired, observed, ledger),
  ]);
}

function decideOneService(
  kind: ServiceKind,
  desired: DesiredState,
  observed: Observed,
  ledger: Ledger,
  now: number,
): Decision<Action> {
  const records = ledger.services.filter((one) => one.kind === kind);
  return decideService({
    kind,
    wish: desired.services[kind],
    records,
    observed: observed.services[kind],
    unpacked: observed.unpacked,
    now,
  });
}

function siteIds(desired: DesiredState, ledger: Ledger): readonly SiteId[] {
  return [...new Set([...desired.sites.map((one) => one.id), ...(Object.keys(ledger.sites) as SiteId[])])];
}

function decideOneSite(
  id: SiteId,
  desired: DesiredState,
  observed: Observed,
  ledger: Ledger,
  tombstones: ReadonlyMap<string, Tombstone>,
  now: number,
): Decision<Action> {
  return decideSite({
    id,
    wish: wishes(desired).get(id),
    tombstone: tombstones.get(id),
    record: ledger.sites[id],
    observed: observed.sites.get(id) ?? UNSEEN,
    purgedAt: ledger.purged[id],
    unpacked: observed.unpacked,
    hasEdge: observed.hasEdge,
    now,
  });
}

const wishesOf = new WeakMap<DesiredState, ReadonlyMap<SiteId, DesiredState['sites'][number]>>();
/** The sites of a state by id; made once for each state. */
export function wishes(desired: DesiredState): ReadonlyMap<SiteId, DesiredState['sites'][number]> {
  const known = wishesOf.get(desired);
  if (known !== undefined) return known;
  const made = new Map(desired.sites.map((one) => [one.id, one]));
  wishesOf.set(desired, made);
  return made;
}

function decideMail(desired: DesiredState, observed: Observed, ledger: Ledger): Decision<Action> {
  const strange = desired.mail.domains.filter((one) => ledger.domains[one.id] === undefined);
  if (strange.length > 0) {
    const action = { do: 'admit-domains', domains: strange.map((one) => one.id) } as const;
    return { actions: [action], alarms: [], again: undefined };
  }
  const wanted = mailFingerprint(desired);
  const actions: Action[] = observed.mail === wanted ? [] : [{ do: 'write-mail', fingerprint: wanted }];
  return { actions, alarms: absentDomains(desired, ledger), again: undefined };
}

/** Everything that the look-up files are made of. */
const mailFingerprint = rememberedFingerprint((desired: DesiredState) => [
  desired.mail,
  desired.sites.map(({ id, suspended, primaryName, hosts }) => [
    id,
    suspended,
    primaryName,
    hosts.map(({ name }) => name),
  ]),
  desired.tombstones.map(({ id }) => id),
]);

function absentDomains(desired: DesiredState, ledger: Ledger) {
  const explained = new Set<string>([
    ...desired.mail.domains.map((one) => one.id),
    ...desired.tombstones.map((one) => one.id),
  ]);
  return Object.keys(ledger.domains)
    .filter((id) => !explained.has(id))
    .map((id) => ({
      code: 'domain.unexplained-absence',
      message: `Mail of domain ${id} lies here but the domain is neither wished nor deleted; its mail stays.`,
    }));
}

function decideDomains(desired: DesiredState, ledger: Ledger, now: number): Decision<Action> {
  const wished = new Set(desired.mail.domains.map((one) => one.id));
  const actions: Action[] = [];
  let again: number | undefined;
  for (const { kind, id, purgeAfter } of desired.tombstones) {
    const domain = id as DomainId;
    if (kind !== 'domain' || ledger.domains[domain] === undefined || wished.has(domain)) continue;
    if (now >= purgeAfter) actions.push({ do: 'purge-domain', domain });
    else again = Math.min(again ?? purgeAfter, purgeAfter);
  }
  return { actions, alarms: [], again };
}

function decideGate(desired: DesiredState, observed: Observed, ledger: Ledger): Decision<Action> {
  const wanted = gateFingerprint(desired, ledger, observed);
  const actions: Action[] = observed.gate === wanted ? [] : [{ do: 'tell-gate', fingerprint: wanted }];
  return { actions, alarms: [], again: undefined };
}

function gateFingerprint(desired: DesiredState, ledger: Ledger, observed: Observed): string {
  const sites = submissionSites(desired, ledger, observed.sites);
  return fingerprint([
    sites.map((one) => [one.id, one.primaryName, one.limits.mailPerHour, one.hosts.map(({ name }) => name)]),
    desired.mail.forwarders.flatMap((one) => (one.kind === 'pipe' ? [[one.id, one.site]] : [])),
  ]);
}

/** Sites that may send mail: not suspended, and the folder of their socket stands. */
export function submissionSites(
  desired: DesiredState,
  ledger: Ledger,
  sites: Observed['sites'],
): readonly DesiredState['sites'][number][] {
  return desired.sites.filter(
    ({ id, suspended }) => !suspended && ledger.sites[id] !== undefined && sites.get(id)?.prepared !== undefined,
  );
}
