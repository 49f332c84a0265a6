import { MAIL_SUBMISSION_PORT, PUBLISHED_PORTS } from '#model/network/service.ts';
import { SERVICE_NETWORK, SITE_GATEWAY, SITE_NETWORK, SITE_PORT } from '#model/node/address.ts';
import { HOST_LINK, UPLINK } from './names.ts';

export const TABLE = 'inet hofje';

export interface NodeRules {
  /** Addresses of the link to the machine. */
  readonly host: string;
  readonly node: string;
  /** Where the control plane listens on the machine's end of that link. */
  readonly controlPort: number;
  /** The gate dials the control plane for streams; nobody else but the agent does. */
  readonly gateUid: number;
}

/** Where neither a site nor a service opens a connection: private, local, shared, multicast and reserved (RFC 6890). */
const PRIVATE_NETWORKS = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/3',
] as const;

/**
 * All rules of a node's network namespace, as one atomic nft(8) input. Rules are replaced, the sets and their elements
 * (one per link) stay, so that it may be applied again while sites run.
 *
 * - `guard` runs before connection tracking: a packet has the address of the link it came by, or it is gone. After it a
 *   source address says who is speaking.
 * - `arrival` judges what comes in before it is routed. So what is refused is refused in one way, whether the target is a
 *   running neighbour, an address that nobody has, the node or the machine: TCP with a reset at once, the rest with an
 *   ICMP error (which the kernel rations).
 * - `transit`, `delivery` and `departure` admit by interface only what `arrival` can have let through.
 * - IPv6 is refused everywhere: `guard` and `departure` know no rule for it.
 */
export function renderRuleset(rules: NodeRules): string {
  return `add table ${TABLE}
flush table ${TABLE}
table ${TABLE} {
${sets()}
${guard(rules)}
${arrival(rules)}
${refusal()}
${translation(rules)}
${backstop()}
${departure(rules)}
}
`;
}

function sets(): string {
  return `
  set sites { type ifname . ipv4_addr; }
  set edges { type ifname . ipv4_addr; }
  set mails { type ifname . ipv4_addr; }
  set live_sites { type ipv4_addr; }
  # Per site: more open connections, or new ones a second, than it may have.
  set crowded { type ifname; ct count over 1; }
  set hasty { type ifname; limit rate over 1/second; }
  map published_edge { type inet_service : ipv4_addr . inet_service; }
  map published_mail { type inet_service : ipv4_addr . inet_service; }
  set private_networks { type ipv4_addr; flags interval; elements = { ${PRIVATE_NETWORKS.join(', ')} } }
`;
}

function guard(rules: NodeRules): string {
  return `
  chain guard {
    type filter hook prerouting priority raw; policy drop;
    iifname "lo" accept
    iifname . ip saddr @sites accept
    iifname . ip saddr @edges accept
    iifname . ip saddr @mails accept
    iifname "${HOST_LINK}" ip saddr != { ${SITE_NETWORK}, ${SERVICE_NETWORK}, 127.0.0.0/8, ${rules.node} } accept
    iifname "${UPLINK}" ip saddr != { ${SITE_NETWORK}, ${SERVICE_NETWORK}, 127.0.0.0/8, ${rules.node}, ${rules.host} } accept
  }`;
}

function arrival(rules: NodeRules): string {
  return `
  chain arrival {
    type filter hook prerouting priority mangle; policy drop;
    iifname "lo" accept
    ct state established,related accept
    ct state invalid drop
    ip saddr ${SITE_NETWORK} goto from_site
    iifname . ip saddr @edges goto from_edge
    iifname . ip saddr @mails goto from_mail
    iifname "${HOST_LINK}" goto from_host
    goto refuse
  }
  chain from_site {
    ip daddr @private_networks goto refuse
    fib daddr oifname != "${UPLINK}" goto refuse
    tcp dport 25 goto refuse
    iifname @hasty goto refuse
    iifname @crowded goto refuse
    accept
  }
  chain from_edge {
    ip daddr @live_sites tcp dport ${SITE_PORT} accept
    goto refuse
  }
  chain from_mail {
    ip daddr @private_networks goto refuse
    fib daddr oifname != "${UPLINK}" goto refuse
    tcp dport { 25, 53 } accept
    udp dport 53 accept
    goto refuse
  }
  chain from_host {
    ip daddr ${rules.node} tcp dport { ${publishedPorts().join(', ')} } accept
    ip daddr ${rules.node} icmp type echo-request accept
    goto refuse
  }`;
}

function refusal(): string {
  return `
  chain refuse {
    meta l4proto tcp reject with tcp reset
    reject with icmp type host-unreachable
  }`;
}

function translation(rules: NodeRules): string {
  const published = (['edge', 'mail'] as const).map(
    (service) => `ip daddr ${rules.node} dnat ip to tcp dport map @published_${service}`,
  );
  return `
  chain publish {
    type nat hook prerouting priority dstnat; policy accept;
    ${published.join('\n    ')}
  }
  chain publish_here {
    type nat hook output priority -100; policy accept;
    ${published.join('\n    ')}
  }
  chain disguise {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${SERVICE_NETWORK} ip daddr ${SITE_NETWORK} snat ip to ${SITE_GATEWAY}
    oifname "${UPLINK}" masquerade
  }`;
}

function backstop(): string {
  return `
  chain transit {
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    iifname "${HOST_LINK}" ct status dnat ip daddr ${SERVICE_NETWORK} accept
    ip saddr ${SERVICE_NETWORK} ip daddr @live_sites accept
    ip saddr { ${SITE_NETWORK}, ${SERVICE_NETWORK} } oifname "${UPLINK}" accept
    goto refuse
  }
  chain delivery {
    type filter hook input priority filter; policy drop;
    iifname "lo" accept
    ct state established,related accept
    iifname "${HOST_LINK}" icmp type echo-request accept
    goto refuse
  }`;
}

/** The node's own processes: the agent (root) and the gate (no rights; it reads what strangers send). */
function departure(rules: NodeRules): string {
  return `
  chain departure {
    type filter hook output priority filter; policy drop;
    oifname "lo" accept
    ct state established,related accept
    ip daddr ${SERVICE_NETWORK} meta skuid 0 accept
    ip daddr ${SERVICE_NETWORK} tcp dport ${MAIL_SUBMISSION_PORT} accept
    ip daddr ${SITE_NETWORK} meta skuid 0 accept
    oifname "${HOST_LINK}" ip daddr ${rules.host} tcp dport ${rules.controlPort} meta skuid { 0, ${rules.gateUid} } accept
    goto refuse
  }`;
}

function publishedPorts(): readonly number[] {
  return Object.values(PUBLISHED_PORTS).flatMap((ports) => ports.map(({ port }) => port));
}

/**
 * The rules inside the namespace of a site or a service, one atomic nft(8) input. Multicast and broadcast make a neighbour
 * entry per address even where every route leads through the gateway, and the table of neighbours is one for the whole
 * kernel. No connection tracking: the node's is enough.
 */
export const INNER_RULES = `add table ip house
flush table ip house
table ip house {
  chain departure {
    type filter hook output priority raw; policy accept;
    oifname != "lo" ip daddr 224.0.0.0/3 drop
  }
}
`;
