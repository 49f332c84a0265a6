import type { DomainId, ForwarderId, InstallationId, MailboxId, NodeId, SiteId } from '../id.ts';
import type { PlanLimits } from '../plan/plan.ts';

/** `sha256:` and 64 hexadecimal digits: the digest of an OCI manifest. */
export type ImageDigest = `sha256:${string}`;

/**
 * Everything that one node should be, as the control plane wants it. The node makes it so; what is missing here is left
 * alone with an alarm, and only a tombstone deletes.
 */
export interface DesiredState {
  readonly installation: InstallationId;
  readonly node: NodeId;
  /** Grows with every change; a node refuses a smaller one than it has applied. */
  readonly revision: number;
  readonly services: { readonly edge: ServiceWish; readonly mail: ServiceWish };
  readonly sites: readonly SiteWish[];
  readonly mail: MailWish;
  readonly tombstones: readonly Tombstone[];
}

export interface ServiceWish {
  readonly image: ImageDigest;
}

export interface SiteWish {
  readonly id: SiteId;
  readonly image: ImageDigest;
  readonly limits: PlanLimits;
  readonly suspended: boolean;
  /** The name by which the site knows itself (`DOMAIN` of its first domain): host name inside, sender of its mail. */
  readonly primaryName: string;
  /** Host names that the edge serves for it; lower case, A-labels (RFC 5890). */
  readonly hosts: readonly HostWish[];
  /** A site of the platform's own, for probes to look for and to look from. */
  readonly decoy?: true;
}

export interface HostWish {
  readonly name: string;
  /** Redirect http to https. */
  readonly redirectToHttps: boolean;
  /** PEM chain and PEM private key (PKCS #8). */
  readonly certificate: { readonly chain: string; readonly key: string };
}

export interface MailWish {
  readonly domains: readonly MailDomainWish[];
  readonly mailboxes: readonly MailboxWish[];
  readonly forwarders: readonly ForwarderWish[];
}

/** A domain whose mail is delivered here. */
export interface MailDomainWish {
  readonly id: DomainId;
  /** Lower case, A-labels. */
  readonly name: string;
  /** Bytes that the domain's mail may take on disk. */
  readonly limitBytes: number;
}

export interface MailboxWish {
  readonly id: MailboxId;
  readonly domain: DomainId;
  /** Local part, lower case; `*` for the catch-all. */
  readonly localPart: string;
  /** With Dovecot's scheme in front, for example `{ARGON2ID}$argon2id$...`. */
  readonly passwordHash: string;
  readonly quotaBytes: number;
}

export type ForwarderWish = {
  readonly id: ForwarderId;
  readonly domain: DomainId;
  /** Local part, lower case; `*` for the catch-all. */
  readonly localPart: string;
} & (
  | { readonly kind: 'addresses'; readonly to: readonly string[] }
  /** `command` is the customer's text as typed; `argv` what the documented rule made of it. */
  | { readonly kind: 'pipe'; readonly site: SiteId; readonly command: string; readonly argv: readonly string[] }
);

/** Deletes, after `purgeAfter`; until then the data stays and a restore brings it back. */
export interface Tombstone {
  readonly kind: 'site' | 'domain';
  readonly id: SiteId | DomainId;
  /** Milliseconds since 1970. */
  readonly deletedAt: number;
  readonly purgeAfter: number;
}
