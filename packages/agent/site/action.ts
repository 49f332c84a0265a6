import type { InstanceId, SiteId } from '#model/id.ts';
import type { ImageDigest, SiteWish } from '#model/node/desired.ts';
import type { EdgeEntry } from '../edge/protocol.ts';

/** What the agent does to bring one site nearer to its wish. Each is idempotent. */
export type SiteAction =
  /** Give it a uid, a folder name, an address: an entry in the ledger. */
  | { readonly do: 'admit-site'; readonly site: SiteId; readonly image: ImageDigest }
  /** Home folder, quota, socket folder; limits of what runs. */
  | { readonly do: 'prepare-site'; readonly site: SiteId; readonly wish: SiteWish; readonly fingerprint: string }
  /** User namespace and link of one instance, so that a wake has only the container to start. */
  | { readonly do: 'prepare-instance'; readonly site: SiteId; readonly instance: InstanceId }
  | { readonly do: 'suspend-site'; readonly site: SiteId; readonly because: 'suspended' | 'deleted' }
  | { readonly do: 'resume-site'; readonly site: SiteId }
  /** A second instance, for another image: an entry in the ledger. */
  | { readonly do: 'admit-instance'; readonly site: SiteId; readonly image: ImageDigest }
  /** The site runs: start the next instance and, once it is ready, let it serve. */
  | { readonly do: 'flip-site'; readonly site: SiteId; readonly instance: InstanceId }
  /** The site does not run: the next instance becomes the current one, in the ledger only. */
  | { readonly do: 'switch-site'; readonly site: SiteId }
  /** Stop an instance that is no longer current and forget it. */
  | { readonly do: 'retire-instance'; readonly site: SiteId; readonly instance: InstanceId }
  /** Tell the edge. */
  | {
      readonly do: 'serve-site';
      readonly site: SiteId;
      readonly entry: EdgeEntry;
      readonly suspended: boolean;
      readonly fingerprint: string;
    }
  | { readonly do: 'withdraw-site'; readonly site: SiteId }
  /** Delete all that the site had. Only by a tombstone whose time has come. */
  | { readonly do: 'purge-site'; readonly site: SiteId }
  | { readonly do: 'unpack-image'; readonly image: ImageDigest; readonly for: 'site' };
