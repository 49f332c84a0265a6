import type { Pipe, SubmissionSite } from '#contract/gate/messages.ts';
import type { DesiredState } from '#model/node/desired.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { ServiceKeeper } from '../service/service-keeper.ts';
import type { SiteKeeper } from '../site/site-keeper.ts';
import { type Action, type Observed, submissionSites } from './decide.ts';
import type { Images } from './images.ts';
import { type NodeIdentity, submissionFolder } from './instance-plans.ts';
import { admitDomain, admitInstance, admitService, admitSite, type Ledger, type RandomBytes } from './ledger.ts';
import type { LedgerStore } from './ledger-store.ts';
import type { MailKeeper } from './mail-keeper.ts';

/** Who does what a decision names. */
export interface Hands {
  readonly node: NodeIdentity;
  readonly store: LedgerStore;
  readonly sites: SiteKeeper;
  readonly services: ServiceKeeper;
  readonly images: Images;
  readonly mail: MailKeeper;
  readonly gateway: Gateway;
  readonly desired: () => DesiredState;
  readonly observe: () => Observed;
  readonly toldGate: (fingerprint: string) => void;
  readonly now: () => number;
  readonly random: RandomBytes;
}

/** Actions of one site, one service, one image are done in order; different ones side by side. */
export function keyOf(action: Action): string {
  switch (action.do) {
    case 'unpack-image':
      return `image ${action.image.slice(0, 19)}`;
    case 'admit-service':
    case 'start-service':
    case 'replace-service':
    case 'switch-service':
    case 'publish-service':
    case 'retire-service':
      return `service ${action.service}`;
    case 'admit-domains':
    case 'write-mail':
      return MAIL_KEY;
    case 'purge-domain':
      return `domain ${action.domain}`;
    case 'tell-gate':
      return 'gate';
    default:
      return siteKey(action.site);
  }
}

export const MAIL_KEY = 'mail';

export function siteKey(site: string): string {
  return `site ${site}`;
}

type Admission = Extract<Action, { readonly do: `admit-${string}` }>;

export function isAdmission(action: Action): action is Admission {
  return action.do.startsWith('admit-');
}

/** All in one change of the ledger: a hundred new sites cost one write. */
export async function admitAll({ store, node, now, random }: Hands, actions: readonly Action[]): Promise<void> {
  await store.change((ledger) =>
    actions.filter(isAdmission).reduce((before, action) => admitOne(before, action, node.slot, now(), random), ledger),
  );
}

function admitOne(ledger: Ledger, action: Admission, slot: number, now: number, random: RandomBytes): Ledger {
  switch (action.do) {
    case 'admit-site':
      return admitSite(ledger, slot, action.site, action.image, now, random);
    case 'admit-instance':
      return admitInstance(ledger, action.site, action.image, now, random);
    case 'admit-service':
      return admitService(ledger, action.service, action.image, now, random);
    case 'admit-domains':
      return action.domains.reduce((before, domain) => admitDomain(before, domain, random), ledger);
  }
}

export async function perform(hands: Hands, action: Action): Promise<void> {
  switch (action.do) {
    case 'unpack-image':
      return await hands.images.unpack(action.image, action.for);
    case 'start-service':
    case 'replace-service':
    case 'switch-service':
    case 'publish-service':
    case 'retire-service':
      return await hands.services.perform(action);
    case 'write-mail':
      return await hands.mail.write(hands.desired(), action.fingerprint);
    case 'purge-domain':
      return await hands.mail.purge(action.domain);
    case 'tell-gate':
      hands.gateway.tellSites(submissionList(hands));
      hands.gateway.tellPipes(pipeList(hands.desired()));
      hands.toldGate(action.fingerprint);
      return undefined;
    case 'admit-site':
    case 'admit-instance':
    case 'admit-service':
    case 'admit-domains':
      return await admitAll(hands, [action]);
    default:
      return await hands.sites.perform(action);
  }
}

function pipeList(desired: DesiredState): readonly Pipe[] {
  return desired.mail.forwarders.flatMap((one) => (one.kind === 'pipe' ? [{ forwarder: one.id, site: one.site }] : []));
}

function submissionList(hands: Hands): readonly SubmissionSite[] {
  const { ledger } = hands.store;
  return submissionSites(hands.desired(), ledger, hands.observe().sites).flatMap((wish) => {
    const record = ledger.sites[wish.id];
    if (record === undefined) return [];
    return {
      id: wish.id,
      folder: submissionFolder(hands.node.folders, record),
      primaryName: wish.primaryName,
      senderDomains: [...new Set([wish.primaryName, ...wish.hosts.map((host) => host.name)])],
      mailPerHour: wish.limits.mailPerHour,
    };
  });
}
