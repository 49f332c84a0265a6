/** The uid and address plan of an installation (see ARCHITECTURE.md). Pure arithmetic. */

export const SLOTS = 448;
const UID_FLOOR = 0x1000_0000;
const UIDS_PER_SLOT = 0x80_0000;
/** Ids in the range of one image kind: containers map 0..999 to it. */
export const KIND_UIDS = 1000;
const SITE_UID_OFFSET = 0x10_0000;

/** The first uid (and gid) of an image kind's range. Each kind has its own: no uid of a site is ever one of a service. */
export function kindUidBase(slot: number, kind: 'edge' | 'mail' | 'db' | 'site'): number {
  const index = { edge: 0, mail: 1, db: 2, site: 3 }[kind];
  return uidBase(slot) + index * KIND_UIDS;
}

/** The uids under which the platform's own unprivileged processes run. */
export function platformUid(slot: number, process: 'control' | 'gate'): number {
  return uidBase(slot) + 10_000 + { control: 0, gate: 1 }[process];
}

/** The range of uids for sites: first and one past the last. */
export function siteUidRange(slot: number): { readonly from: number; readonly to: number } {
  return { from: uidBase(slot) + SITE_UID_OFFSET, to: uidBase(slot) + UIDS_PER_SLOT };
}

function uidBase(slot: number): number {
  if (!Number.isInteger(slot) || slot < 0 || slot >= SLOTS)
    throw new RangeError(`slot ${slot} is not in 0..${SLOTS - 1}`);
  return UID_FLOOR + slot * UIDS_PER_SLOT;
}

/** The link between the machine and the node's network namespace: a /30 of the shared address space (RFC 6598). */
export function nodeLink(slot: number): { readonly host: string; readonly node: string; readonly prefix: 30 } {
  const second = 64 + (slot >> 6);
  const third = (slot & 63) * 4;
  return { host: `100.${second}.${third}.1`, node: `100.${second}.${third}.2`, prefix: 30 };
}

/** The node's end of every site's link; the same everywhere, so that it tells nothing. */
export const SITE_GATEWAY = '10.64.0.1';
export const SITE_NETWORK = '10.64.0.0/10';
/** The node's end of every service's link, and the network of all of them. */
export const SERVICE_GATEWAY = '10.63.0.1';
export const SERVICE_NETWORK = '10.63.0.0/16';
/** Where Apache listens inside a site. */
export const SITE_PORT = 8080;

/** The n-th address of the sites' network, 1 < n < 2^22 - 1 (0 is the network, 1 the gateway). */
export function siteAddress(n: number): string {
  if (!Number.isInteger(n) || n <= 1 || n >= 2 ** 22 - 1) throw new RangeError(`no site address ${n}`);
  return `10.${64 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;
}
