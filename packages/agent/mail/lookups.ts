import { domainToUnicode } from 'node:url';
import type { DomainId, MailboxId } from '#model/id.ts';
import type { DesiredState, ForwarderWish, MailboxWish } from '#model/node/desired.ts';
import { accountLine, mailboxLine } from './accounts.ts';
import { encodeCdb } from './cdb.ts';
import { CATCH_ALL, checkedLocalPart, checkedName, quotedTarget, refused } from './entry.ts';

/**
 * The look-up files of the mail service, as its configuration reads them (see the mail recipe):
 *
 * | file | key | value |
 * | --- | --- | --- |
 * | `domains.cdb` | a domain whose mail is delivered here | its A-labels |
 * | `addresses.cdb` | an address, or `*@domain` | `key=ADDRESS state=ok|suspended mailbox=MAILBOX_ID` (the last where it has one) |
 * | `targets.cdb` | the `key` of an address that is forwarded | addresses, and `FORWARDER_ID@pipe.invalid` for pipes, separated by commas |
 * | `senders.cdb` | `MAILBOX_ID ADDRESS` | `yes`: this account may send as that address |
 * | `accounts` | passwd-file: the address that somebody logs in with | password, and the mailbox it leads to |
 * | `mailboxes` | passwd-file: MAILBOX_ID | folder and quota |
 *
 * Names with letters beyond ASCII have entries in both forms, as A-labels and as U-labels (RFC 5890, RFC 6531).
 */
export type LookupFile = 'domains.cdb' | 'addresses.cdb' | 'targets.cdb' | 'senders.cdb' | 'accounts' | 'mailboxes';

/** The parts of a desired state that mail follows from. */
export interface MailInput extends Pick<DesiredState, 'mail' | 'sites'> {
  /** Where mail is told to come again later (see `sift.ts`). */
  readonly waiting?: Waiting;
}

/** What is known to be local although nothing that can be written says where its mail goes. Lower case, otherwise any text. */
export interface Waiting {
  readonly domains: ReadonlySet<string>;
  readonly addresses: ReadonlySet<string>;
}

/** Stands behind a forwarder's id in the recipient that the gate gets (RFC 6761). */
const PIPE_DOMAIN = 'pipe.invalid';
/** Exim answers 4xx to what has this and nothing else. */
const SUSPENDED = 'state=suspended';

interface Address {
  readonly mailbox?: MailboxWish;
  readonly forwarders: readonly ForwarderWish[];
}

/** Renders all files. `folderOf` names a domain's folder below the mail storage. Throws `mail.lookup`. */
export function renderLookups(input: MailInput, folderOf: (domain: DomainId) => string): Map<LookupFile, Buffer> {
  const names = new Map(input.mail.domains.map(({ id, name }) => [id, checkedName(name)]));
  const addresses = collectAddresses(input, names);
  const suspended = suspendedDomains(input);
  const isSuspended = (domain: string) => suspended.has(domain);
  const lines = (texts: readonly string[]) => Buffer.from(texts.map((text) => `${text}\n`).join(''));
  return new Map<LookupFile, Buffer>([
    ['mailboxes', lines(input.mail.mailboxes.map((mailbox) => mailboxLine(mailbox, folderOf(mailbox.domain))))],
    ['accounts', lines([...accountLines(addresses, isSuspended)])],
    ['senders.cdb', encodeCdb(senderEntries(addresses))],
    ['targets.cdb', encodeCdb(targetEntries(addresses))],
    [
      'addresses.cdb',
      encodeCdb([...addressEntries(addresses, input, isSuspended), ...waitingEntries(addresses, input)]),
    ],
    ['domains.cdb', encodeCdb(domainEntries(new Set([...names.values(), ...(input.waiting?.domains ?? [])])))],
  ]);
}

function* domainEntries(names: Iterable<string>) {
  for (const name of names) for (const form of forms(name)) yield [form, name] as const;
}

/** Whatever is in these keys, nothing but a comparison is done with them. They come last: the first entry of a key counts. */
function* waitingEntries(addresses: ReadonlyMap<string, Address>, { waiting }: MailInput) {
  const domains = [...(waiting?.domains ?? [])].map((name) => `${CATCH_ALL}@${name}`);
  for (const address of [...(waiting?.addresses ?? []), ...domains]) {
    if (addresses.has(address)) continue;
    for (const form of addressForms(address)) yield [form, SUSPENDED] as const;
  }
}

