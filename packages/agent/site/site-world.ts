import type { SiteId } from '#model/id.ts';
import type { InstanceRecord } from '../node/ledger.ts';
import type { Place, Refused } from './admission-queue.ts';

/** What a site needs of its node: the edge of the pure life. */
export interface SiteHost {
  readonly now: () => number;
  /** In [0, 1). */
  readonly chance: () => number;
  readonly admit: (site: SiteId) => Promise<Place | Refused>;
  /** Makes sure that link, namespaces, home and image are there. */
  readonly prepare: (site: SiteId, instance: InstanceRecord) => Promise<void>;
  readonly start: (site: SiteId, instance: InstanceRecord) => Promise<void>;
  readonly stop: (site: SiteId, instance: InstanceRecord, graceMs: number) => Promise<void>;
  readonly isRunning: (site: SiteId, instance: InstanceRecord) => boolean;
  /** Processor time that its group has used. */
  readonly cpuMs: (site: SiteId, instance: InstanceRecord) => number;
  /** Whether the kernel ended processes of it because its memory ran out. */
  readonly ranOutOfMemory: (site: SiteId, instance: InstanceRecord) => boolean;
  /** Resolves true once PHP answers through Apache; false when it did not in time or the container ended. */
  readonly becomesReady: (address: string, withinMs: number, isAlive: () => boolean) => Promise<boolean>;
  readonly point: (site: SiteId, upstream: string | null) => Promise<void>;
  /** Requests that the edge has open for the site; 0 when there is no edge. */
  readonly inFlight: (site: SiteId) => Promise<number>;
  /** The current instance was changed in the ledger, which is stored. */
  readonly switchInstance: (site: SiteId) => Promise<InstanceRecord>;
  readonly changed: (site: SiteId) => void;
  readonly happened: (site: SiteId, event: SiteEvent) => void;
}

export type SiteEvent =
  | { readonly event: 'woke'; readonly milliseconds: number }
  | { readonly event: 'start-failed'; readonly reason: string }
  | { readonly event: 'refused'; readonly for: 'turn' | 'memory' }
  | { readonly event: 'died'; readonly reason: string }
  | { readonly event: 'slept' }
  | { readonly event: 'stayed' };
