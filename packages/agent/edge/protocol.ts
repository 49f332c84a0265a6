import type { SiteId } from '#model/id.ts';

/**
 * What the agent and the edge say to each other: HTTP/1.1 with JSON over TCP to EDGE_ADMIN_PORT of the edge's address,
 * answered only to the node's own address.
 *
 *     PUT    /sites          EdgeTable   the whole table; replaces everything that was known
 *     PUT    /sites/SITE_ID  EdgeSite    one site, all its hosts; host names it no longer has are forgotten
 *     PATCH  /sites/SITE_ID  EdgePointer where its requests go; its hosts stay
 *     DELETE /sites/SITE_ID              forget a site
 *     GET    /stats?since=MS -> EdgeStats       sites active since then, or with requests in flight
 *     GET    /generation     -> EdgeGeneration
 *
 * A change answers 204 when every worker serves by it; 400 with `{message}` when the edge cannot use it (a key that does
 * not fit its certificate), and then the former entry stays; 409 when it is meant for another generation.
 */
export interface EdgeGeneration {
  /** Chosen by nginx when it starts: another one than before means that it has forgotten everything. */
  readonly generation: string;
  /** Whether it was given a whole table. */
  readonly filled: boolean;
}

export interface EdgeTable {
  readonly generation: string;
  readonly sites: readonly EdgeSite[];
}

export interface EdgeSite extends EdgeEntry, EdgePointer {
  readonly id: SiteId;
}

/** What of a site follows from its wish. */
export interface EdgeEntry {
  readonly hosts: readonly EdgeHost[];
}

export interface EdgePointer {
  /** `10.64.x.y:8080` of the instance that serves; null: every request asks the gate first, which has it woken. */
  readonly upstream: string | null;
  /** Answer 503 without asking anybody. */
  readonly suspended: boolean;
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
  readonly generation: string;
  /** The edge's clock, milliseconds since 1970: what to give as `since` next time. */
  readonly now: number;
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
