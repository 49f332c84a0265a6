import type { Logger } from 'pino';
import type { ControlMessage, NodeReport } from '#contract/agent/messages.ts';
import { HofjeError } from '#model/error.ts';
import type { InstallationId, NodeId } from '#model/id.ts';
import type { Refusal } from '../node/accept.ts';
import { type BackoffRule, backoffMs } from '../node/backoff.ts';
import type { Complaint } from '../node/decision.ts';
import { ControlClient, enrol } from './control-client.ts';
import { type Identity, IdentityFolder, renewalTime } from './identity.ts';
import { LinkSocket } from './socket.ts';

export interface LinkParts {
  readonly controlUrl: string;
  readonly identityFolder: string;
  readonly installation: InstallationId;
  /** The node was told who it is. */
  readonly enrolled: (node: NodeId) => Promise<void>;
  /** A desired state came: accept it, or say why not. */
  readonly offer: (value: unknown) => Promise<Refusal | undefined>;
  /** What there is to tell; undefined before the node knows who it is. */
  readonly report: () => NodeReport | undefined;
  readonly reported: (report: NodeReport) => void;
  readonly received: (message: ControlMessage) => void;
  readonly complain: (source: 'link' | 'desired', complaints: readonly Complaint[]) => void;
  readonly now: () => number;
  readonly chance: () => number;
  readonly log: Logger;
}

const PULL_MS = 30_000;
const REPORT_MS = 30_000;
/** Changes that come together are reported together. */
const REPORT_SOON_MS = 40;
const ENROL: BackoffRule = { firstMs: 300, factor: 2, maxMs: 30_000, jitter: 0.3 };
const RENEW_RETRY_MS = 3600_000;
/** A control plane that is started anew is no alarm. */
const ALARM_AFTER = 3;

/** The way to the control plane: the agent calls, never the reverse. Whatever fails here, the node runs on. */
export class Link {
  readonly #parts: LinkParts;
  readonly #folder: IdentityFolder;
  readonly #socket: LinkSocket;
  #identity: Identity | undefined;
  #client: ControlClient | undefined;
  #etag: string | undefined;
  #failures = 0;
  #isClosed = false;
  #timers = new Set<NodeJS.Timeout>();
  #pulling: Promise<void> | undefined;
  #isPullAgain = false;
  #reportTimer: NodeJS.Timeout | undefined;
  #isReporting = false;
  #isReportAgain = false;

