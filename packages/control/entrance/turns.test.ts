import { setImmediate as tick } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

test('so many at a time, in order, and not more waiting than may', async () => {
  const turns = new Turns(2, 5);
  const began: number[] = [];
  let running = 0;
  const answers = await Promise.allSettled(
    Array.from(
      { length: 10 },
      async (_, index) =>
        await turns.take(async () => {
          began.push(index);
          running += 1;
          expect(running).toBeLessThanOrEqual(2);
          await tick();
          running -= 1;
        }),
    ),
  );
  expect(began).toEqual([0, 1, 2, 3, 4, 5, 6]);
  const late = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
  expect(late).toHaveLength(3);
  for (const reason of late) expect(reason).toMatchObject({ code: 'unavailable' });
});

test('work that fails gives its turn on', async () => {
  const turns = new Turns(1, 5);
  await expect(turns.take(async () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await turns.take(async () => 'done')).toBe('done');
});
