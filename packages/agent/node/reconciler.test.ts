import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { HofjeError } from '#model/error.ts';
import { Reconciler } from './reconciler.ts';

interface Work {
  readonly of: string;
  readonly step: number;
}

/** A world in which each key has so many steps to do; some fail a number of times first. */
class World {
  readonly todo = new Map<string, number>();
  readonly failures = new Map<string, number>();
  readonly done: string[] = [];
  /** Not named while it is being done, as a service that is starting. */
  readonly shy = new Set<string>();
  readonly #busy = new Set<string>();
  complaints: readonly string[] = [];
  hold: Promise<void> | undefined;
  readonly reconciler: Reconciler<Work>;

  constructor() {
    this.reconciler = new Reconciler<Work>({
      decide: () => ({
        actions: [...this.todo].filter(([of]) => !this.#busy.has(of)).map(([of, step]) => ({ of, step })),
        alarms: [],
        again: undefined,
      }),
      keyOf: (work) => work.of,
      nameOf: (work) => `step ${work.step}`,
      isAdmission: () => false,
      admit: async () => undefined,
      perform: async (work) => await this.#perform(work),
      decided: () => undefined,
      complain: (complaints) => {
        this.complaints = complaints.map((one) => one.message);
      },
      now: () => Date.now(),
      chance: () => 0,
      log: pino({ level: 'silent' }),
    });
  }

  async #perform(work: Work): Promise<void> {
    if (!this.shy.has(work.of)) return await this.#do(work);
    this.#busy.add(work.of);
    this.reconciler.poke();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await this.#do(work).finally(() => this.#busy.delete(work.of));
  }

  async #do({ of, step }: Work): Promise<void> {
    if (of === 'slow') await this.hold;
    const left = this.failures.get(of) ?? 0;
    if (left > 0) {
      this.failures.set(of, left - 1);
      throw new HofjeError('test.failed', 'it is not to be');
    }
    this.done.push(`${of}${step}`);
    if (step > 1) this.todo.set(of, step - 1);
    else this.todo.delete(of);
  }
}

const worlds: World[] = [];
function newWorld(): World {
  const world = new World();
  worlds.push(world);
  return world;
}
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.reconciler.stop(0);
});

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('not in time');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('does what is to be done, in order for each key, until nothing is left', async () => {
  const world = newWorld();
  world.todo.set('a', 3).set('b', 1);
  world.reconciler.poke();
  await until(() => world.todo.size === 0);
  expect(world.done.filter((one) => one.startsWith('a'))).toEqual(['a3', 'a2', 'a1']);
});

test('one that takes long holds up no other', async () => {
  const world = newWorld();
  const hold = Promise.withResolvers<void>();
  world.hold = hold.promise;
  world.todo.set('slow', 1).set('quick', 2);
  world.reconciler.poke();
  await until(() => !world.todo.has('quick'));
  expect(world.todo.has('slow')).toBe(true);
  world.todo.set('later', 1);
  world.reconciler.poke();
  await until(() => !world.todo.has('later'));
  hold.resolve();
  await until(() => world.todo.size === 0);
});

test('repeats what fails with growing pauses, complains, and ends the complaint with the failure', async () => {
  const world = newWorld();
  world.todo.set('broken', 1);
  world.failures.set('broken', 4);
  const from = Date.now();
  world.reconciler.poke();
  await until(() => world.complaints.length > 0);
  expect(world.complaints).toEqual(['step 1 of broken fails: it is not to be']);
  world.reconciler.retryNow();
  await until(() => world.todo.size === 0);
  expect(Date.now() - from).toBeGreaterThan(400);
  await until(() => world.complaints.length === 0);
});

test('failures are counted also of what is not named while it is being done', async () => {
  const world = newWorld();
  world.shy.add('service');
  world.todo.set('service', 1);
  world.failures.set('service', 1000);
  world.reconciler.poke();
  // Only the third in a row is complained about.
  await until(() => world.complaints.length > 0);
  expect(world.failures.get('service')).toBe(997);
});
