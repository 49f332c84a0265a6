import { describe, expect, it } from 'vitest';
import { Slots } from './slots.ts';

const LIMITS = { all: 64, each: 8, keptFree: 16, waiting: 40, waitingEach: 4, waitMs: 100 };

describe('slots', () => {
  it('are never all held by sites with many slow pipes: a site that holds none gets one at once', async () => {
    const slots = new Slots(LIMITS);
    const greedy = Array.from({ length: 8 }, (_, at) => `greedy${at}`);
    const asked = greedy.flatMap((site) => Array.from({ length: 8 }, () => slots.take(site)));
    const got = (await Promise.all(asked)).filter((giveBack) => giveBack !== undefined);
    // Six sites have their eight; the seventh and the eighth were given the one that everybody gets.
    expect(got).toHaveLength(LIMITS.all - LIMITS.keptFree + 2);
    const neighbours = Array.from({ length: LIMITS.keptFree - 2 }, (_, at) => slots.take(`neighbour${at}`));
    expect((await Promise.all(neighbours)).every((giveBack) => giveBack !== undefined)).toBe(true);
    expect(await slots.take('one more')).toBeUndefined();
  });

  it('give nobody more than a share, running or waiting', async () => {
    const slots = new Slots(LIMITS);
    const running = await Promise.all(Array.from({ length: 8 }, () => slots.take('greedy')));
    const waiting = Array.from({ length: 4 }, () => slots.take('greedy'));
    const from = performance.now();
    expect(await slots.take('greedy')).toBeUndefined();
    expect(performance.now() - from).toBeLessThan(LIMITS.waitMs / 2);
    for (const giveBack of running) giveBack?.();
    expect((await Promise.all(waiting)).every((giveBack) => giveBack !== undefined)).toBe(true);
  });

  it('that are given back twice count once', async () => {
    const slots = new Slots({ ...LIMITS, all: 2, each: 1, keptFree: 0 });
    const first = await slots.take('a');
    first?.();
    first?.();
    const again = [await slots.take('a'), await slots.take('b'), await slots.take('c')];
    expect(again.map((giveBack) => giveBack !== undefined)).toEqual([true, true, false]);
  });
});
