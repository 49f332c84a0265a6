/**
 * What a node's agent and the control plane say to each other. Agents call in; every route asks for the node's
 * certificate except `enrol`, which asks for a one-time token.
 *
 *     POST /agent/v1/enrol     EnrolRequest  -> EnrolAnswer     (TLS, no client certificate)
 *     POST /agent/v1/renew     RenewRequest  -> EnrolAnswer     (mutual TLS)
 *     GET  /agent/v1/desired                 -> DesiredState    (ETag is the revision; 304 when unchanged)
 *     POST /agent/v1/report    NodeReport    -> 204
 *     GET  /agent/v1/link      WebSocket     ControlMessage down, AgentMessage up
 *     GET  /stream/v1/:ticket  WebSocket     frames of contract/gate, one a message (gate dials; the ticket is the right)
 */

import type { Door } from '#model/door/door.ts';
import type { Outcome, OutcomeKind } from '#model/door/outcome.ts';
import type { ForwarderId, InstanceId, NodeId, SiteId } from '#model/id.ts';
import type { ImageDigest } from '#model/node/desired.ts';
import type { SiteState } from '#model/site/state.ts';

export interface EnrolRequest {
  readonly token: string;
  /** PKCS #10, PEM. */
  readonly csr: string;
}
export interface RenewRequest {
  readonly csr: string;
}
export interface EnrolAnswer {
  readonly installation: string;
  readonly node: NodeId;
  readonly certificate: string;
  readonly ca: string;
}

export type ControlMessage =
  | { readonly kind: 'changed'; readonly revision: number }
  | {
      readonly kind: 'stream';
      /** Single use, valid for a minute. */
      readonly ticket: string;
      /** Where the gate dials: wss://.../stream/v1/TICKET of the replica that waits. */
      readonly url: string;
      readonly site: SiteId;
      readonly door: Door;
      readonly argv: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly terminal?: { readonly columns: number; readonly rows: number };
    }
  | { readonly kind: 'ask'; readonly id: string; readonly question: Question };

/** Questions that a node answers at once. */
export type Question =
  | { readonly ask: 'queue-list' }
  | { readonly ask: 'queue-show'; readonly message: string }
  | { readonly ask: 'queue-retry'; readonly message?: string }
  | { readonly ask: 'pipe-runs'; readonly forwarder: ForwarderId }
  | {
      readonly ask: 'pipe-test';
      readonly forwarder: ForwarderId;
      /** As the door gives them to a message (model/mail/variables). */
      readonly env: Readonly<Record<string, string>>;
      /** Header and body, lines ended by LF. */
      readonly message: string;
    }
  | { readonly ask: 'site-wake'; readonly site: SiteId }
  | { readonly ask: 'site-stop'; readonly site: SiteId }
  | { readonly ask: 'site-logs'; readonly site: SiteId; readonly lines: number }
  | {
      readonly ask: 'mail-send';
      readonly from: string;
      readonly to: string;
      /** One line. */
      readonly subject: string;
      readonly text: string;
    }
  | {
      readonly ask: 'probe-run';
      readonly site?: SiteId;
      readonly door?: Door | 'web';
      /** Only from these, and from no site that sleeps: it stays asleep, and there is no row of it. */
      readonly among?: { readonly decoys: boolean; readonly sites: readonly SiteId[] };
    };

/** Of `site-wake` and `site-stop`: when it was carried out, milliseconds since 1970 by the node's clock. A report follows. */
export interface CarriedOut {
  readonly at: number;
}

/** A message that went into a pipe: answered to `pipe-test`, and those of the last ones to `pipe-runs` as `{ runs }`. */
export interface PipeRun {
  /** Milliseconds since 1970, the node's clock. */
  readonly at: number;
  readonly milliseconds: number;
  readonly outcome: Outcome;
  /** Its owner tried it. */
  readonly test: boolean;
  /** The beginning of what the program wrote; for its owner alone. */
  readonly output: string;
  /** It wrote more. */
  readonly cut: boolean;
}

export type AgentMessage =
  | { readonly kind: 'answer'; readonly id: string; readonly ok: true; readonly value: unknown }
  | {
      readonly kind: 'answer';
      readonly id: string;
      readonly ok: false;
      readonly code: string;
      readonly message: string;
    };

export interface NodeReport {
  readonly node: NodeId;
  /** Milliseconds since 1970, the node's clock. */
  readonly at: number;
  /** The revision that is applied as a whole. */
  readonly revision: number;
  readonly facts: {
    readonly kernel: string;
    readonly crun: string;
    readonly cgroups: 'v1' | 'v2';
    readonly memoryBytes: number;
    readonly processors: number;
    /** The disk that sites and mail lie on. */
    readonly disk?: DiskRoom;
  };
  readonly alarms: readonly Alarm[];
  readonly services: readonly ServiceReport[];
  readonly sites: readonly SiteReport[];
  readonly signals: readonly SignalWindow[];
}

export interface DiskRoom {
  readonly sizeBytes: number;
  readonly freeBytes: number;
}

export interface Alarm {
  readonly code: string;
  readonly message: string;
  readonly since: number;
}

export interface ServiceReport {
  readonly kind: 'edge' | 'mail';
  readonly instance: InstanceId;
  readonly image: ImageDigest;
  readonly state: 'running' | 'starting' | 'failed';
  readonly reason?: string;
}

export interface SiteReport {
  readonly id: SiteId;
  readonly state: SiteState;
  /** Why it is as it is, for the owner and the operator; no host paths. */
  readonly reason?: string;
  readonly instance: InstanceId;
  readonly image: ImageDigest;
  /** The revision of the wish that is applied for this site (hosts served, limits set). */
  readonly applied: number;
}

/** One minute of one site. All counts are of this window; `faults` is what rollouts judge by. */
export interface SignalWindow {
  readonly site: SiteId;
  readonly from: number;
  readonly seconds: number;
  readonly requests: number;
  readonly status5xx: number;
  /** Requests by response time: upper bounds of LATENCY_BOUNDS_MS, one more for the rest. */
  readonly latency: readonly number[];
  readonly memoryBytesPeak: number;
  readonly cpuMilliseconds: number;
  readonly diskBytes: number;
  readonly wakes: number;
  /** For each wake that ended well: from the order to ready. */
  readonly wakeMilliseconds?: readonly number[];
  /** What became of mail for the site's pipes and of mail that it sent. */
  readonly mail?: readonly { readonly outcome: MailOutcome; readonly count: number }[];
  readonly entries: readonly { readonly door: Door; readonly outcome: OutcomeKind; readonly count: number }[];
  readonly faults: readonly { readonly signature: string; readonly count: number }[];
}

export const MAIL_OUTCOMES = ['delivered', 'deferred', 'refused', 'sent'] as const;
export type MailOutcome = (typeof MAIL_OUTCOMES)[number];

export const LATENCY_BOUNDS_MS = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000] as const;