  constructor(parts: LinkParts) {
    this.#parts = parts;
    this.#folder = new IdentityFolder(parts.identityFolder);
    this.#socket = new LinkSocket({
      controlUrl: parts.controlUrl,
      identity: () => this.#known(),
      opened: () => void this.pull(),
      closed: () => undefined,
      received: (message) => {
        if (message.kind === 'changed') void this.pull();
        else parts.received(message);
      },
      chance: parts.chance,
      log: parts.log,
    });
  }

  /** Begins; enrols first where the node is nobody yet. Returns at once. */
  start(): void {
    void this.#begin(1);
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    clearTimeout(this.#reportTimer);
    this.#socket.close();
    this.#client?.close();
  }

  send: LinkSocket['send'] = (message) => this.#socket.send(message);

  /** The authority that the gate trusts when it dials. */
  get ca(): string | undefined {
    return this.#identity?.ca;
  }

  /** Something is worth telling. */
  reportSoon(): void {
    if (this.#client === undefined || this.#reportTimer !== undefined || this.#isClosed) return;
    this.#reportTimer = setTimeout(() => {
      this.#reportTimer = undefined;
      void this.#report();
    }, REPORT_SOON_MS);
  }

  /** Fetches the desired state; when one is being fetched, once more afterwards. */
  async pull(): Promise<void> {
    if (this.#pulling !== undefined) {
      this.#isPullAgain = true;
      return await this.#pulling;
    }
    this.#pulling = this.#pullAll().finally(() => {
      this.#pulling = undefined;
    });
    await this.#pulling;
  }

  async #begin(tries: number): Promise<void> {
    if (this.#isClosed) return;
    try {
      this.#identity = (await this.#folder.read()) ?? (await this.#enrol());
      this.#client = new ControlClient(this.#parts.controlUrl, this.#identity);
      this.#parts.complain('link', []);
    } catch (err) {
      this.#parts.log.warn({ event: 'link.not-enrolled', err });
      this.#parts.complain('link', [complaintOf(err, 'link.not-enrolled')]);
      this.#later(backoffMs(tries, ENROL, this.#parts.chance()), () => void this.#begin(tries + 1));
      return;
    }
    this.#socket.open();
    this.#every(PULL_MS, () => void this.pull());
    this.#every(REPORT_MS, () => void this.#report());
    this.#renewInTime();
    await this.#report();
  }

  async #enrol(): Promise<Identity> {
    const { token, ca } = await this.#folder.enrolment();
    const answer = await enrol(this.#parts.controlUrl, ca, token, await this.#folder.signingRequest());
    if (answer.installation !== this.#parts.installation) {
      throw new HofjeError('link.foreign-installation', 'The control plane belongs to another installation.');
    }
    await this.#parts.enrolled(answer.node);
    await this.#folder.store(answer.certificate, answer.ca);
    this.#parts.log.info({ event: 'link.enrolled', node: answer.node });
    return this.#known(await this.#folder.read());
  }

  #renewInTime(): void {
    const due = renewalTime(this.#known().certificate);
    // Timers cannot wait longer than 24 days.
    const waitMs = Math.min(Math.max(1000, due - this.#parts.now()), 24 * 24 * 3600_000);
    this.#later(waitMs, () => void this.#renew(due));
  }

  async #renew(due: number): Promise<void> {
    if (this.#parts.now() < due) {
      this.#renewInTime();
      return;
    }
    try {
      const answer = await this.#client?.renew(await this.#folder.signingRequest());
      if (answer === undefined) return;
      await this.#folder.store(answer.certificate, answer.ca);
      this.#identity = this.#known(await this.#folder.read());
      this.#client?.close();
      this.#client = new ControlClient(this.#parts.controlUrl, this.#identity);
      this.#parts.log.info({ event: 'link.renewed' });
      this.#renewInTime();
    } catch (err) {
      this.#parts.log.error({ event: 'link.not-renewed', err });
      this.#later(RENEW_RETRY_MS, () => void this.#renew(due));
    }
  }

  async #pullAll(): Promise<void> {
    do {
      this.#isPullAgain = false;
      await this.#pullOnce();
    } while (this.#isPullAgain && !this.#isClosed);
  }

  async #pullOnce(): Promise<void> {
    if (this.#client === undefined || this.#isClosed) return;
    try {
      const found = await this.#client.desired(this.#etag);
      this.#failures = 0;
      this.#parts.complain('link', []);
      if (found === undefined) return;
      const refused = await this.#parts.offer(found.value);
      // What was refused is looked at again: an operator may confirm it.
      this.#etag = refused === undefined ? found.etag : undefined;
      if (refused !== undefined) this.#parts.log.error({ event: 'desired.refused', ...refused });
      this.#parts.complain('desired', refused === undefined ? [] : [refused]);
      if (refused !== undefined) this.reportSoon();
    } catch (err) {
      this.#failed(err);
    }
  }

  #failed(err: unknown): void {
    this.#parts.log.warn({ event: 'link.failed', message: err instanceof Error ? err.message : String(err) });
    if (err instanceof HofjeError && err.code.startsWith('desired.')) {
      this.#parts.complain('desired', [complaintOf(err, 'desired.malformed')]);
      return;
    }
    this.#failures += 1;
    if (this.#failures >= ALARM_AFTER) this.#parts.complain('link', [complaintOf(err, 'link.failed')]);
  }

  async #report(): Promise<void> {
    const report = this.#parts.report();
    if (report === undefined || this.#client === undefined || this.#isClosed) return;
    if (this.#isReporting) {
      this.#isReportAgain = true;
      return;
    }
    this.#isReporting = true;
    try {
      await this.#client.report(report);
      this.#parts.reported(report);
    } catch (err) {
      this.#failed(err);
    } finally {
      this.#isReporting = false;
    }
    if (!this.#isReportAgain) return;
    this.#isReportAgain = false;
    this.reportSoon();
  }

  #known(identity = this.#identity): Identity {
    if (identity === undefined) throw new HofjeError('link.not-enrolled', 'This node is not enrolled.');
    return identity;
  }

  #later(ms: number, work: () => void): void {
    if (this.#isClosed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms);
    this.#timers.add(timer);
  }

  #every(ms: number, work: () => void): void {
    this.#later(ms * (0.9 + 0.2 * this.#parts.chance()), () => {
      work();
      this.#every(ms, work);
    });
  }
}

function complaintOf(err: unknown, code: string): Complaint {
  if (err instanceof HofjeError) return { code: err.code, message: err.message };
  return { code, message: err instanceof Error ? err.message : String(err) };
}
