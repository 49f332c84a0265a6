/** A service that visitors reach on the node's address. */
export type PublicService = 'edge' | 'mail';

export interface PublishedPort {
  /** On the node's address. */
  readonly port: number;
  /** Where the service listens inside its container. */
  readonly target: number;
}

/** TCP ports of the node's address, and where they lead. nginx has no right to listen below 1024 in its container. */
export const PUBLISHED_PORTS = {
  edge: [
    { port: 80, target: 8080 },
    { port: 443, target: 8443 },
  ],
  mail: [25, 465, 587, 143, 993].map((port) => ({ port, target: port })),
} as const satisfies Record<PublicService, readonly PublishedPort[]>;

/** Where the agent tells the edge its table of hosts; reachable from the node itself only. */
export const EDGE_ADMIN_PORT = 8079;
/** Where the gate hands Exim the mail of sites; reachable from the node itself only. */
export const MAIL_SUBMISSION_PORT = 2525;

/** The n-th address for service instances, 1 < n < 2^16 - 1 (0 is the network, 1 the node). Never reused. */
export function serviceAddress(n: number): string {
  if (!Number.isInteger(n) || n <= 1 || n >= 2 ** 16 - 1) throw new RangeError(`no service address ${n}`);
  return `10.63.${n >> 8}.${n & 255}`;
}
