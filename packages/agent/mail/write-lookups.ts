import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { writeFileAtomically } from '#host/file.ts';
import type { DomainId } from '#model/id.ts';
import { makeSelfSigned, type TlsPair } from './certificate.ts';
import { type LookupFile, type MailInput, renderLookups } from './lookups.ts';

/** Ids inside the mail image (see its recipe): who may read what. */
const GROUPS = { root: 0, exim: 200, dovecot: 201 } as const;
type Reader = keyof typeof GROUPS | 'all';

const READERS: Readonly<Record<LookupFile, Reader>> = {
  'domains.cdb': 'exim',
  'addresses.cdb': 'exim',
  'targets.cdb': 'exim',
  'senders.cdb': 'exim',
  accounts: 'dovecot',
  mailboxes: 'dovecot',
};

const SECRET_BYTES = 32;

export interface MailLookupWish {
  /** Folder that is bound into the mail container; made where it is missing. */
  readonly folder: string;
  /** First id of the mail image's range on this node. */
  readonly uidBase: number;
  readonly input: MailInput;
  /** The folder of a domain below the mail storage. */
  readonly folderOf: (domain: DomainId) => string;
  /** What the mail server calls itself: the host name of its container. */
  readonly hostName: string;
  /** Name servers that the container can reach. */
  readonly resolvers: readonly string[];
  /** Networks (CIDR) with private addresses that mail may go to nevertheless; usually none. */
  readonly reachableNetworks: readonly string[];
  /** Absent: one that the node signs itself, made once. */
  readonly tls?: TlsPair;
}

/**
 * Makes the look-up files of the mail service what they should be. Each is replaced whole by a rename, and only when it
 * changes. Returns the names of those that did; after `tls/...` Dovecot must be told (`order reload`), Exim reads anew.
 * Throws `mail.lookup`, and then every file is as it was.
 */
export async function writeMailLookups(wish: MailLookupWish): Promise<readonly string[]> {
  const { folder, uidBase } = wish;
  const rendered = renderLookups(wish.input, wish.folderOf);
  await makeFolder(folder, uidBase);
  await makeFolder(join(folder, 'tls'), uidBase);
  const changed: string[] = [];
  const put = async (name: string, content: string | Buffer, reader: Reader) => {
    if (await replace(join(folder, name), Buffer.from(content), uidBase, reader)) changed.push(name);
  };
  await put('resolv.conf', resolvConf(wish.resolvers), 'all');
  // Every part of Dovecot asks for the address of its own name; without name servers that would take seconds each time.
  await put('hosts', `127.0.0.1 localhost\n127.0.1.1 ${wish.hostName}\n`, 'all');
  await put('reachable-networks', wish.reachableNetworks.map((network) => `${network}\n`).join(''), 'all');
  if ((await present(join(folder, 'srs-secret'))) === undefined) {
    await put('srs-secret', randomBytes(SECRET_BYTES).toString('base64url'), 'exim');
  }
  const tls = wish.tls ?? (await ownPair(folder, wish.hostName));
  if (tls !== undefined) {
    await put('tls/key.pem', tls.key, 'exim');
    await put('tls/cert.pem', tls.chain, 'all');
  }
  // In this order: an address is known when everything that it leads to is.
  const files = [...rendered].map(([name, content]) => ({ name, content, reader: READERS[name] }));
  for (const { name, content } of files.filter(({ reader }) => reader === 'dovecot'))
    await put(name, content, 'dovecot');
  if (files.some(({ name, reader }) => reader === 'dovecot' && changed.includes(name))) await nextSecond();
  for (const { name, content, reader } of files.filter((file) => file.reader !== 'dovecot')) {
    await put(name, content, reader);
  }
  return changed;
}

const SECOND_MS = 1000;
const BEHIND_IT_MS = 20;

/**
 * Dovecot looks at its files once in a second at most, and knows new ones by the second of their time: until the next one
 * it may refuse for good the mail of a mailbox that is new, and take a former password.
 */
async function nextSecond(): Promise<void> {
  await pause(SECOND_MS - (Date.now() % SECOND_MS) + BEHIND_IT_MS);
}

/** A new pair where there is none yet. */
async function ownPair(folder: string, hostName: string): Promise<TlsPair | undefined> {
  const [key, chain] = await Promise.all(['key.pem', 'cert.pem'].map((name) => present(join(folder, 'tls', name))));
  return key === undefined || chain === undefined ? await makeSelfSigned(hostName) : undefined;
}

/** Some seconds altogether, then the message waits for the next run of the queue. */
function resolvConf(resolvers: readonly string[]): string {
  const lines = resolvers.map((address) => `nameserver ${address}\n`).join('');
  return `${lines}options timeout:3 attempts:2\n`;
}

async function makeFolder(path: string, uidBase: number): Promise<void> {
  await mkdir(path, { recursive: true });
  await chown(path, uidBase, uidBase);
  await chmod(path, 0o755);
}

async function replace(path: string, content: Buffer, uidBase: number, reader: Reader): Promise<boolean> {
  if ((await present(path))?.equals(content)) return false;
  await writeFileAtomically(path, content, {
    mode: reader === 'all' ? 0o644 : 0o640,
    owner: { uid: uidBase, gid: uidBase + (reader === 'all' ? 0 : GROUPS[reader]) },
  });
  return true;
}

async function present(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
