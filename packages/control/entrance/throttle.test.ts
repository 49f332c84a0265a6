import fc from 'fast-check';
import { expect, test } from 'vitest';
import { afterTry, blockedMs, LIMITS, type Throttle, type ThrottleLimit, withoutTry } from './throttle.ts';

const START = Date.UTC(2026, 0, 1);
const limit = fc.constantFrom<ThrottleLimit>(...Object.values(LIMITS));
/** Pauses between tries: bursts, and waits of hours. */
const pauses = fc.array(fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 0, max: 40 * 3600_000 })), {
  maxLength: 400,
});

/** The moments at which somebody who tries at all these moments is let through. */
function admitted(limits: ThrottleLimit, waits: readonly number[]): { at: number; state: Throttle }[] {
  const through: { at: number; state: Throttle }[] = [];
  let at = START;
  let state: Throttle | undefined;
  for (const wait of waits) {
    at += wait;
    if (blockedMs(state, new Date(at)) > 0) continue;
    state = afterTry(state, new Date(at), limits);
    through.push({ at, state });
  }
  return through;
}

test('the free tries of a window are free, and no more go through in it than its blocks leave time for', () => {
  fc.assert(
    fc.property(limit, pauses, (limits, waits) => {
      const through = admitted(limits, waits);
      for (const [index, { at }] of through.entries()) {
        const within = through.slice(index).filter((other) => other.at < at + limits.windowMs);
        // At worst a window ends in the middle: the free tries of two, and one for each block that fits between.
        const blocks = Math.ceil(limits.windowMs / limits.blockMs);
        expect(within.length).toBeLessThanOrEqual(
          2 * limits.free +
            Math.min(blocks, 2 * Math.ceil(Math.log2(blocks)) + Math.ceil(limits.windowMs / limits.blockMaxMs) + 2),
        );
      }
      for (const { state } of through.slice(0, limits.free - 1)) expect(state.blockedUntil).toBeNull();
    }),
  );
});

test('nobody is blocked for longer than the limit says, and a block always ends', () => {
  fc.assert(
    fc.property(limit, pauses, (limits, waits) => {
      for (const { at, state } of admitted(limits, waits)) {
        const blocked = blockedMs(state, new Date(at));
        expect(blocked).toBeLessThanOrEqual(limits.blockMaxMs);
        expect(blockedMs(state, new Date(at + limits.blockMaxMs))).toBe(0);
      }
    }),
  );
});

test('somebody who is always right is never blocked, however often he comes', () => {
  fc.assert(
    fc.property(limit, pauses, (limits, waits) => {
      let at = START;
      let state: Throttle | undefined;
      for (const wait of waits) {
        at += wait;
        expect(blockedMs(state, new Date(at))).toBe(0);
        state = withoutTry(afterTry(state, new Date(at), limits), limits);
      }
    }),
  );
});

test('guessing codes at the second step for a year, without ever being right, stays a small chance', () => {
  const through = admitted(
    LIMITS.second,
    Array.from({ length: 3000 }, () => 3 * 3600_000),
  );
  const tries = through.filter(({ at }) => at < START + 365 * 86_400_000).length;
  // Three codes of a million are right at any moment.
  expect((tries * 3) / 1_000_000).toBeLessThan(0.01);
});

test('being right for oneself lifts no block that others have brought', () => {
  fc.assert(
    fc.property(limit, fc.integer({ min: 1, max: 60 }), (limits, more) => {
      const now = new Date(START);
      let state: Throttle | undefined;
      for (let tries = 0; tries < limits.free + more; tries += 1) state = afterTry(state, now, limits);
      expect(state === undefined ? 0 : blockedMs(withoutTry(state, limits), now)).toBeGreaterThan(0);
    }),
  );
});
