import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { SubmissionSite } from '#contract/gate/messages.ts';
import { ConversationServer } from '../socket/conversations.ts';
import { listenOnSocket } from '../socket/listen.ts';
import { Pace } from './pace.ts';
import { SubmissionSession } from './session.ts';
import type { TransactionContext } from './transaction.ts';

export interface SubmissionServersContext extends TransactionContext {
  readonly log: Logger;
}

interface SiteServer {
  /** Replaced when the site's settings change; open conversations see it. */
  site: SubmissionSite;
  readonly conversations: ConversationServer;
}

const SOCKET = 'submission.sock';
/** A site that fills its connections shuts out itself only. */
const LIMITS = { connections: 8, idleMs: 120_000 } as const;
const COMMANDS_PER_SECOND = 50;
const COMMANDS_AT_ONCE = 500;
const RETRY_MS = 5000;

/** Keeps a socket open for every site that may send mail. */
export class SubmissionServers {
  readonly #context: SubmissionServersContext;
  readonly #servers = new Map<string, SiteServer>();
  readonly #closing = new Set<Promise<void>>();
  #wanted: readonly SubmissionSite[] = [];
  #working: Promise<void> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;

  constructor(context: SubmissionServersContext) {
    this.#context = context;
  }

  /** Makes the sockets those of this list; resolves when it is so, or tried. What cannot be made now is tried again. */
  apply(sites: readonly SubmissionSite[]): Promise<void> {
    this.#wanted = sites;
    this.#working = this.#working.then(() => this.#reconcile());
    return this.#working;
  }

  /** Takes no new connection; resolves when what is under way is done. */
  async stop(): Promise<void> {
    await this.apply([]);
    await Promise.all(this.#closing);
  }

  async #reconcile(): Promise<void> {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    const wanted = new Map(this.#wanted.map((site) => [site.id, site]));
    const gone = [...this.#servers].filter(([id, { site }]) => wanted.get(id)?.folder !== site.folder);
    for (const [id, server] of gone) await this.#close(id, server);
    for (const site of wanted.values()) await this.#keep(site);
  }

  async #keep(site: SubmissionSite): Promise<void> {
    const existing = this.#servers.get(site.id);
    if (existing !== undefined) {
      existing.site = site;
      return;
    }
    try {
      this.#servers.set(site.id, await this.#open(site));
    } catch (error) {
      this.#context.log.error({ event: 'submission.not-listening', site: site.id, err: error });
      this.#retry ??= setTimeout(() => this.apply(this.#wanted), RETRY_MS).unref();
    }
  }

  async #open(site: SubmissionSite): Promise<SiteServer> {
    const pace = new Pace(COMMANDS_PER_SECOND, COMMANDS_AT_ONCE);
    const conversations = new ConversationServer(
      LIMITS,
      (socket) => new SubmissionSession({ ...this.#context, site: () => server.site, pace }, socket),
    );
    const server: SiteServer = { site, conversations };
    await listenOnSocket(conversations.server, join(site.folder, SOCKET));
    return server;
  }

  /** Closes a socket; the messages that are under way on it may take their time. */
  async #close(id: string, { site, conversations }: SiteServer): Promise<void> {
    this.#servers.delete(id);
    const closing = conversations.stop().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
    await rm(join(site.folder, SOCKET), { force: true }).catch((error: unknown) => {
      this.#context.log.warn({ event: 'submission.socket-left', site: id, err: error });
    });
  }
}
