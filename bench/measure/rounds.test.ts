import { expect, test } from 'vitest';
import { measureInTurns } from './rounds.ts';

const quiet = { report: () => undefined, patienceMs: 0, settleMs: 0, signal: new AbortController().signal };

test('contenders take turns, and the first samples of each are thrown away', async () => {
  const order: string[] = [];
  let clock = 0;
  const contender = (name: string) => ({
    name,
    measure: async () => {
      order.push(name);
      return ++clock;
    },
  });
  const { samplesOf } = await measureInTurns([contender('a'), contender('b')], { warmUp: 1, rounds: 2, ...quiet });
  expect(order.join('')).toBe('ababab');
  expect(samplesOf('a')).toEqual([3, 5]);
  expect(samplesOf('b')).toEqual([4, 6]);
});

test('an interruption ends it before the next sample', async () => {
  const controller = new AbortController();
  const measure = async () => {
    controller.abort();
    return 0;
  };
  const options = { ...quiet, warmUp: 0, rounds: 3, signal: controller.signal };
  await expect(measureInTurns([{ name: 'a', measure }], options)).rejects.toThrow('abort');
});
