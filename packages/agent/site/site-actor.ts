import { HofjeError } from '#model/error.ts';
import type { SiteId } from '#model/id.ts';
import { SITE_PORT } from '#model/node/address.ts';
import type { InstanceRecord } from '../node/ledger.ts';
import { Activity } from './activity.ts';
import type { Place, Refused } from './admission-queue.ts';
import { type Awakening, type NotAwake, notAwake } from './awakening.ts';
import {
  ASLEEP,
  adopted,
  begin,
  died,
  ended,
  failed,
  type Life,
  mayBegin,
  ready,
  refused,
  rest,
  resumed,
  stay,
  stopped,
  suspended,
} from './life.ts';
import { isStuck, type Silence, unanswered } from './silence.ts';
import type { SiteHost } from './site-world.ts';
import { causeOfDeath, startAndWait, whyNotStarted } from './start.ts';
import { Turns } from './turns.ts';

/** A site that runs answers its ready probe in this time, or it is busy, or stuck. */
const CONFIRM_MS = 5000;
const STOP_GRACE_MS = 5000;
const BUSY_RETRY_SECONDS = 5;
const BUSY = 'the server is busy';
const SILENT = 'the site does not answer at the moment';
const STUCK = 'it did not answer any more';

/**
 * One site that lives: starts once however many ask, stops without losing a request, notices its death. All that changes
 * its container goes one after the other.
 */
export class SiteActor {
  readonly id: SiteId;
  readonly #host: SiteHost;
  #instance: InstanceRecord;
  #life: Life = ASLEEP;
  readonly #turns = new Turns();
  #waking: Promise<Awakening> | undefined;
  #confirming: Promise<'answers' | 'silent' | 'ended'> | undefined;
  #silence: Silence | undefined;
  readonly #activity: Activity;

  constructor(id: SiteId, instance: InstanceRecord, host: SiteHost) {
    this.id = id;
    this.#instance = instance;
    this.#host = host;
    this.#activity = new Activity(host.now);
  }

  get life(): Life {
    return this.#life;
  }

  get instance(): InstanceRecord {
    return this.#instance;
  }

  /** Since when nobody wanted anything of it; undefined while somebody does, or while its container is being changed. */
  get idleSince(): number | undefined {
    return this.#turns.pending > 0 ? undefined : this.#activity.idleSince;
  }

  /** What the edge has seen. */
  noteRequests(open: number, lastActivity: number): void {
    this.#activity.noteRequests(open, lastActivity);
  }

  entriesOf(instance: InstanceRecord): number {
    return this.#activity.entriesOf(instance.id);
  }

