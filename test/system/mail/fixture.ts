import { randomBytes } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { ImapFlow } from 'imapflow';
import { type MailLookupWish, writeMailLookups } from '#agent/mail/write-lookups.ts';
import { hashPassword } from '#control/secret/password.ts';
import { type DomainId, makeId, type SiteId } from '#model/id.ts';
import { SERVICE_GATEWAY } from '#model/node/address.ts';
import type { ForwarderWish, MailboxWish, MailDomainWish, SiteWish } from '#model/node/desired.ts';
import { PLANS } from '#model/plan/plan.ts';
import { randomAddress, startService, type TestService } from '#test/support/service.ts';

export const MAIL = randomAddress();
/** Where the rest of the world is: a name server and the mail servers of others. */
export const OUTSIDE = randomAddress();
const VMAIL = 210;
export const EXIM = 200;

/** A password that all test accounts have. */
export const PASSWORD = 'correct horse battery';
const HASH = await hashPassword(PASSWORD);

export class World {
  readonly service: TestService;
  readonly #domains: MailDomainWish[] = [];
  readonly #mailboxes: MailboxWish[] = [];
  readonly #forwarders: ForwarderWish[] = [];
  readonly #sites = new Map<SiteId, { names: string[]; suspended: boolean }>();
  /** Local although no entry says where its mail goes. */
  readonly waiting = { domains: new Set<string>(), addresses: new Set<string>() };
  reachableNetworks: readonly string[] = [`${OUTSIDE}/32`];

  constructor(service: TestService) {
    this.service = service;
  }

  site(...names: string[]): SiteId {
    const id = makeId('site', randomBytes(20));
    this.#sites.set(id, { names, suspended: false });
    return id;
  }

  suspend(site: SiteId, suspended: boolean): void {
    const known = this.#sites.get(site);
    if (known !== undefined) known.suspended = suspended;
  }

  async domain(name: string, limitBytes = 64 * 1024 ** 2): Promise<DomainId> {
    const id = makeId('domain', randomBytes(20));
    this.#domains.push({ id, name, limitBytes });
    await this.service.subvolume(`mail/${folderOf(id)}`, VMAIL, limitBytes);
    return id;
  }

  mailbox(domain: DomainId, localPart: string, quotaBytes = 16 * 1024 ** 2): MailboxWish {
    const wish = { id: makeId('mailbox', randomBytes(20)), domain, localPart, passwordHash: HASH, quotaBytes };
    this.#mailboxes.push(wish);
    return wish;
  }

  forward(domain: DomainId, localPart: string, ...to: string[]): void {
    this.#forwarders.push({ id: makeId('forwarder', randomBytes(20)), domain, localPart, kind: 'addresses', to });
  }

  pipe(domain: DomainId, localPart: string, site: SiteId): ForwarderWish {
    const id = makeId('forwarder', randomBytes(20));
    const wish = { id, domain, localPart, kind: 'pipe', site, command: 'cat', argv: ['cat'] } as const;
    this.#forwarders.push(wish);
    return wish;
  }

