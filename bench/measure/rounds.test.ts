import { expect, test } from 'vitest';
import { measureInTurns } from './rounds.ts';

const quiet = { report: () => undefined, signal: new AbortController().signal };

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
  const samples = await measureInTurns([contender('a'), contender('b')], { warmUp: 1, rounds: 2, ...quiet });
  expect(order.join('')).toBe('ababab');
  expect([...samples]).toEqual([
    ['a', [3, 5]],
    ['b', [4, 6]],
  ]);
});

test('an interruption ends it before the next sample', async () => {
  const controller = new AbortController();
  const measure = async () => {
    controller.abort();
    return 0;
  };
  const options = { warmUp: 0, rounds: 3, report: () => undefined, signal: controller.signal };
  await expect(measureInTurns([{ name: 'a', measure }], options)).rejects.toThrow('abort');
});