  /** A new agent found the container of its predecessor. */
  async adopt(): Promise<void> {
    if (this.#life.state !== 'asleep' || !this.#isAlive()) return;
    this.#become(adopted(this.#life, this.#host.now()));
    await this.#host.point(this.id, this.#upstream());
  }

  /**
   * Has the site awake, or says why not. However many ask, one container is started. `doubted`: whoever asks could not
   * reach it, so that one that seems to run has to prove it; it is left alone unless it proves to be stuck.
   */
  async wake(doubted: boolean): Promise<Awakening> {
    this.#activity.note();
    if (this.#life.state === 'running' && this.#isAlive()) {
      const found = doubted ? await this.#confirm() : 'answers';
      if (found === 'answers') return { awake: true };
      if (found === 'silent') return this.#notAwake(SILENT, BUSY_RETRY_SECONDS * 1000);
    }
    const readiness = mayBegin(this.#life, this.#host.now());
    if (!readiness.may) return this.#notAwake(readiness.reason, readiness.retryAfterMs);
    this.#waking ??= this.#turns
      .alone(() => this.#wake())
      .finally(() => {
        this.#waking = undefined;
      });
    return await this.#waking;
  }

  /** Runs something inside the awake site; it does not fall asleep meanwhile. `enter` gets the instance that is awake. */
  async whileAwake<T>(enter: (instance: InstanceRecord) => Promise<T>, otherwise: (answer: NotAwake) => T): Promise<T> {
    const release = this.#activity.hold('waking');
    try {
      const answer = await this.wake(false);
      if (!answer.awake) return otherwise(answer);
      const instance = this.#instance;
      const done = this.#activity.hold(instance.id);
      try {
        return await enter(instance);
      } finally {
        done();
      }
    } finally {
      release();
    }
  }

  /** Sleeps unless somebody came or it is being changed; true when it sleeps. */
  async sleep(): Promise<boolean> {
    // Who waits here may hold the turn of all starts, for which a change of this site may wait in turn.
    if (this.#turns.pending > 0) return false;
    return await this.#turns.alone(async () => {
      if (this.#life.state !== 'running' || this.#activity.hasEntries) return false;
      this.#become(rest(this.#life, this.#host.now()));
      // From here on a request asks the gate first, and waits there for what becomes of this.
      await this.#host.point(this.id, null);
      if ((await this.#host.inFlight(this.id)) > 0 || this.#activity.hasEntries) {
        this.#become(stay(this.#life, this.#host.now()));
        await this.#host.point(this.id, this.#upstream());
        this.#host.happened(this.id, { event: 'stayed' });
        return false;
      }
      await this.#end();
      this.#host.happened(this.id, { event: 'slept' });
      return true;
    });
  }

  async suspend(because: 'suspended' | 'deleted'): Promise<void> {
    await this.#turns.alone(async () => {
      this.#become(suspended(because));
      await this.#host.point(this.id, null);
      await this.#host.stop(this.id, this.#instance, STOP_GRACE_MS);
    });
  }

  async resume(): Promise<void> {
    await this.#turns.alone(async () => {
      if (this.#life.state === 'suspended') this.#become(resumed(this.#life));
    });
  }

  /** Ends it whatever it does, because an operator says so; the next request wakes it. */
  async stop(): Promise<void> {
    await this.#turns.alone(async () => {
      if (this.#life.state !== 'running') return;
      this.#become(rest(this.#life, this.#host.now()));
      await this.#host.point(this.id, null);
      await this.#end();
    });
  }

  /** The next instance is started beside the current one and takes over once it is ready. Throws when it does not come. */
  async flip(next: InstanceRecord): Promise<void> {
    await this.#turns.alone(async () => {
      if (this.#life.state !== 'running') return;
      const place = await this.#host.admit(this.id);
      if ('refused' in place) throw new HofjeError('site.no-room', 'There is no room to start a second instance.');
      try {
        await startAndWait(this.#host, this.id, next);
        this.#instance = await this.#host.switchInstance(this.id);
      } catch (error) {
        // Also one that is ready: nobody would be led to it, and nobody would end it.
        await this.#host.stop(this.id, next, 0);
        throw error;
      } finally {
        place.leave();
      }
      await this.#host.point(this.id, this.#upstream());
      this.#host.changed(this.id);
    });
  }

