import { HofjeError } from '#model/error.ts';
import { SERVICE_GATEWAY, SITE_GATEWAY, SITE_NETWORK } from '#model/node/address.ts';
import { HOST_LINK, INNER_END_MAC, INNER_LINK, NODE_END_MAC, UPLINK } from './names.ts';

/** A wire between the node's network namespace and that of a site or a service. */
export interface Link {
  /** The nsfs file of the inner namespace. */
  readonly pin: string;
  /** Of the node's end: at most 15 of a-z, 0-9, `-`, beginning with a letter. */
  readonly interfaceName: string;
  /** The inner end's only address, of the sites' or the services' network. */
  readonly address: string;
}

/**
 * Between edge and site a whole answer goes in one piece; in pieces of an Ethernet's size it costs both twice the time in
 * the kernel. What leaves the node still fits into those.
 */
const MTU = { inside: 65_535, outside: 1500 } as const;

export function mustBeInterfaceName(name: string): void {
  if (/^[a-z][a-z0-9-]{0,14}$/.test(name) && ![HOST_LINK, UPLINK, 'lo'].includes(name)) return;
  throw new HofjeError('network.interface-name', `${JSON.stringify(name)} cannot name a link.`);
}

/**
 * The number of the node's end. A site can read it from its own end (IFLA_LINK), and the kernel's own numbers count how
 * many links were ever made; so it says only what the address says.
 */
export function interfaceIndex(address: string): number {
  const [, second = 0, third = 0, fourth = 0] = address.split('.').map(Number);
  return 0x0100_0000 + (second << 16) + (third << 8) + fourth;
}

export function gatewayOf(address: string): string {
  return address.startsWith('10.63.') ? SERVICE_GATEWAY : SITE_GATEWAY;
}

/** ip(8) batch, in the node: makes both ends. */
export function makeEnds(link: Link): string {
  const { interfaceName: name, pin } = link;
  return (
    `link add name ${name} index ${interfaceIndex(link.address)} address ${NODE_END_MAC} type veth ` +
    `peer name ${INNER_LINK} index 2 address ${INNER_END_MAC} netns ${pin}\n`
  );
}

/**
 * ip(8) batch, in the node: the near end, idempotent. There is no ARP on the wire, and both neighbours are permanent:
 * they take no place in the neighbour table that all namespaces of the kernel share.
 */
export function setNodeEnd(link: Link): string {
  const { interfaceName: name, address } = link;
  return [
    `link set dev ${name} arp off mtu ${MTU.inside}`,
    `link set dev ${name} up`,
    `neigh replace ${address} lladdr ${INNER_END_MAC} nud permanent dev ${name}`,
    `route replace ${address}/32 dev ${name} scope link src ${gatewayOf(address)}`,
    '',
  ].join('\n');
}

/** ip(8) batch, inside: the far end, idempotent. */
export function setInnerEnd(link: Link): string {
  const gateway = gatewayOf(link.address);
  return [
    'link set dev lo up',
    `address replace ${link.address}/32 dev ${INNER_LINK}`,
    `link set dev ${INNER_LINK} arp off mtu ${MTU.inside}`,
    `link set dev ${INNER_LINK} up`,
    `neigh replace ${gateway} lladdr ${NODE_END_MAC} nud permanent dev ${INNER_LINK}`,
    `route replace ${gateway}/32 dev ${INNER_LINK} scope link`,
    // What a site sends to the edge goes to the gateway; a service sends to the sites themselves.
    ...(gateway === SERVICE_GATEWAY ? [`route replace ${SITE_NETWORK} via ${gateway} dev ${INNER_LINK} onlink`] : []),
    `route replace default via ${gateway} dev ${INNER_LINK} onlink mtu ${MTU.outside}`,
    '',
  ].join('\n');
}

/** One end as `ip -json link show dev NAME` tells it. */
export interface LinkEnd {
  readonly index: number;
  readonly peerIndex: number | undefined;
}

export function parseLinkEnd(json: string): LinkEnd | undefined {
  if (json.trim() === '') return undefined;
  const [found] = JSON.parse(json) as { ifindex?: number; link_index?: number }[];
  return found?.ifindex === undefined ? undefined : { index: found.ifindex, peerIndex: found.link_index };
}

/** Whether two ends belong to one wire. */
export function areJoined(one: LinkEnd | undefined, other: LinkEnd | undefined): boolean {
  return one !== undefined && other !== undefined && one.peerIndex === other.index && other.peerIndex === one.index;
}