/** Domains that a suspended site answers to: their mail waits with it. */
export function suspendedDomains({ sites }: Pick<DesiredState, 'sites'>): ReadonlySet<string> {
  const suspended = sites.filter((site) => site.suspended);
  return new Set(suspended.flatMap(({ primaryName, hosts }) => [primaryName, ...hosts.map(({ name }) => name)]));
}

/** By address in A-labels. */
function collectAddresses({ mail }: MailInput, names: ReadonlyMap<DomainId, string>): Map<string, Address> {
  const addresses = new Map<string, Address>();
  const addressOf = (localPart: string, domain: DomainId) => {
    const name = names.get(domain);
    if (name === undefined) throw refused('an address of a domain that is not there');
    return `${checkedLocalPart(localPart)}@${name}`;
  };
  for (const mailbox of mail.mailboxes) {
    addresses.set(addressOf(mailbox.localPart, mailbox.domain), { mailbox, forwarders: [] });
  }
  for (const forwarder of mail.forwarders) {
    const address = addressOf(forwarder.localPart, forwarder.domain);
    const known = addresses.get(address) ?? { forwarders: [] };
    addresses.set(address, { ...known, forwarders: [...known.forwarders, forwarder] });
  }
  return addresses;
}

type Test = (domain: string) => boolean;

function* addressEntries(addresses: ReadonlyMap<string, Address>, { sites, waiting }: MailInput, isSuspended: Test) {
  const suspendedSites = new Set(sites.filter((site) => site.suspended).map(({ id }) => id));
  for (const [address, { mailbox, forwarders }] of addresses) {
    const waits =
      isSuspended(domainOf(address)) ||
      waiting?.addresses.has(address) === true ||
      forwarders.some((forwarder) => forwarder.kind === 'pipe' && suspendedSites.has(forwarder.site));
    const state = `key=${address} ${waits ? SUSPENDED : 'state=ok'}`;
    const value = mailbox === undefined ? state : `${state} mailbox=${mailbox.id}`;
    for (const form of addressForms(address)) yield [form, value] as const;
  }
}

function* targetEntries(addresses: ReadonlyMap<string, Address>) {
  for (const [address, { forwarders }] of addresses) {
    const targets = forwarders.flatMap((one) =>
      one.kind === 'pipe' ? [`${one.id}@${PIPE_DOMAIN}`] : one.to.map(quotedTarget),
    );
    if (targets.length > 0) yield [address, targets.join(', ')] as const;
  }
}

/** An account's own address, and those that are forwarded to it. */
function* senderEntries(addresses: ReadonlyMap<string, Address>) {
  const mailboxes = new Map<string, MailboxId>();
  for (const [address, { mailbox }] of addresses) {
    if (mailbox === undefined) continue;
    mailboxes.set(address, mailbox.id);
    for (const form of addressForms(address)) yield [`${mailbox.id} ${form}`, 'yes'] as const;
  }
  for (const [address, { forwarders }] of addresses) {
    // The catch-all forwards what nobody has; that makes nobody its owner.
    if (address.startsWith(CATCH_ALL)) continue;
    for (const target of forwarders.flatMap((one) => (one.kind === 'addresses' ? one.to : []))) {
      const mailbox = mailboxes.get(target.toLowerCase());
      if (mailbox === undefined) continue;
      for (const form of addressForms(address)) yield [`${mailbox} ${form}`, 'yes'] as const;
    }
  }
}

function* accountLines(addresses: ReadonlyMap<string, Address>, isSuspended: Test) {
  for (const [address, { mailbox }] of addresses) {
    if (mailbox === undefined || isSuspended(domainOf(address))) continue;
    for (const form of addressForms(address)) yield accountLine(form, mailbox);
  }
}

function addressForms(address: string): string[] {
  const at = address.lastIndexOf('@');
  return forms(address.slice(at + 1)).map((form) => `${address.slice(0, at)}@${form}`);
}

/** A name in A-labels and, where it differs, in U-labels. */
function forms(name: string): string[] {
  const unicode = domainToUnicode(name);
  return unicode === '' || unicode === name ? [name] : [name, unicode];
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}
