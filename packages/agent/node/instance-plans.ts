import { join } from 'node:path';
import { kindUidBase } from '#model/node/address.ts';
import type { ImageDigest } from '#model/node/desired.ts';
import type { PlanLimits } from '#model/plan/plan.ts';
import type {
  EdgeInstance,
  InstanceLimits,
  MailInstance,
  ServiceInstance,
  SiteInstance,
} from '../container/instance.ts';
import { siteLimits } from '../container/limits.ts';
import { serviceFolders } from '../service/folders.ts';
import type { NodeFolders } from './folders.ts';
import type { InstanceRecord, ServiceInstanceRecord, ServiceKind, SiteRecord } from './ledger.ts';

/** The plans of the node's containers, from what the ledger and the wishes say. Pure. */

export interface NodeIdentity {
  readonly folders: NodeFolders;
  readonly slot: number;
  readonly name: string;
}

const MiB = 1024 * 1024;

/** A name that a site has for itself is at most this long (Linux: HOST_NAME_MAX). */
const HOST_NAME_MAX = 64;

export function sitePlan(
  node: NodeIdentity,
  record: SiteRecord,
  instance: InstanceRecord,
  wish: { readonly limits: PlanLimits; readonly primaryName: string },
): SiteInstance {
  return {
    ...common(node, instance, imageFolder(node.folders, instance.image, 'site')),
    kind: 'site',
    hostname: wish.primaryName.slice(0, HOST_NAME_MAX),
    limits: siteLimits(wish.limits),
    uid: record.uid,
    home: homeFolder(node.folders, record),
    submission: submissionFolder(node.folders, record),
  };
}

export function servicePlan(node: NodeIdentity, record: ServiceInstanceRecord): ServiceInstance {
  const { kind } = record;
  const base = {
    ...common(node, record, imageFolder(node.folders, record.image, kind)),
    limits: SERVICE_LIMITS[kind],
  };
  const folders = serviceFolders(node.folders);
  switch (kind) {
    case 'edge':
      return { ...base, kind, hostname: 'edge', folders: folders.edge } satisfies EdgeInstance;
    case 'mail':
      return { ...base, kind, hostname: mailHostName(node), folders: folders.mail } satisfies MailInstance;
  }
}

/** What the node's mail server calls itself until the installation has a name of its own: reserved by RFC 2606. */
export function mailHostName(node: Pick<NodeIdentity, 'name'>): string {
  return `${node.name}.hofje.invalid`;
}

/** Where an image is unpacked to. */
export function imageFolder(folders: NodeFolders, image: ImageDigest, kind: 'site' | ServiceKind): string {
  return join(folders.images, image.slice('sha256:'.length, 'sha256:'.length + 16), kind);
}

export function homeFolder(folders: NodeFolders, record: SiteRecord): string {
  return join(folders.sites, record.folder);
}

/** Of the socket by which a site's programs send mail. */
export function submissionFolder(folders: NodeFolders, record: SiteRecord): string {
  return join(folders.submission, record.folder);
}

export function pinsOf(folders: NodeFolders, instance: InstanceRecord) {
  const folder = join(folders.pins, instance.name);
  return { folder, user: join(folder, 'user'), net: join(folder, 'net') } as const;
}

/** The node's end of an instance's link; at most 15 characters (IFNAMSIZ). */
export function interfaceOf(instance: InstanceRecord): string {
  return `h${instance.name.slice(0, 14)}`;
}

export function nodeGroup(node: Pick<NodeIdentity, 'slot' | 'name'>): string {
  return `/hofje-${node.slot}/${node.name}`;
}

export function imageUidBase(slot: number, kind: 'site' | ServiceKind): number {
  return kindUidBase(slot, kind);
}

function common(node: NodeIdentity, instance: InstanceRecord, rootfs: string) {
  const pins = pinsOf(node.folders, instance);
  return {
    id: instance.id,
    name: instance.name,
    rootfs,
    cgroup: `${nodeGroup(node)}/${instance.name}`,
    userNamespace: pins.user,
    networkNamespace: pins.net,
  } as const;
}

/** Services are the platform's own: bounded, so that a defect in one does not take the machine, but generously. */
const SERVICE_LIMITS: Readonly<Record<ServiceKind, InstanceLimits>> = {
  edge: generous(1024 * MiB, 512),
  mail: generous(2048 * MiB, 1024),
};

function generous(memoryBytes: number, processes: number): InstanceLimits {
  const all = { memoryBytes, processes };
  return { whole: all, web: all, entries: all };
}
