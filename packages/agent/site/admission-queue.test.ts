import { expect, test } from 'vitest';
import { AdmissionQueue } from './admission-queue.ts';

function queueOf(availableBytes: () => number) {
  return new AdmissionQueue({
    rule: { reserveBytes: 0, sitesBytesMax: undefined, startsMax: 1 },
    now: () => Date.now(),
    availableBytes: async () => availableBytes(),
    awake: () => [],
    sleep: async () => undefined,
  });
}

const within = (ms: number) => ({ turn: ms, memory: ms });

test('who waits in vain leaves nothing behind', async () => {
  const queue = queueOf(() => 0);
  expect(await Promise.all([queue.enter(1, within(700)), queue.enter(1, within(700))])).toEqual([
    { refused: 'memory' },
    { refused: 'memory' },
  ]);
  expect(queue.waiting).toBe(0);
});

test('a place that is given back is taken at once by the next', async () => {
  const queue = queueOf(() => 100);
  const first = await queue.enter(1, within(1000));
  const second = queue.enter(1, within(10_000));
  await expect.poll(() => queue.waiting).toBe(1);
  if ('leave' in first) first.leave();
  expect(await second).toHaveProperty('leave');
  expect(queue.waiting).toBe(0);
});
