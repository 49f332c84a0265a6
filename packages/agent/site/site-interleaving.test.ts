import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type InstanceId, makeId } from '#model/id.ts';
import type { InstanceRecord } from '../node/ledger.ts';
import { SiteActor } from './site-actor.ts';
import type { SiteEvent, SiteHost } from './site-world.ts';

const SITE = makeId('site', new Uint8Array(20));

function instance(number: number): InstanceRecord {
  const random = Uint8Array.from({ length: 20 }, () => number);
  const image = `sha256:${String(number % 10).repeat(64)}` as const;
  return {
    id: makeId('instance', random),
    name: `n${number}`,
    image,
    address: '10.64.0.9',
    phase: 'current',
    since: 0,
  };
}

/** A node in memory that notes what is done to containers, and complains about what must never happen. */
class FakeHost implements SiteHost {
  time = 1_000_000;
  readonly running = new Set<InstanceId>();
  readonly events: SiteEvent['event'][] = [];
  readonly mistakes: string[] = [];
  starts = 0;
  pointer: string | null = null;
  requests = 0;
  getsReady = true;
  next: InstanceRecord | undefined;
  readonly #delay: () => Promise<void>;

  constructor(delay: () => Promise<void> = async () => undefined) {
    this.#delay = delay;
  }

  now = () => this.time;
  chance = () => 0;
  admit: SiteHost['admit'] = async () => {
    await this.#delay();
    return { leave: () => undefined };
  };
  prepare = async () => await this.#delay();
  start: SiteHost['start'] = async (_site, one) => {
    if (this.running.has(one.id)) this.mistakes.push('started twice');
    await this.#delay();
    this.running.add(one.id);
    this.starts += 1;
  };
  stop: SiteHost['stop'] = async (_site, one) => {
    await this.#delay();
    if (this.requests > 0 && this.pointer !== null) this.mistakes.push('stopped while requests could come');
    this.running.delete(one.id);
  };
  isRunning: SiteHost['isRunning'] = (_site, one) => this.running.has(one.id);
  cpuMs = () => 0;
  ranOutOfMemory = () => false;
  becomesReady = async () => {
    await this.#delay();
    return this.getsReady;
  };
  point: SiteHost['point'] = async (_site, upstream) => {
    await this.#delay();
    this.pointer = upstream;
  };
  inFlight = async () => {
    await this.#delay();
    return this.requests;
  };
  switchInstance = async () => {
    await this.#delay();
    if (this.next === undefined) throw new Error('there is no next instance');
    return this.next;
  };
  changed = () => undefined;
  happened: SiteHost['happened'] = (_site, { event }) => {
    this.events.push(event);
  };
}

