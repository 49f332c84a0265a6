/** The node's end of the link to the machine. */
export const HOST_LINK = 'host0';
/** The node's way to the outside, where it has one: whoever makes an interface of this name also routes by it. */
export const UPLINK = 'uplink0';
/** The only interface of a site or a service besides its own loopback. */
export const INNER_LINK = 'eth0';

/**
 * Ethernet addresses of the two ends of every link. They are the same everywhere (each link is a wire of its own), so
 * that they tell nothing.
 */
export const NODE_END_MAC = '02:00:00:00:00:01';
export const INNER_END_MAC = '02:00:00:00:00:02';

/** The machine's end of the link to a node. */
export function hostInterface(slot: number): string {
  return `hofje${slot}`;
}