  /** Writes the look-ups as the agent does; gives the names of the files that changed. */
  async write(changes: Partial<MailLookupWish> = {}): Promise<readonly string[]> {
    const { service } = this;
    const sites = [...this.#sites].map(([id, { names, suspended }]) => siteWish(id, names, suspended));
    return await writeMailLookups({
      folder: service.onDisk(join(service.folders.lookup, 'mail')),
      uidBase: service.uidBase,
      input: {
        mail: { domains: this.#domains, mailboxes: this.#mailboxes, forwarders: this.#forwarders },
        sites,
        waiting: this.waiting,
      },
      folderOf,
      hostName: 'mail.node.example',
      resolvers: [OUTSIDE],
      reachableNetworks: this.reachableNetworks,
      ...changes,
    });
  }

  /** The last lines of both programs' logs. */
  async logs(): Promise<string> {
    const last = async (uid: number, ...files: string[]) =>
      (await this.service.exec(['tail', '-n', '30', ...files], uid)).stdout;
    const dovecot = await last(0, '/var/log/mail/dovecot/current');
    return `${dovecot}${await last(EXIM, '/var/log/mail/exim/mainlog', '/var/log/mail/exim/paniclog')}`;
  }

  /** One of Exim's own programs inside. */
  async exim(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    return await this.service.exec(['/usr/sbin/exim4', ...args], EXIM);
  }

  /** Asks for something and does not wait for it. */
  async order(...words: string[]): Promise<void> {
    await this.service.exec(['/usr/lib/hofje/mail/order', ...words], EXIM);
  }
}

function folderOf(domain: DomainId): string {
  return `d${domain.slice(4)}`;
}

function siteWish(id: SiteId, names: readonly string[], suspended: boolean): SiteWish {
  const hosts = names.map((name) => ({ name, redirectToHttps: false, certificate: { chain: '', key: '' } }));
  const [{ limits }] = PLANS;
  return { id, image: 'sha256:', limits, suspended, primaryName: names[0] ?? 'none.example', hosts };
}

/** A mail service without domains; `prepare` gives it some before it is waited for. */
export async function startMail(prepare: (world: World) => Promise<void>): Promise<World> {
  const service = await startService({
    kind: 'mail',
    hostname: 'mail.node.example',
    address: MAIL,
    gateway: SERVICE_GATEWAY,
    subvolumes: {
      'spool/exim': { owner: EXIM, limitBytes: 512 * 1024 ** 2 },
      'lookup/mail': { owner: 0 },
      mail: { owner: 0 },
      'log/mail': { owner: 0 },
    },
    isReady: async () => undefined,
  });
  const world = new World(service);
  try {
    await prepare(world);
    await world.write();
    for (const port of [25, 143, 993]) await until(() => listens(port));
  } catch (error) {
    console.error(await world.logs());
    await service.stop();
    throw error;
  }
  return world;
}

/** Throws unless somebody takes connections there. */
async function listens(port: number): Promise<void> {
  const socket = connect({ host: MAIL, port });
  try {
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  } finally {
    socket.destroy();
  }
}

/** Logs in; the caller logs out. */
export async function imap(user: string, password = PASSWORD): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: MAIL,
    port: 993,
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user, pass: password },
    logger: false,
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** All messages in a mailbox, as they are stored. */
export async function readMailbox(user: string): Promise<Buffer[]> {
  const client = await imap(user);
  try {
    await client.mailboxOpen('INBOX');
    const sources: Buffer[] = [];
    for await (const { source } of client.fetch('1:*', { source: true }))
      if (source !== undefined) sources.push(source);
    return sources;
  } catch (error) {
    // A mailbox without messages has no 1.
    if (error instanceof Error && 'responseStatus' in error) return [];
    throw error;
  } finally {
    await client.logout();
  }
}

export interface Delivered {
  readonly from: string;
  readonly to: readonly string[];
  readonly content: Buffer;
}

/** Stands for another mail server, or with a path for the gate: takes all and remembers it. */
export class Sink {
  readonly mails: Delivered[] = [];
  /** The reply to each message; 250 by default. */
  answer = '250 OK';
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor() {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  async listen(where: { readonly path: string } | { readonly host: string; readonly port: number }): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.#server.on('error', reject);
      this.#server.listen(where, resolve);
    });
    if ('path' in where) await chmod(where.path, 0o666);
    return this;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    let rest = '';
    let from = '';
    let to: string[] = [];
    let content: string[] | undefined;
    socket.write('220 sink ESMTP\r\n');
    socket.on('data', (bytes) => {
      const lines = (rest + bytes.toString('latin1')).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (content === undefined) obey(line);
        else if (line === '.') {
          this.mails.push({ from, to, content: Buffer.from(content.map((one) => `${one}\r\n`).join(''), 'latin1') });
          content = undefined;
          to = [];
          socket.write(`${this.answer}\r\n`);
        } else content.push(line.startsWith('.') ? line.slice(1) : line);
      }
    });
    const obey = (line: string) => {
      const verb = line.slice(0, 4).toUpperCase();
      const address = /<(.*)>/.exec(line)?.[1] ?? '';
      if (verb === 'MAIL') from = address;
      if (verb === 'RCPT') to.push(address);
      if (verb === 'DATA') content = [];
      if (verb === 'DATA') socket.write('354 go on\r\n');
      else if (verb === 'QUIT') socket.end('221 bye\r\n');
      else if (verb === 'EHLO' || verb === 'LHLO') socket.write('250-sink\r\n250-8BITMIME\r\n250 SIZE\r\n');
      else socket.write('250 OK\r\n');
    };
  }
}

/** Tries until it works; a queue runs once a minute, so it may take one. */
export async function until<T>(attempt: () => Promise<T>, seconds = 20): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
