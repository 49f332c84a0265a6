import { join } from 'node:path';
import type { DomainId } from '#model/id.ts';
import type { DesiredState } from '#model/node/desired.ts';
import type { Storage } from '../storage/storage.ts';
import { imageUidBase, type NodeIdentity } from './instance-plans.ts';
import { purgeDomain } from './ledger.ts';
import type { LedgerStore } from './ledger-store.ts';

/** The owner of all mail in the mail image (see its README). */
const VMAIL_UID = 210;

export interface MailKeeperParts {
  readonly node: NodeIdentity;
  readonly store: LedgerStore;
  readonly storage: Storage;
  readonly now: () => number;
  /** Writes the look-up files; `folderOf` names each domain's folder below disk/mail. */
  readonly writeLookups: (desired: DesiredState, folderOf: (domain: DomainId) => string) => Promise<void>;
}

/** Folders of domains with their limits, and the look-up files of the mail service. */
export class MailKeeper {
  readonly #parts: MailKeeperParts;
  #written: string | undefined;

  constructor(parts: MailKeeperParts) {
    this.#parts = parts;
  }

  /** Fingerprint of what was written. */
  get written(): string | undefined {
    return this.#written;
  }

  /** Folders before look-ups: mail must not arrive for a domain that has no place yet. */
  async write(desired: DesiredState, fingerprint: string): Promise<void> {
    const { node, storage } = this.#parts;
    const uid = imageUidBase(node.slot, 'mail') + VMAIL_UID;
    for (const { id, limitBytes } of desired.mail.domains) {
      await storage.ensureSubvolume(this.#path(id), { uid, gid: uid, mode: 0o700, limitBytes });
    }
    await this.#parts.writeLookups(desired, (domain) => this.#folder(domain));
    this.#written = fingerprint;
  }

  async purge(domain: DomainId): Promise<void> {
    const { storage, store, now } = this.#parts;
    await storage.deleteSubvolume(this.#path(domain));
    await store.change((ledger) => purgeDomain(ledger, domain, now()));
  }

  #path(domain: DomainId): string {
    return join(this.#parts.node.folders.mail, this.#folder(domain));
  }

  #folder(domain: DomainId): string {
    const record = this.#parts.store.ledger.domains[domain];
    if (record === undefined) throw new RangeError(`${domain} is not in the ledger`);
    return record.folder;
  }
}
