import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { makeId } from '#model/id.ts';
import type { InstanceRecord } from '../node/ledger.ts';
import { SiteActor } from './site-actor.ts';
import type { SiteHost } from './site-world.ts';

const SITE = makeId('site', randomBytes(20));

function instance(name: string): InstanceRecord {
  const id = makeId('instance', randomBytes(20));
  return { id, name, image: `sha256:${'0'.repeat(64)}`, address: '10.64.0.2', phase: 'current', since: 0 };
}

/** A node on which containers start and end at once, and whose parts a test can make fail or wait. */
function world(own: Partial<SiteHost> = {}) {
  const running = new Set<string>();
  const pointers: (string | null)[] = [];
  const host = {
    now: () => Date.now(),
    chance: () => 0.5,
    admit: async () => ({ leave: () => undefined }),
    prepare: async () => undefined,
    start: async (_site, { name }) => void running.add(name),
    stop: async (_site, { name }) => void running.delete(name),
    isRunning: (_site, { name }) => running.has(name),
    cpuMs: () => 0,
    ranOutOfMemory: () => false,
    becomesReady: async () => true,
    point: async (_site, upstream) => void pointers.push(upstream),
    inFlight: async () => 0,
    switchInstance: async () => instance('next'),
    changed: () => undefined,
    happened: () => undefined,
    ...own,
  } satisfies SiteHost;
  return { actor: new SiteActor(SITE, instance('first'), host), running, pointers };
}

test('a site whose container cannot be ended counts as running, is pointed at, and can sleep later', async () => {
  let isStuck = true;
  const { actor, pointers } = world({
    stop: async () => {
      if (isStuck) throw new Error('it still has processes');
    },
  });
  await actor.wake(false);
  await expect(actor.sleep()).rejects.toThrow('it still has processes');
  expect(actor.life.state).toBe('running');
  expect(pointers.at(-1)).toBe('10.64.0.2:8080');
  await expect(actor.stop()).rejects.toThrow('it still has processes');
  expect(await actor.wake(false)).toEqual({ awake: true });
  isStuck = false;
  expect(await actor.sleep()).toBe(true);
  expect(await actor.wake(false)).toEqual({ awake: true });
});

test('a start that could not even ask for room is tried again later', async () => {
  let isBroken = true;
  let now = 0;
  const { actor } = world({
    now: () => now,
    admit: async () => {
      if (isBroken) throw new Error('a defect');
      return { leave: () => undefined };
    },
  });
  expect(await actor.wake(false)).toMatchObject({ awake: false, because: 'cannot-start' });
  expect(actor.life.state).toBe('failed');
  isBroken = false;
  now += 60_000;
  expect(await actor.wake(false)).toEqual({ awake: true });
});

test('who makes room for others does not wait for a site that waits for room itself', async () => {
  const asked = Promise.withResolvers<void>();
  const room = Promise.withResolvers<{ leave: () => undefined }>();
  let starts = 0;
  const { actor } = world({
    admit: async () => {
      starts += 1;
      if (starts === 1) return { leave: () => undefined };
      asked.resolve();
      return await room.promise;
    },
  });
  await actor.wake(false);
  const flip = actor.flip(instance('next'));
  await asked.promise;
  expect(await actor.sleep()).toBe(false);
  room.resolve({ leave: () => undefined });
  await flip;
  expect(actor.life.state).toBe('running');
});

describe('a site that runs and does not answer', () => {
  /** Awake, and then deaf; `ask` is a visitor every 20 s who could not reach it. */
  async function besieged(own: Partial<SiteHost> = {}) {
    let now = 0;
    let isDeaf = false;
    const events: string[] = [];
    const parts = world({
      now: () => now,
      becomesReady: async () => !isDeaf,
      happened: (_site, { event }) => void events.push(event),
      // A start does away with whatever it was.
      prepare: async () => {
        isDeaf = false;
      },
      ...own,
    });
    await parts.actor.wake(false);
    const ask = async (times: number) => {
      isDeaf = true;
      const said = [];
      for (let time = 0; time < times; time += 1) {
        now += 20_000;
        said.push(await parts.actor.wake(true));
      }
      return said;
    };
    return { ...parts, events, ask, now: () => now };
  }

  test('is left alone at first, and whoever asks is told to come again', async () => {
    const { actor, ask, events } = await besieged();
    const before = actor.life;
    for (const answer of await ask(3)) expect(answer).toMatchObject({ awake: false, retryAfterSeconds: 5 });
    expect(actor.life).toBe(before);
    expect(events).toEqual(['woke']);
  });

  test('is left alone while it works', async () => {
    let cpuMs = 0;
    const works = () => {
      cpuMs += 1000;
      return cpuMs;
    };
    const { ask, events } = await besieged({ cpuMs: works });
    await ask(30);
    expect(events).toEqual(['woke']);
  });

  test('is left alone while an entry runs', async () => {
    const { actor, ask, events } = await besieged();
    const end = Promise.withResolvers<void>();
    const entry = actor.whileAwake(
      async () => await end.promise,
      () => undefined,
    );
    await ask(30);
    expect(events).toEqual(['woke']);
    end.resolve();
    await entry;
    await ask(1);
    expect(events).toEqual(['woke', 'died', 'woke']);
  });

  test('is started anew when it does nothing for long, and that never counts against it', async () => {
    const { actor, ask, now } = await besieged();
    for (let round = 0; round < 5; round += 1) {
      expect((await ask(4)).map((answer) => answer.awake)).toEqual([false, false, false, true]);
      expect(actor.life).toEqual({ state: 'running', since: now(), failures: 0 });
    }
  });
});

test('a start that runs out of memory is given up at once, and says why', async () => {
  let now = 0;
  const { actor, running } = world({
    now: () => now,
    ranOutOfMemory: () => now >= 1000,
    // Its first process lives, and starts its servers again and again.
    becomesReady: async (_address, withinMs, isAlive) => {
      for (; now < withinMs && isAlive(); now += 50);
      return false;
    },
  });
  expect(await actor.wake(false)).toMatchObject({ because: 'cannot-start', reason: 'it ran out of memory' });
  expect(now).toBe(1000);
  expect([...running]).toEqual([]);
});

test('an instance that cannot take over is ended', async () => {
  const { actor, running } = world({
    switchInstance: async () => {
      throw new Error('the disk is full');
    },
  });
  await actor.wake(false);
  await expect(actor.flip(instance('next'))).rejects.toThrow('the disk is full');
  expect([...running]).toEqual(['first']);
  expect(actor.instance.name).toBe('first');
});
