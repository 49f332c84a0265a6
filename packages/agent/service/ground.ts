/** What a service's container stands on: its folders, its user namespace and its link. */
import { mkdir, rm } from 'node:fs/promises';
import { ensureUserNamespace } from '../container/user-namespace.ts';
import { removeNamespace } from '../network/namespace.ts';
import { ensureServiceLink, removeLink } from '../network/network.ts';
import { imageUidBase, interfaceOf, type NodeIdentity, pinsOf } from '../node/instance-plans.ts';
import type { ServiceInstanceRecord, ServiceKind } from '../node/ledger.ts';
import type { Storage } from '../storage/storage.ts';
import { serviceFolders, serviceFolderWishes } from './folders.ts';

export async function makeServiceFolders(node: NodeIdentity, storage: Storage, kind: ServiceKind): Promise<void> {
  const base = imageUidBase(node.slot, kind);
  for (const { path, owner, mode, limitBytes } of serviceFolderWishes(node.folders)[kind]) {
    const uid = base + owner;
    await storage.ensureSubvolume(path, { uid, gid: uid, mode, limitBytes });
  }
  if (kind === 'mail') await mkdir(serviceFolders(node.folders).mail.lookup, { recursive: true, mode: 0o755 });
}

export async function linkService({ folders, slot }: NodeIdentity, record: ServiceInstanceRecord): Promise<void> {
  const pins = pinsOf(folders, record);
  await mkdir(pins.folder, { recursive: true, mode: 0o700 });
  const { kind, address } = record;
  await Promise.all([
    ensureUserNamespace({ pin: pins.user, imageUidBase: imageUidBase(slot, kind) }),
    ensureServiceLink({ pin: pins.net, interfaceName: interfaceOf(record), kind, address }),
  ]);
}

export async function unlinkService({ folders }: NodeIdentity, record: ServiceInstanceRecord): Promise<void> {
  const pins = pinsOf(folders, record);
  await removeLink({ pin: pins.net, interfaceName: interfaceOf(record), address: record.address });
  await removeNamespace(pins.user);
  await rm(pins.folder, { recursive: true, force: true });
}