describe('a site', () => {
  test('starts once, however many want it awake', async () => {
    const host = new FakeHost();
    const actor = new SiteActor(SITE, instance(1), host);
    const answers = await Promise.all(Array.from({ length: 200 }, () => actor.wake(true)));
    expect(answers.every((answer) => answer.awake)).toBe(true);
    expect(host.starts).toBe(1);
    expect(host.pointer).toBe('10.64.0.9:8080');
  });

  test('stays awake for a request that came before it could be stopped', async () => {
    const host = new FakeHost();
    const actor = new SiteActor(SITE, instance(1), host);
    await actor.wake(false);
    host.requests = 1;
    expect(await actor.sleep()).toBe(false);
    expect(host.pointer).toBe('10.64.0.9:8080');
    host.requests = 0;
    expect(await actor.sleep()).toBe(true);
    expect(host.pointer).toBeNull();
    expect(host.running.size).toBe(0);
  });

  test('does not sleep while an entry runs, and wakes for one', async () => {
    const host = new FakeHost();
    const actor = new SiteActor(SITE, instance(1), host);
    const finished = Promise.withResolvers<string>();
    const entry = actor.whileAwake(
      async () => await finished.promise,
      () => 'not awake',
    );
    await actor.wake(false);
    expect(await actor.sleep()).toBe(false);
    expect(actor.idleSince).toBeUndefined();
    finished.resolve('done');
    expect(await entry).toBe('done');
    expect(await actor.sleep()).toBe(true);
  });

  test('waits after a failed start, and answers at once meanwhile', async () => {
    const host = new FakeHost();
    host.getsReady = false;
    const actor = new SiteActor(SITE, instance(1), host);
    expect(await actor.wake(true)).toMatchObject({ awake: false, because: 'cannot-start', retryAfterSeconds: 2 });
    expect(await actor.wake(true)).toMatchObject({ awake: false });
    expect(host.starts).toBe(1);
    host.time += 10_000;
    host.getsReady = true;
    expect(await actor.wake(true)).toEqual({ awake: true });
  });

  test('starts anew when it runs and has died unnoticed', async () => {
    const host = new FakeHost();
    const actor = new SiteActor(SITE, instance(1), host);
    await actor.wake(true);
    host.running.clear();
    expect(await actor.wake(true)).toEqual({ awake: true });
    expect(host.events).toEqual(['woke', 'died', 'woke']);
  });

  test('serves by the next instance when that is ready, and goes on when it never is', async () => {
    const host = new FakeHost();
    const actor = new SiteActor(SITE, instance(1), host);
    await actor.wake(false);
    host.next = { ...instance(2), address: '10.64.0.10' };
    host.getsReady = false;
    await expect(actor.flip(host.next)).rejects.toThrow();
    expect(host.pointer).toBe('10.64.0.9:8080');
    host.getsReady = true;
    await actor.flip(host.next);
    expect(host.pointer).toBe('10.64.0.10:8080');
    expect(host.running.has(instance(1).id)).toBe(true);
  });

  test('comes through any interleaving of what can happen to it', async () => {
    const acts = fc.array(
      fc.record({
        act: fc.constantFrom('wake', 'doubt', 'sleep', 'enter', 'die', 'look', 'suspend', 'resume', 'stop', 'time'),
        pause: fc.nat(3),
      }),
      { maxLength: 25 },
    );
    await fc.assert(
      fc.asyncProperty(acts, fc.array(fc.nat(4), { minLength: 50, maxLength: 50 }), async (steps, delays) => {
        let at = 0;
        const host = new FakeHost(async () => {
          for (let turn = delays[at++ % delays.length] ?? 0; turn > 0; turn -= 1) await Promise.resolve();
        });
        const actor = new SiteActor(SITE, instance(1), host);
        const work: Promise<unknown>[] = [];
        const entries = { inside: 0, outside: 0 };
        const act = {
          wake: () => actor.wake(false),
          doubt: () => actor.wake(true),
          sleep: () => actor.sleep(),
          enter: () =>
            actor.whileAwake(
              async (one) => {
                if (host.running.has(one.id)) entries.inside += 1;
                else entries.outside += 1;
              },
              () => undefined,
            ),
          die: async () => host.running.clear(),
          look: () => actor.look(),
          suspend: () => actor.suspend('suspended'),
          resume: () => actor.resume(),
          stop: () => actor.stop(),
          time: async () => {
            host.time += 120_000;
          },
        } as const;
        for (const step of steps) {
          work.push(act[step.act]());
          for (let turn = 0; turn < step.pause; turn += 1) await Promise.resolve();
        }
        await Promise.all(work);
        expect(host.mistakes).toEqual([]);
        // Whatever happened, an operator's resume and some time make it well again.
        await actor.suspend('suspended');
        expect(host.running.size).toBe(0);
        await actor.resume();
        host.time += 3_600_000;
        expect(await actor.wake(true)).toEqual({ awake: true });
        expect(host.running.size).toBe(1);
        expect(host.pointer).toBe('10.64.0.9:8080');
      }),
      { numRuns: 300 },
    );
  });
});
