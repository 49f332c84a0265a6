import type { PublicService } from '#model/network/service.ts';
import {
  addService,
  addSite,
  type ConnectionLimits,
  changeLimits,
  publish,
  readLimits,
  removeElements,
  showsLimits,
} from './elements.ts';
import { type Link, mustBeInterfaceName } from './link.ts';
import { ensureNamespace, inside, removeNamespace, type Settings } from './namespace.ts';
import { INNER_RULES } from './ruleset.ts';
import { ensureWire, nft, removeEnd } from './wire.ts';

export { ensureNodeNetwork, type NodeNetwork, removeNodeNetwork } from './node.ts';

/*
 * The links of sites and services. Everything in this file runs inside the node's network namespace, which node.ts makes.
 */

export interface SiteLink extends Link, ConnectionLimits {}

export interface ServiceLink extends Link {
  readonly kind: PublicService;
}

const INNER_SETTINGS: Settings = {
  'net.ipv6.conf.all.disable_ipv6': 1,
  'net.ipv6.conf.default.disable_ipv6': 1,
  'net.ipv4.conf.all.accept_redirects': 0,
  'net.ipv4.conf.default.accept_redirects': 0,
};

const SERVICE_SETTINGS: Settings = {
  ...INNER_SETTINGS,
  // A service's programs have no right over their network namespace, which is the agent's, and yet listen on port 25.
  'net.ipv4.ip_unprivileged_port_start': 0,
  // The edge may open thousands of connections a second to one and the same site.
  'net.ipv4.ip_local_port_range': '10240 65535',
  'net.ipv4.tcp_tw_reuse': 1,
};

/**
 * A network namespace for a site, pinned at `pin`: `eth0` with its one address, a default route by way of the node, no
 * IPv6. The node takes nothing but that address from it, and counts its connections. Idempotent; repairs wrecks.
 */
export async function ensureSiteLink(link: SiteLink): Promise<void> {
  mustBeInterfaceName(link.interfaceName);
  const isNew = await ensureNamespace(link.pin, INNER_SETTINGS);
  await Promise.all([ensureWire(link, isNew), ensureInnerRules(link.pin), ensureSiteElements(link, isNew)]);
}

/** The same for an instance of a service. Its public ports are led to it by `publishService`. */
export async function ensureServiceLink(link: ServiceLink): Promise<void> {
  mustBeInterfaceName(link.interfaceName);
  const isNew = await ensureNamespace(link.pin, SERVICE_SETTINGS);
  const elements = nft([], addService(link.kind, link.interfaceName, link.address));
  await Promise.all([ensureWire(link, isNew), ensureInnerRules(link.pin), elements]);
}

/** Takes away a link and the pin of its namespace, or what exists of them. From then on its address refuses at once. */
export async function removeLink(link: Link): Promise<void> {
  mustBeInterfaceName(link.interfaceName);
  await nft([], removeElements(link.interfaceName, link.address));
  await Promise.all([removeEnd([], link.interfaceName), removeNamespace(link.pin)]);
}

/**
 * Leads the public TCP ports of a service to the instance with this address, in one atomic step; open connections stay
 * where they are. `undefined`: the ports refuse.
 */
export async function publishService(service: PublicService, address: string | undefined): Promise<void> {
  await nft([], publish(service, address));
}

async function ensureInnerRules(pin: string): Promise<void> {
  await nft(inside(pin), INNER_RULES);
}

async function ensureSiteElements(link: SiteLink, isNew: boolean): Promise<void> {
  const { interfaceName, address } = link;
  if (isNew) {
    // What an earlier link of this name left behind may have other limits.
    await nft([], removeElements(interfaceName, address) + addSite(interfaceName, address, link));
    return;
  }
  const found = await nft([], addSite(interfaceName, address, link) + readLimits(interfaceName));
  if (!showsLimits(found, interfaceName, link)) await nft([], changeLimits(interfaceName, link));
}
