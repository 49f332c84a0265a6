import { domainToUnicode } from 'node:url';
import { HofjeError } from '#model/error.ts';
import type { DomainId, MailboxId } from '#model/id.ts';
import type { DesiredState, ForwarderWish, MailboxWish } from '#model/node/desired.ts';
import { accountLine, mailboxLine } from './accounts.ts';
import { encodeCdb } from './cdb.ts';

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
export type MailInput = Pick<DesiredState, 'mail' | 'sites'>;

/** Stands behind a forwarder's id in the recipient that the gate gets (RFC 6761). */
const PIPE_DOMAIN = 'pipe.invalid';
export const CATCH_ALL = '*';

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
    ['addresses.cdb', encodeCdb(addressEntries(addresses, input, isSuspended))],
    ['domains.cdb', encodeCdb([...names.values()].flatMap((name) => forms(name).map((form) => [form, name] as const)))],
  ]);
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

function* addressEntries(addresses: ReadonlyMap<string, Address>, { sites }: MailInput, isSuspended: Test) {
  const suspendedSites = new Set(sites.filter((site) => site.suspended).map(({ id }) => id));
  for (const [address, { mailbox, forwarders }] of addresses) {
    const waits =
      isSuspended(domainOf(address)) ||
      forwarders.some((forwarder) => forwarder.kind === 'pipe' && suspendedSites.has(forwarder.site));
    const state = `key=${address} state=${waits ? 'suspended' : 'ok'}`;
    const value = mailbox === undefined ? state : `${state} mailbox=${mailbox.id}`;
    for (const form of addressForms(address)) yield [form, value] as const;
  }
}

function* targetEntries(addresses: ReadonlyMap<string, Address>) {
  for (const [address, { forwarders }] of addresses) {
    const targets = forwarders.flatMap((one) =>
      one.kind === 'pipe' ? [`${one.id}@${PIPE_DOMAIN}`] : one.to.map(quoted),
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

const NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/;
const LOCAL_PART = /^(\*|[a-z0-9_][a-z0-9._-]{0,63})$/;
/** RFC 5321: a dot-atom before the `@`. */
const TARGET = /^([A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64})@([A-Za-z0-9.-]{1,253})$/;

function checkedName(name: string): string {
  if (!NAME.test(name)) throw refused('a domain that is no name');
  return name;
}

function checkedLocalPart(localPart: string): string {
  if (!LOCAL_PART.test(localPart)) throw refused('an address that is none');
  return localPart;
}

/** Exim takes an item that begins with `|` or `/` for a program or a file, unless only its name is in quotes; `#` begins a comment. */
function quoted(address: string): string {
  const [, localPart, domain] = TARGET.exec(address) ?? [];
  if (localPart === undefined || domain === undefined) throw refused('a forwarder to an address that is none');
  return /^[|/#]/.test(localPart) ? `"${localPart}"@${domain}` : `${localPart}@${domain}`;
}

/** The control plane checks all of this; that it comes here nevertheless is a defect, and the files stay as they are. */
function refused(what: string): HofjeError {
  return new HofjeError('mail.lookup', `The desired state has ${what}.`);
}
