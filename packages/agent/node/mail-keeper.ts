import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { DomainId, SiteId } from '#model/id.ts';
import type { DesiredState } from '#model/node/desired.ts';
import { LastGoodMail } from '../mail/last-good.ts';
import type { MailInput } from '../mail/lookups.ts';
import { reachableResolvers } from '../mail/resolvers.ts';
import { type HeldBack, type Homeless, siftMail } from '../mail/sift.ts';
import { writeMailLookups } from '../mail/write-lookups.ts';
import { serviceFolders } from '../service/folders.ts';
import type { Storage } from '../storage/storage.ts';
import type { Complaint } from './decision.ts';
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
  /** Everything there is to complain about, each time. */
  readonly complain: (complaints: readonly Complaint[]) => void;
  readonly log: Logger;
}

/** A domain whose folder cannot be made is tried again after this time. */
const HOMELESS_RETRY_MS = 60_000;
/** More entries that are held back are counted, not named. */
const NAMED_MAX = 20;

/**
 * Folders of domains with their limits, and the look-up files of the mail service. An entry that cannot be written is held
 * back with an alarm; all others are written.
 */
export class MailKeeper {
  readonly #parts: MailKeeperParts;
  readonly #lastGood: LastGoodMail;
  #written: string | undefined;
  /** Milliseconds since 1970. */
  #retryAt = Number.POSITIVE_INFINITY;
  #suspended: ReadonlySet<SiteId> = new Set();

  constructor(parts: MailKeeperParts) {
    this.#parts = parts;
    this.#lastGood = new LastGoodMail(parts.node.folders.mailGood);
  }

  /** Fingerprint of what was written; undefined when it has to be written again. */
  get written(): string | undefined {
    return this.#parts.now() < this.#retryAt ? this.#written : undefined;
  }

  /** Folders before look-ups: mail must not arrive for a domain that has no place yet. */
  async write(desired: DesiredState, fingerprint: string): Promise<void> {
    const homeless = await this.#ensureFolders(desired);
    const { sound, waiting, heldBack } = siftMail(desired.mail, await this.#lastGood.read(), homeless);
    await this.#lastGood.write(sound);
    const changed = await this.#writeLookups({ mail: sound, sites: desired.sites, waiting });
    this.#written = fingerprint;
    this.#retryAt = homeless.size === 0 ? Number.POSITIVE_INFINITY : this.#parts.now() + HOMELESS_RETRY_MS;
    this.#parts.complain(complaintsOf(heldBack));
    if (changed.some((file) => file.startsWith('tls/'))) await this.#parts.order('reload');
    const suspended = new Set(desired.sites.filter((site) => site.suspended).map((site) => site.id));
    // What waited for a site that goes on now is delivered at once.
    if ([...this.#suspended].some((site) => !suspended.has(site))) await this.#parts.order('deliver');
    this.#suspended = suspended;
  }

  async #ensureFolders({ mail }: DesiredState): Promise<Homeless> {
    const { node, storage, log } = this.#parts;
    const uid = imageUidBase(node.slot, 'mail') + VMAIL_UID;
    const homeless = new Map<DomainId, string>();
    for (const { id, limitBytes } of mail.domains) {
      try {
        await storage.ensureSubvolume(this.#path(id), { uid, gid: uid, mode: 0o700, limitBytes });
      } catch (err) {
        log.error({ event: 'mail.no-folder', domain: id, err });
        homeless.set(id, 'Its folder cannot be made or limited, see the log of the agent.');
      }
    }
    return homeless;
  }

  async #writeLookups(input: MailInput): Promise<readonly string[]> {
    const { node } = this.#parts;
    return await writeMailLookups({
      folder: serviceFolders(node.folders).mail.lookup,
      uidBase: imageUidBase(node.slot, 'mail'),
      input,
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

function complaintsOf(heldBack: readonly HeldBack[]): readonly Complaint[] {
  const code = 'mail.held-back';
  const named = heldBack.slice(0, NAMED_MAX).map(({ id, why, hasStandIn }) => ({
    code,
    message: `${id} is held back: ${why} ${hasStandIn ? 'Its last good entry goes on.' : 'Its mail waits at the senders.'}`,
  }));
  const more = heldBack.length - named.length;
  return more === 0 ? named : [...named, { code, message: `${more} more entries of mail are held back.` }];
}
