import type { SiteId } from '#model/id.ts';

/**
 * What the agent and the edge say to each other: HTTP/1.1 with JSON over TCP to EDGE_ADMIN_PORT of the edge's address,
 * answered only to the node's own address.
 *
 *     PUT    /sites          EdgeTable   the whole table; replaces everything that was known
 *     PUT    /sites/SITE_ID  EdgeSite    one site, all its hosts; host names it no longer has are forgotten
 *     DELETE /sites/SITE_ID              forget a site; 204 also when it is unknown
 *     GET    /stats          -> EdgeStats
 *     GET    /generation     -> {"generation": n}   0 while no table was put since nginx began
 *
 * A change answers 204 when every worker serves by it; 400 with a sentence when the edge cannot use it (a key that does
 * not fit its certificate), and then the former entry stays.
 */
export const EDGE_ADMIN_PORT = 8079;

export interface EdgeTable {
  /** Chosen by the agent, greater than 0. A different number read back means that nginx began anew: put the table again. */
  readonly generation: number;
  readonly sites: readonly EdgeSite[];
}

export interface EdgeSite {
  readonly id: SiteId;
  /** `10.64.x.y:8080` of the current instance, running or not: a refused connection is what wakes it. */
  readonly upstream: string;
  /** Answer 503 without asking anybody. */
  readonly suspended: boolean;
  readonly hosts: readonly EdgeHost[];
}

export interface EdgeHost {
  /** Lower case, A-labels. */
  readonly name: string;
  readonly redirectToHttps: boolean;
  /** PEM, leaf first. */
  readonly chain: string;
  /** PEM, PKCS #8. */
  readonly key: string;
}

export interface EdgeStats {
  readonly generation: number;
  readonly sites: Readonly<Record<string, EdgeSiteStats>>;
}

/** Counters since nginx began; they start again at 0 with it. */
export interface EdgeSiteStats {
  readonly requests: number;
  readonly status5xx: number;
  /** By response time: upper bounds LATENCY_BOUNDS_MS, one more for the rest. */
  readonly latency: readonly number[];
  /** Requests and WebSockets that are open now, waking ones included. */
  readonly inFlight: number;
  /** Milliseconds since 1970 of the last begin or end of a request. */
  readonly lastActivity: number;
}
