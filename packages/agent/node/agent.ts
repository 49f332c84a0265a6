import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { CarriedOut, ControlMessage, NodeReport } from '#contract/agent/messages.ts';
import type { ForwarderId, SiteId } from '#model/id.ts';
import { type Doorkeeper, type EntryStreams, makeEnter } from '../door/enter.ts';
import { EdgeTable } from '../edge/edge-table.ts';
import { Gateway, type Visitor } from '../gateway/gateway.ts';
import { Link } from '../link/link.ts';
import { answerQuestion, type QuestionWorld } from '../link/questions.ts';
import { Tickets } from '../link/tickets.ts';
import { PipeRuns } from '../mail/pipe-runs.ts';
import { MailDesk } from '../service/mail-desk.ts';
import { ServiceKeeper } from '../service/service-keeper.ts';
import { edgeEntry, servedFingerprint } from '../site/decide.ts';
import { Pulse } from '../site/pulse.ts';
import { SignalBook } from '../site/signals.ts';
import type { SiteActor } from '../site/site-actor.ts';
import { makeSiteHost } from '../site/site-host.ts';
import { SiteKeeper } from '../site/site-keeper.ts';
import { visit } from '../site/visit.ts';
import type { Refusal } from './accept.ts';
import { adoptSites } from './adopt.ts';
import { AlarmBook } from './alarms.ts';
import { questionWorld, wakeSite } from './answers.ts';
import { Applied } from './applied.ts';
import type { AgentConfig } from './config.ts';
import { type Action, decide, type Observed } from './decide.ts';
import type { Decision } from './decision.ts';
import { DesiredStore } from './desired-store.ts';
import type { NodeFolders } from './folders.ts';
import type { Ground } from './ground.ts';
import { Images } from './images.ts';
import type { NodeIdentity } from './instance-plans.ts';
import { MailKeeper } from './mail-keeper.ts';
import { admitAll, type Hands, isAdmission, keyOf, MAIL_KEY, perform, siteKey } from './perform.ts';
import { Reconciler } from './reconciler.ts';
import { makeReport } from './report.ts';

/** Parts that others write, handed in where the process begins. */
export interface Extensions {
  /** Runs probes against live sites; absent: the question is refused. */
  readonly probes?: (
    agent: Agent,
    selection: Extract<Parameters<QuestionWorld['runProbes']>[0], object>,
  ) => Promise<unknown>;
}

/** What is under way goes on where it stood with the next agent. */
const STOP_MS = 1500;
const now = () => Date.now();
const chance = () => Math.random();

/** The agent of one node: every part of it, and how they are joined. */
export class Agent {
  readonly config: AgentConfig;
  readonly node: NodeIdentity;
  readonly ground: Ground;
  readonly sites: SiteKeeper;
  readonly services: ServiceKeeper;
  readonly doorkeeper: Doorkeeper;
  readonly signals = new SignalBook();
  readonly table = new EdgeTable();
  readonly #pipeRuns = new PipeRuns(now);
  readonly #log: Logger;
  readonly #extensions: Extensions;
  readonly #desired: DesiredStore;
  readonly #images: Images;
  readonly #mail: MailKeeper;
  readonly #mailDesk: MailDesk;
  readonly #gateway: Gateway;
  readonly #link: Link;
  readonly #alarms: AlarmBook;
  readonly #pulse: Pulse;
  readonly #reconciler: Reconciler<Action>;
  readonly #tickets = new Tickets();
  readonly #applied = new Applied();
  #toldGate: string | undefined;

