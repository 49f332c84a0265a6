import { HofjeError } from '#model/error.ts';
import type { DomainId, ForwarderId, MailboxId } from '#model/id.ts';
import type { ForwarderWish, MailboxWish, MailDomainWish, MailWish } from '#model/node/desired.ts';
import { accountLine, mailboxLine } from './accounts.ts';
import { checkedLocalPart, checkedName, quotedTarget } from './entry.ts';
import type { Waiting } from './lookups.ts';

/** An entry that cannot be written, and what became of it. */
export interface HeldBack {
  readonly id: DomainId | MailboxId | ForwarderId;
  readonly why: string;
  /** Its last good entry stands in for it; otherwise its mail waits. */
  readonly hasStandIn: boolean;
}

export interface Sifted {
  /** What can be written: sound entries, and the last good ones of those that are held back. */
  readonly sound: MailWish;
  readonly waiting: Waiting;
  readonly heldBack: readonly HeldBack[];
}

/** Domains whose mail has no place now, and why. */
export type Homeless = ReadonlyMap<DomainId, string>;

/**
 * Holds back the entries that cannot be written, so that one does no harm to the others. Its mail is never refused: where
 * `lastGood` (what was sound the last time) knows the entry, that goes on; otherwise its address, or its whole domain, is
 * told to come again later. Pure.
 */
export function siftMail(wish: MailWish, lastGood: MailWish, homeless: Homeless = new Map()): Sifted {
  const domains = siftDomains(wish.domains, lastGood.domains, homeless);
  const places: Places = {
    names: new Map(domains.sound.map(({ id, name }) => [id, name])),
    former: new Map(lastGood.domains.map(({ id, name }) => [id, name])),
    wished: new Set(wish.domains.map(({ id }) => id)),
  };
  const formerMailboxes = standInsFor(wish.mailboxes, lastGood.mailboxes, faultOfMailbox, addressOf);
  const mailboxes = siftAddresses(wish.mailboxes, formerMailboxes, faultOfMailbox, places);
  // An address may have several of these.
  const formerForwarders = standInsFor(wish.forwarders, lastGood.forwarders, faultOfForwarder, ({ id }) => id);
  const forwarders = siftAddresses(wish.forwarders, formerForwarders, faultOfForwarder, places);
  const waiting = [...mailboxes.waiting, ...forwarders.waiting];
  const strangers = waiting.filter(({ domain }) => !places.names.has(domain)).map(({ name }) => name);
  return {
    sound: { domains: domains.sound, mailboxes: mailboxes.sound, forwarders: forwarders.sound },
    waiting: {
      domains: new Set([...domains.waiting, ...strangers]),
      addresses: new Set(waiting.map(({ localPart, name }) => `${localPart.toLowerCase()}@${name}`)),
    },
    heldBack: [...domains.heldBack, ...mailboxes.heldBack, ...forwarders.heldBack],
  };
}

function siftDomains(wishes: readonly MailDomainWish[], lastGood: readonly MailDomainWish[], homeless: Homeless) {
  const faultIn = (wish: MailDomainWish) => faultOf(() => checkedName(wish.name)) ?? homeless.get(wish.id);
  const standIns = standInsFor(wishes, lastGood, faultIn, ({ name }) => name);
  const sound: MailDomainWish[] = [];
  const waiting: string[] = [];
  const heldBack: HeldBack[] = [];
  for (const wish of wishes) {
    const why = faultIn(wish);
    const standIn = standIns.get(wish.id);
    if (why !== undefined) heldBack.push({ id: wish.id, why, hasStandIn: standIn !== undefined });
    const written = why === undefined ? wish : standIn;
    if (written !== undefined) sound.push(written);
    if (why !== undefined && standIn?.name !== wish.name) waiting.push(wish.name.toLowerCase());
  }
  return { sound, waiting, heldBack };
}

/** Former entries by id, but for those whose name or address another one has now. */
function standInsFor<W extends { readonly id: string }>(
  wishes: readonly W[],
  lastGood: readonly W[],
  faultIn: (wish: W) => string | undefined,
  placeOf: (wish: W) => string,
): ReadonlyMap<W['id'], W> {
  const taken = new Map(wishes.filter((wish) => faultIn(wish) === undefined).map((wish) => [placeOf(wish), wish.id]));
  const free = lastGood.filter((one) => (taken.get(placeOf(one)) ?? one.id) === one.id);
  return new Map(free.map((one) => [one.id, one]));
}

interface Places {
  /** Domains that are written. */
  readonly names: ReadonlyMap<DomainId, string>;
  /** Domains as they were written the last time. */
  readonly former: ReadonlyMap<DomainId, string>;
  readonly wished: ReadonlySet<DomainId>;
}

interface WaitingAddress {
  readonly domain: DomainId;
  readonly localPart: string;
  readonly name: string;
}

/** Mailboxes, or forwarders. Those of a domain that waits as a whole wait with it. */
function siftAddresses<W extends MailboxWish | ForwarderWish>(
  wishes: readonly W[],
  standIns: ReadonlyMap<W['id'], W>,
  faultIn: (wish: W) => string | undefined,
  { names, former, wished }: Places,
) {
  const sound: W[] = [];
  const waiting: WaitingAddress[] = [];
  const heldBack: HeldBack[] = [];
  for (const wish of wishes) {
    const { id, domain, localPart } = wish;
    if (!names.has(domain) && wished.has(domain)) continue;
    const why = names.has(domain) ? faultIn(wish) : 'The desired state has an address of a domain that is not there.';
    if (why === undefined) {
      sound.push(wish);
      continue;
    }
    const last = standIns.get(id);
    const standIn = last !== undefined && names.has(last.domain) ? last : undefined;
    heldBack.push({ id, why, hasStandIn: standIn !== undefined });
    if (standIn !== undefined) sound.push(standIn);
    const name = names.get(domain) ?? former.get(domain);
    const isServed = standIn?.domain === domain && standIn.localPart === localPart;
    if (name !== undefined && !isServed) waiting.push({ domain, localPart, name });
  }
  return { sound, waiting, heldBack };
}

function addressOf({ localPart, domain }: MailboxWish): string {
  return `${localPart}@${domain}`;
}

function faultOfMailbox(wish: MailboxWish): string | undefined {
  return faultOf(() => {
    checkedLocalPart(wish.localPart);
    mailboxLine(wish, 'folder');
    accountLine('a@b.example', wish);
  });
}

function faultOfForwarder(wish: ForwarderWish): string | undefined {
  return faultOf(() => {
    checkedLocalPart(wish.localPart);
    if (wish.kind === 'addresses') wish.to.forEach(quotedTarget);
  });
}

/** The sentence of a `mail.lookup`. */
function faultOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof HofjeError && error.code === 'mail.lookup') return error.message;
    throw error;
  }
}
