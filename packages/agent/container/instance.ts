import type { InstanceId } from '#model/id.ts';
import type { GroupLimits } from './limits.ts';

/**
 * Everything that starting one incarnation of a site or a service needs. What it names must exist: the unpacked image,
 * the pins of both namespaces, the folders to be bound. The container itself is the runtime's work.
 */
export type InstancePlan = SiteInstance | ServiceInstance;

interface InstanceBase {
  readonly id: InstanceId;
  /** Opaque: names the container, its groups and its folders. A customer may come to see it. */
  readonly name: string;
  /** The unpacked image, read-only. */
  readonly rootfs: string;
  /** Below every hierarchy's root, beginning with `/`; its last element is `name`. */
  readonly cgroup: string;
  /** Pinned user namespace (see `ensureUserNamespace`). */
  readonly userNamespace: string;
  /** Pinned network namespace. */
  readonly networkNamespace: string;
  readonly hostname: string;
  readonly limits: InstanceLimits;
}

/** Limits of the whole instance, and of its two halves where they may take less than the whole. */
export interface InstanceLimits {
  readonly whole: GroupLimits;
  readonly web: GroupLimits;
  readonly entries: GroupLimits;
}

export interface SiteInstance extends InstanceBase {
  readonly kind: 'site';
  /** The site's uid and gid on the machine; inside it is 1000. */
  readonly uid: number;
  /** The subvolume that is the home folder inside. */
  readonly home: string;
  /**
   * Folder with `submission.sock`, bound read-only. Its path on its file system shows in the site's mount table, so it lies
   * on a small one of its own.
   */
  readonly submission: string;
}

export type ServiceInstance = EdgeInstance | MailInstance;

export interface EdgeInstance extends InstanceBase {
  readonly kind: 'edge';
  readonly folders: { readonly wake: string; readonly spool: string; readonly log: string };
}

export interface MailInstance extends InstanceBase {
  readonly kind: 'mail';
  readonly folders: {
    readonly lmtp: string;
    readonly lookup: string;
    readonly spool: string;
    readonly mail: string;
    readonly log: string;
  };
}
