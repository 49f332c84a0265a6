import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as life from './life.ts';

const STEPS = {
  begin: (from: life.Life, now: number) => life.begin(from, now),
  ready: (from: life.Life, now: number) => life.ready(from, now),
  adopted: (from: life.Life, now: number) => life.adopted(from, now),
  failed: (from: life.Life, now: number) => life.failed(from, 'why', now, 0.5),
  refused: (from: life.Life) => life.refused(from),
  died: (from: life.Life, now: number) => life.died(from, 'why', now, 0.5),
  rest: (from: life.Life, now: number) => life.rest(from, now),
  stay: (from: life.Life, now: number) => life.stay(from, now),
  stopped: (from: life.Life) => life.stopped(from),
  resumed: (from: life.Life) => life.resumed(from),
} as const;

/** Every way from state to state that exists. */
const WAYS: Readonly<Record<string, readonly string[]>> = {
  asleep: ['begin', 'adopted'],
  starting: ['ready', 'failed', 'refused'],
  running: ['died', 'rest'],
  stopping: ['stay', 'stopped'],
  suspended: ['resumed'],
  failed: ['begin'],
};

test('there are these ways through a life and no others', () => {
  const names = Object.keys(STEPS) as (keyof typeof STEPS)[];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...names), { maxLength: 60 }), (steps) => {
      let now = 0;
      let present: life.Life = life.ASLEEP;
      for (const step of steps) {
        // Longer than any back-off.
        now += 3_600_000;
        const possible = WAYS[present.state]?.includes(step) ?? false;
        if (possible) present = STEPS[step](present, now);
        else expect(() => STEPS[step](present, now)).toThrow(RangeError);
      }
    }),
  );
});

test('each failure in a row waits longer, and nothing is tried before', () => {
  let present: life.Life = life.ASLEEP;
  let now = 0;
  let waited = 0;
  for (let failures = 1; failures <= 5; failures += 1) {
    present = life.failed(life.begin(present, now), 'PHP does not answer', now, 0);
    const readiness = life.mayBegin(present, now);
    if (readiness.may) throw new Error('it may begin at once');
    expect(readiness.retryAfterMs).toBeGreaterThan(waited);
    expect(() => life.begin(present, now)).toThrow(RangeError);
    waited = readiness.retryAfterMs;
    now += waited;
  }
  const settled = life.died(life.ready(life.begin(present, now), now), 'gone', now + life.SETTLED_MS, 0);
  expect(settled).toEqual({ state: 'asleep', failures: 0, note: 'gone' });
});

test('a site that keeps dying right after its start fails in the end', () => {
  let present: life.Life = life.ASLEEP;
  const states = [];
  for (let round = 0; round < 3; round += 1) {
    present = life.died(life.ready(life.begin(present, 0), 0), 'out of memory', 100, 0);
    states.push(present.state);
  }
  expect(states).toEqual(['asleep', 'asleep', 'failed']);
  expect(life.reportedReason(present)).toBe('out of memory');
});