  constructor(config: AgentConfig, folders: NodeFolders, ground: Ground, extensions: Extensions, log: Logger) {
    this.config = config;
    this.node = { folders, slot: config.slot, name: config.name };
    this.ground = ground;
    this.#extensions = extensions;
    this.#log = log;
    const { store, storage, runtime } = ground;
    const { node, table, signals } = this;
    const shared = { node, store, storage, runtime, table, signals, now, chance, log, gateUid: config.gateUid };
    const memory = new Map<SiteId, number>();
    const changed = () => this.#changed();
    this.#images = new Images(node, config.layout);
    this.sites = new SiteKeeper({
      ...shared,
      images: this.#images,
      host: (keeper) =>
        makeSiteHost(
          {
            ...shared,
            changed,
            reserveBytes: config.memoryReserveBytes,
            sitesBytesMax: config.sitesMemoryBytes,
            processors: availableParallelism(),
          },
          keeper,
          memory,
        ),
    });
    this.services = new ServiceKeeper({ ...shared, changed });
    this.doorkeeper = makeEnter({ runtime, work: folders.entries });
    this.#desired = new DesiredStore(folders, store);
    this.#mailDesk = new MailDesk({
      runtime,
      work: join(folders.work, 'mail'),
      running: () => this.services.runningPlan('mail'),
    });
    this.#mail = new MailKeeper({
      ...shared,
      order: async (what) => await this.#mailDesk.order(what),
      complain: (complaints) => this.#alarms.set('mail', complaints),
    });
    this.#gateway = this.#makeGateway();
    this.#link = this.#makeLink();
    this.#alarms = new AlarmBook(now, (raised, ended) => {
      for (const alarm of raised) log.error({ event: 'alarm.raised', ...alarm });
      for (const alarm of ended) log.info({ event: 'alarm.ended', code: alarm.code, message: alarm.message });
      this.#link.reportSoon();
    });
    this.#pulse = new Pulse({ ...shared, keeper: this.sites, services: this.services, memory });
    this.#reconciler = this.#makeReconciler();
  }

  /** Finds what runs, and begins to make it what it should be. The control plane is not waited for. */
  async start(): Promise<void> {
    await this.#loadDesired();
    const { sites, doorkeeper } = this;
    await adoptSites({ sites, runtime: this.ground.runtime, doorkeeper, log: this.#log });
    await this.services.adopt();
    await this.#gateway.listen(this.node.folders.agentSocket, this.config.gateUid);
    this.#link.start();
    this.#pulse.start();
    this.#reconciler.poke();
    this.#log.info({ event: 'agent.started', sites: sites.actors().length });
  }

  /** The agent ends; everything that it keeps runs on. */
  async stop(): Promise<void> {
    this.#pulse.stop();
    this.#gateway.close();
    await this.#reconciler.stop(STOP_MS);
    this.#link.close();
    this.doorkeeper.close();
  }

  /** Goes through a door into a site, for whoever in the agent has a reason to. */
  visit: QuestionWorld['visit'] = async (wanted) =>
    await visit({ keeper: this.sites, enter: this.doorkeeper.enter, signals: this.signals, now }, wanted);

  async #loadDesired(): Promise<void> {
    try {
      if (await this.#desired.load()) this.#takeWishes();
    } catch (err) {
      // The control plane has it; until it answers, everything is left as it is.
      this.#log.error({ event: 'desired.unreadable', err });
      const message = 'The last known desired state cannot be read; everything runs on as it is.';
      this.#alarms.set('desired', [{ code: 'desired.unreadable', message }]);
    }
  }

  #takeWishes(): void {
    const { accepted } = this.#desired;
    if (accepted === undefined) return;
    const wishes = [...accepted.desired.sites, ...accepted.carried];
    this.sites.setWishes(wishes);
    for (const wish of wishes) {
      if (this.sites.record(wish.id) === undefined || this.table.servedFingerprint(wish.id) !== undefined) continue;
      this.table.set(wish.id, edgeEntry(wish), wish.suspended, servedFingerprint(wish));
    }
  }

  #makeReconciler(): Reconciler<Action> {
    const hands: Hands = {
      node: this.node,
      store: this.ground.store,
      sites: this.sites,
      services: this.services,
      images: this.#images,
      mail: this.#mail,
      gateway: this.#gateway,
      desired: () => this.#accepted(),
      observe: () => this.#observe(),
      toldGate: (fingerprint) => {
        this.#toldGate = fingerprint;
      },
      now,
      random: randomBytes,
    };
    return new Reconciler<Action>({
      decide: (at) => {
        const desired = this.#desired.accepted?.desired;
        return desired === undefined ? undefined : decide(desired, this.#observe(), this.ground.store.ledger, at);
      },
      keyOf,
      nameOf: (action) => action.do,
      isAdmission,
      admit: async (actions) => {
        await admitAll(hands, actions);
        this.#takeWishes();
      },
      perform: async (action) => await perform(hands, action),
      decided: (decision, waiting) => this.#decided(decision, waiting),
      complain: (complaints) => this.#alarms.set('reconcile', complaints),
      now,
      chance,
      log: this.#log,
    });
  }

  #observe(): Observed {
    const sites = new Map(
      this.sites.actors().flatMap((actor) => {
        const observation = this.sites.observation(actor.id);
        return observation === undefined ? [] : [[actor.id, observation] as const];
      }),
    );
    return {
      unpacked: this.#images.unpacked,
      sites,
      services: { edge: this.services.observation('edge'), mail: this.services.observation('mail') },
      mail: this.#mail.written,
      gate: this.#toldGate,
      hasEdge: this.table.hasEdge,
    };
  }

  #decided(_decision: Decision<Action>, waiting: ReadonlySet<string>): void {
    const { revision, sites } = this.#accepted();
    const done = sites.flatMap(({ id }) => {
      const actor = this.sites.actor(id);
      const isReady = this.table.hasEdge && actor !== undefined && this.#isUnpacked(actor);
      // Whether its mail is taken, too, belongs to a site that was made, suspended or resumed.
      const isWaiting = waiting.has(siteKey(id)) || waiting.has(MAIL_KEY) || !isReady;
      return isWaiting ? [] : [id];
    });
    if (this.#applied.note(revision, done, waiting.size === 0)) this.#link.reportSoon();
  }

  #isUnpacked(actor: SiteActor): boolean {
    return this.#images.unpacked.has(actor.instance.image);
  }

  #changed(): void {
    this.#reconciler.poke();
    this.#link.reportSoon();
  }

  #makeLink(): Link {
    return new Link({
      controlUrl: this.config.controlUrl,
      identityFolder: this.node.folders.identity,
      installation: this.config.installation,
      enrolled: async (node) => {
        await this.ground.store.change((ledger) => (ledger.node === node ? ledger : { ...ledger, node }));
      },
      offer: async (value) => await this.#offer(value),
      report: () => this.#report(),
      reported: (report) => this.signals.taken(report.signals),
      received: (message) => this.#received(message),
      complain: (source, complaints) => this.#alarms.set(source, complaints),
      now,
      chance,
      log: this.#log,
    });
  }

  async #offer(value: unknown): Promise<Refusal | undefined> {
    const refused = await this.#desired.offer(value);
    if (refused !== undefined) return refused;
    this.#takeWishes();
    this.#reconciler.retryNow();
    return undefined;
  }

  #report(): NodeReport | undefined {
    const { node } = this.ground.store.ledger;
    if (node === null) return undefined;
    const { services, sites, table, signals } = this;
    const alarms = this.#alarms.list();
    const facts = { ...this.ground.facts, ...(this.#pulse.disk && { disk: this.#pulse.disk }) };
    const known = { node, facts, revision: this.#applied.revision, applied: this.#applied.sites };
    return makeReport({ ...known, alarms, services, sites, table, signals, now: now() });
  }

  #received(message: ControlMessage): void {
    switch (message.kind) {
      case 'changed':
        return;
      case 'stream':
        this.#orderStream(message);
        return;
      case 'ask':
        void answerQuestion(this.#questions(), message.id, message.question).then((answer) => this.#link.send(answer));
        return;
    }
  }

  #orderStream(message: Extract<ControlMessage, { kind: 'stream' }>): void {
    const { ticket, url, site, door, argv, env, terminal } = message;
    const command = { argv, env, ...(terminal === undefined ? {} : { terminal }) };
    this.#tickets.add(ticket, { site, door, command }, now());
    if (!this.#gateway.dial(ticket, url, this.#link.ca ?? '')) this.#log.warn({ event: 'stream.no-gate', site });
  }

  #makeGateway(): Gateway {
    return new Gateway({
      wake: async (site) => await wakeSite(this.sites, site),
      pipe: (forwarder) => this.#pipe(forwarder),
      ticket: (ticket) => this.#tickets.take(ticket, now()),
      visit: async (visitor: Visitor, streams, signal) => {
        const go = async (given: EntryStreams, until: AbortSignal) =>
          await this.visit({ ...visitor, streams: given, signal: until });
        if (visitor.pipe === undefined) return await go(streams, signal);
        return await this.#pipeRuns.watch(visitor.pipe, streams, signal, go);
      },
      log: this.#log,
    });
  }

  #pipe(id: ForwarderId): { readonly site: SiteId; readonly argv: readonly string[] } | undefined {
    const forwarder = this.#desired.accepted?.desired.mail.forwarders.find((one) => one.id === id);
    return forwarder?.kind === 'pipe' ? { site: forwarder.site, argv: forwarder.argv } : undefined;
  }

  #questions(): QuestionWorld {
    const { probes } = this.#extensions;
    return questionWorld({
      mail: this.#mailDesk,
      sites: this.sites,
      pipeRuns: this.#pipeRuns,
      pipeVisitor: (forwarder, env) => this.#gateway.pipeVisitor(forwarder, env),
      visit: this.visit,
      carriedOut: () => this.#carriedOut(),
      probes: probes === undefined ? undefined : async (selection) => await probes(this, selection),
    });
  }

  /** When an order was carried out; a report that is no older follows and says what is of the site now. */
  #carriedOut(): CarriedOut {
    const at = now();
    this.#link.reportSoon();
    return { at };
  }

  #accepted() {
    const { accepted } = this.#desired;
    if (accepted === undefined) throw new RangeError('there is no desired state yet');
    return accepted.desired;
  }
}