  /** The next instance becomes the current one while nothing runs. */
  async replace(): Promise<void> {
    await this.#turns.alone(async () => {
      if (this.#life.state === 'running') return;
      this.#instance = await this.#host.switchInstance(this.id);
      this.#host.changed(this.id);
    });
  }

  /** To be called now and then: notices that the container ended. */
  async look(): Promise<void> {
    if (this.#life.state !== 'running' || this.#isAlive()) return;
    await this.#turns.alone(() => this.#bury());
  }

  async #wake(): Promise<Awakening> {
    await this.#bury();
    if (this.#life.state === 'running') return { awake: true };
    const from = this.#host.now();
    const readiness = mayBegin(this.#life, from);
    if (!readiness.may) return this.#notAwake(readiness.reason, readiness.retryAfterMs);
    this.#become(begin(this.#life, from));
    let place: Place | undefined;
    try {
      const admitted = await this.#host.admit(this.id);
      if ('refused' in admitted) return this.#turnAway(admitted);
      place = admitted;
      await startAndWait(this.#host, this.id, this.#instance);
    } catch (error) {
      return await this.#giveUp(error);
    } finally {
      place?.leave();
    }
    const now = this.#host.now();
    this.#become(ready(this.#life, now));
    this.#activity.note();
    await this.#host.point(this.id, this.#upstream());
    this.#host.happened(this.id, { event: 'woke', milliseconds: now - from });
    return { awake: true };
  }

  #turnAway({ refused: what }: Refused): NotAwake {
    this.#become(refused(this.#life));
    this.#host.happened(this.id, { event: 'refused', for: what });
    return notAwake('no-room', BUSY, BUSY_RETRY_SECONDS * 1000);
  }

  /** Ends a container that is to rest. One that cannot be ended counts as running, so that it is looked at again. */
  async #end(): Promise<void> {
    try {
      await this.#host.stop(this.id, this.#instance, STOP_GRACE_MS);
    } catch (error) {
      this.#become(stay(this.#life, this.#host.now()));
      await this.#host.point(this.id, this.#upstream());
      throw error;
    }
    this.#become(stopped(this.#life));
  }

  async #giveUp(error: unknown): Promise<Awakening> {
    const { reason, inFull } = whyNotStarted(error);
    await this.#host.stop(this.id, this.#instance, 0).catch(() => undefined);
    this.#become(failed(this.#life, reason, this.#host.now(), this.#host.chance()));
    this.#host.happened(this.id, { event: 'start-failed', reason: inFull });
    const readiness = mayBegin(this.#life, this.#host.now());
    return notAwake('cannot-start', reason, readiness.may ? BUSY_RETRY_SECONDS * 1000 : readiness.retryAfterMs);
  }

  /** A running site that cannot be reached: does it answer? One that is dead or stuck is ended, so that it can be started. */
  #confirm(): Promise<'answers' | 'silent' | 'ended'> {
    this.#confirming ??= this.#reallyAnswers().finally(() => {
      this.#confirming = undefined;
    });
    return this.#confirming;
  }

  async #reallyAnswers(): Promise<'answers' | 'silent' | 'ended'> {
    const instance = this.#instance;
    if (await this.#host.becomesReady(instance.address, CONFIRM_MS, () => this.#isAlive())) {
      this.#silence = undefined;
      return 'answers';
    }
    return await this.#turns.alone(async () => {
      if (this.#instance.id !== instance.id || this.#life.state !== 'running') return 'ended';
      if (!this.#isAlive()) {
        await this.#bury();
        return 'ended';
      }
      const cpuMs = this.#host.cpuMs(this.id, instance);
      this.#silence = unanswered(this.#silence, { instance: instance.id, now: this.#host.now(), cpuMs });
      if (!isStuck(this.#silence) || this.#activity.hasEntries) return 'silent';
      await this.#endStuck();
      return 'ended';
    });
  }

  async #endStuck(): Promise<void> {
    this.#silence = undefined;
    await this.#host.stop(this.id, this.#instance, 0);
    this.#become(ended(this.#life, STUCK));
    await this.#host.point(this.id, null);
    this.#host.happened(this.id, { event: 'died', reason: STUCK });
  }

  /** Clears away what is left of a container that has ended; does nothing to one that lives. */
  async #bury(): Promise<void> {
    if (this.#life.state !== 'running' || this.#isAlive()) return;
    const reason = causeOfDeath(this.#host, this.id, this.#instance);
    await this.#host.stop(this.id, this.#instance, 0);
    this.#become(died(this.#life, reason, this.#host.now(), this.#host.chance()));
    await this.#host.point(this.id, null);
    this.#host.happened(this.id, { event: 'died', reason });
  }

  #notAwake(reason: string, retryAfterMs: number): NotAwake {
    return notAwake(this.#life.state === 'suspended' ? 'suspended' : 'cannot-start', reason, retryAfterMs);
  }

  #become(life: Life): void {
    this.#life = life;
    this.#host.changed(this.id);
  }

  #isAlive(): boolean {
    return this.#host.isRunning(this.id, this.#instance);
  }

  #upstream(): string {
    return `${this.#instance.address}:${SITE_PORT}`;
  }
}
