import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeId } from '#model/id.ts';
import type { InstanceRecord } from '../node/ledger.ts';
import { SiteActor, type SiteHost } from './site-actor.ts';

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
