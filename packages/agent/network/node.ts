import {
  nodeLink,
  platformUid,
  SERVICE_GATEWAY,
  SERVICE_NETWORK,
  SITE_GATEWAY,
  SITE_NETWORK,
} from '#model/node/address.ts';
import { areJoined } from './link.ts';
import { HOST_LINK, hostInterface, INNER_END_MAC, NODE_END_MAC } from './names.ts';
import { ensureNamespace, inside, isPinned, removeNamespace, type Settings } from './namespace.ts';
import { renderRuleset } from './ruleset.ts';
import { batch, nft, readEnd, removeEnd } from './wire.ts';

export interface NodeNetwork {
  /** The installation's number on this machine; it gives the addresses (`nodeLink`) and the name `hofje<slot>`. */
  readonly slot: number;
  /** Where the network namespace is pinned; its folder exists. */
  readonly pin: string;
  /** The port of the control plane on the machine's end of the link: the only one there that agent and gate may reach. */
  readonly controlPort: number;
}

const NODE_SETTINGS: Settings = {
  'net.ipv6.conf.all.disable_ipv6': 1,
  'net.ipv6.conf.default.disable_ipv6': 1,
  'net.ipv4.ip_forward': 1,
  // The ruleset's guard knows the one right address of each link, which is stricter.
  'net.ipv4.conf.all.rp_filter': 0,
  'net.ipv4.conf.default.rp_filter': 0,
  'net.ipv4.conf.all.accept_redirects': 0,
  'net.ipv4.conf.default.accept_redirects': 0,
  'net.ipv4.conf.all.send_redirects': 0,
  'net.ipv4.conf.default.send_redirects': 0,
  // Five days by default; RFC 5382 asks for two hours and four minutes at least.
  'net.netfilter.nf_conntrack_tcp_timeout_established': 7440,
  // Two minutes by default: at 2000 requests a second, closed connections alone would fill the table (262144 entries).
  'net.netfilter.nf_conntrack_tcp_timeout_time_wait': 10,
  'net.netfilter.nf_conntrack_tcp_timeout_fin_wait': 30,
  'net.netfilter.nf_conntrack_tcp_timeout_syn_sent': 30,
};

/**
 * The network namespace of a node, joined with the machine by a link of its own, with all rules. Runs in the machine's
 * network namespace, before the agent enters the new one. Idempotent; what an interrupted start left is repaired, and
 * links of sites that run stay as they are.
 */
export async function ensureNodeNetwork(network: NodeNetwork): Promise<void> {
  const { pin, slot, controlPort } = network;
  const rules = renderRuleset({ ...nodeLink(slot), controlPort, gateUid: platformUid(slot, 'gate') });
  const isNew = await ensureNamespace(pin, NODE_SETTINGS);
  if (isNew || !(await isJoined(network))) {
    await removeEnd([], hostInterface(slot));
    if (!isNew) await removeEnd(inside(pin), HOST_LINK);
    // The rules are there before the first packet.
    await nft(inside(pin), rules);
    await batch([], joinNode(network));
  } else await nft(inside(pin), rules);
  await batch([], setHostEnd(slot));
  await batch(inside(pin), setNodeSide(slot));
}

/** Removes the link and the pin of a node, or what exists of them. The namespace ends with its last process and pin. */
export async function removeNodeNetwork({ slot, pin }: Pick<NodeNetwork, 'slot' | 'pin'>): Promise<void> {
  await removeEnd([], hostInterface(slot));
  if (await isPinned(pin)) await removeEnd(inside(pin), HOST_LINK);
  await removeNamespace(pin);
}

async function isJoined({ slot, pin }: NodeNetwork): Promise<boolean> {
  return areJoined(await readEnd([], hostInterface(slot)), await readEnd(inside(pin), HOST_LINK));
}

function joinNode({ slot, pin }: NodeNetwork): string {
  return (
    `link add name ${hostInterface(slot)} address ${NODE_END_MAC} type veth ` +
    `peer name ${HOST_LINK} address ${INNER_END_MAC} netns ${pin}\n`
  );
}

/** ip(8) batch for the machine's end; no address of IPv6 either, not even a link-local one. */
function setHostEnd(slot: number): string {
  const name = hostInterface(slot);
  const { host, node, prefix } = nodeLink(slot);
  return [
    `link set dev ${name} addrgenmode none`,
    `link set dev ${name} arp off`,
    `link set dev ${name} up`,
    `address replace ${host}/${prefix} dev ${name}`,
    `neigh replace ${node} lladdr ${INNER_END_MAC} nud permanent dev ${name}`,
    '',
  ].join('\n');
}

/**
 * ip(8) batch inside the node. The two gateways are addresses of the node, on no link in particular. An address that no
 * link has is unreachable at once. The default route serves answers to visitors whom the machine forwards here; an
 * uplink's own (of a smaller metric) comes before it.
 */
function setNodeSide(slot: number): string {
  const { host, node, prefix } = nodeLink(slot);
  return [
    'link set dev lo up',
    `address replace ${SITE_GATEWAY}/32 dev lo`,
    `address replace ${SERVICE_GATEWAY}/32 dev lo`,
    `link set dev ${HOST_LINK} arp off`,
    `link set dev ${HOST_LINK} up`,
    `address replace ${node}/${prefix} dev ${HOST_LINK}`,
    `neigh replace ${host} lladdr ${NODE_END_MAC} nud permanent dev ${HOST_LINK}`,
    `route replace unreachable ${SITE_NETWORK}`,
    `route replace unreachable ${SERVICE_NETWORK}`,
    `route replace default via ${host} dev ${HOST_LINK} metric 4096`,
    '',
  ].join('\n');
}
