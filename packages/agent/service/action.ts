import type { InstanceId } from '#model/id.ts';
import type { ImageDigest } from '#model/node/desired.ts';
import type { ServiceKind } from '../node/ledger.ts';

/** What the agent does to keep the edge and the mail service as they should be. Each is idempotent. */
export type ServiceAction =
  | { readonly do: 'unpack-image'; readonly image: ImageDigest; readonly for: ServiceKind }
  /** An instance for this image: an entry in the ledger. */
  | { readonly do: 'admit-service'; readonly service: ServiceKind; readonly image: ImageDigest }
  /** Start it and wait until it is ready to serve. */
  | { readonly do: 'start-service'; readonly service: ServiceKind; readonly instance: InstanceId }
  /**
   * For a service that must never run twice (two Exims on one queue): stop the current one, start the next one, and go
   * back when it does not become ready.
   */
  | {
      readonly do: 'replace-service';
      readonly service: ServiceKind;
      readonly instance: InstanceId;
      readonly instead: InstanceId;
    }
  /** It is ready: it is the current one from now on, in the ledger. */
  | { readonly do: 'switch-service'; readonly service: ServiceKind; readonly instance: InstanceId }
  /** Lead the public ports to it. */
  | { readonly do: 'publish-service'; readonly service: ServiceKind; readonly instance: InstanceId }
  | { readonly do: 'retire-service'; readonly service: ServiceKind; readonly instance: InstanceId };
