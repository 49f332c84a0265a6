import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DomainId, SiteId } from '#model/id.ts';
import type { DesiredState } from '#model/node/desired.ts';
import { reachableResolvers } from '../mail/resolvers.ts';
import { writeMailLookups } from '../mail/write-lookups.ts';
import { serviceFolders } from '../service/folders.ts';
import type { Storage } from '../storage/storage.ts';
import { imageUidBase, mailHostName, type NodeIdentity } from './instance-plans.ts';
import { purgeDomain } from './ledger.ts';
import type { LedgerStore } from './ledger-store.ts';

/** The owner of all mail in the mail image (see its README). */
const VMAIL_UID = 210;

export interface MailKeeperParts {
  readonly node: NodeIdentity;
  readonly store: LedgerStore;
  readonly storage: Storage;
  readonly now: () => number;
  /** Tells the running mail service (see `order` in its image); does nothing when there is none. */
  readonly order: (what: 'reload' | 'deliver') => Promise<void>;
}

/** Folders of domains with their limits, and the look-up files of the mail service. */
export class MailKeeper {
  readonly #parts: MailKeeperParts;
  #written: string | undefined;
  #suspended: ReadonlySet<SiteId> = new Set();

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
    const changed = await this.#writeLookups(desired);
    this.#written = fingerprint;
    if (changed.some((file) => file.startsWith('tls/'))) await this.#parts.order('reload');
    const suspended = new Set(desired.sites.filter((site) => site.suspended).map((site) => site.id));
    // What waited for a site that goes on now is delivered at once.
    if ([...this.#suspended].some((site) => !suspended.has(site))) await this.#parts.order('deliver');
    this.#suspended = suspended;
  }

  async #writeLookups(desired: DesiredState): Promise<readonly string[]> {
    const { node } = this.#parts;
    return await writeMailLookups({
      folder: serviceFolders(node.folders).mail.lookup,
      uidBase: imageUidBase(node.slot, 'mail'),
      input: desired,
      folderOf: (domain) => this.#folder(domain),
      hostName: mailHostName(node),
      resolvers: reachableResolvers(await readFile('/etc/resolv.conf', 'utf8').catch(() => '')),
      reachableNetworks: [],
    });
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
