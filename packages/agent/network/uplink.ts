import { HofjeError } from '#model/error.ts';
import { areJoined } from './link.ts';
import { INNER_LINK, UPLINK } from './names.ts';
import { ensureNamespace, inside, isPinned } from './namespace.ts';
import { batch, readEnd, removeEnd } from './wire.ts';

/** The two ends of an uplink (RFC 2544 reserved them for tests of networks). */
const NODE_END = '198.18.0.2';
const OUTER_END = '198.18.0.1';

export interface Uplink {
  readonly nodePin: string;
  /** The namespace that plays the outside; pinned anew where it does not exist. */
  readonly outerPin: string;
  /** The addresses by which the outside is known there. */
  readonly outerAddresses: readonly string[];
}

/**
 * Gives a node a way to the outside, which is a namespace of our own: what a demonstration or a test uses in the place of
 * the Internet. Needs no namespace in particular to run in. Idempotent.
 */
export async function ensureUplink(uplink: Uplink): Promise<void> {
  const node = inside(uplink.nodePin);
  const outer = inside(uplink.outerPin);
  if (!(await isPinned(uplink.nodePin))) throw new HofjeError('network.no-node', 'The node has no network yet.');
  await ensureNamespace(uplink.outerPin, { 'net.ipv6.conf.all.disable_ipv6': 1 });
  if (!areJoined(await readEnd(node, UPLINK), await readEnd(outer, INNER_LINK))) {
    await removeEnd(node, UPLINK);
    await removeEnd(outer, INNER_LINK);
    await batch(node, `link add name ${UPLINK} type veth peer name ${INNER_LINK} netns ${uplink.outerPin}\n`);
  }
  await batch(outer, setOuter(uplink.outerAddresses));
  await batch(node, setUplink());
}

/** Takes the uplink away; the outer namespace stays. */
export async function removeUplink({ nodePin }: Pick<Uplink, 'nodePin'>): Promise<void> {
  if (await isPinned(nodePin)) await removeEnd(inside(nodePin), UPLINK);
}

function setOuter(addresses: readonly string[]): string {
  return [
    'link set dev lo up',
    `address replace ${OUTER_END}/30 dev ${INNER_LINK}`,
    `link set dev ${INNER_LINK} up`,
    ...addresses.map((address) => `address replace ${address}/32 dev lo`),
    '',
  ].join('\n');
}

function setUplink(): string {
  return [
    `address replace ${NODE_END}/30 dev ${UPLINK}`,
    `link set dev ${UPLINK} up`,
    `route replace default via ${OUTER_END} dev ${UPLINK}`,
    '',
  ].join('\n');
}
