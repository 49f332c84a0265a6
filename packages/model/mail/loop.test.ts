import fc from 'fast-check';
import { expect, test } from 'vitest';
import { forwardLoop } from './loop.ts';

const a = 'a@one.example';
const b = 'b@two.example';

test.each([
  ['to itself', { [a]: [a] }, true],
  ['to itself with a detail', { [a]: ['A+x@one.example'] }, true],
  ['in a ring', { [a]: [b], [b]: [a] }, true],
  ['through a catch-all', { [a]: ['other@two.example'], '*@two.example': [a] }, true],
  ['a catch-all into its own domain', { '*@one.example': ['nobody@one.example'] }, true],
  ['a catch-all to a mailbox of its own domain', { '*@one.example': ['me@one.example'], 'me@one.example': [] }, false],
  ['out into the world', { [a]: ['x@far.example'] }, false],
  [
    'two ways to one end',
    { [a]: [b, 'c@two.example'], [b]: ['d@far.example'], 'c@two.example': ['d@far.example'] },
    false,
  ],
])('%s', (_what, forwards, loops) => {
  const start = Object.keys(forwards)[0] ?? '';
  expect(forwardLoop(new Map(Object.entries(forwards)), start) !== undefined).toBe(loops);
});

test('a map finds a loop exactly when one can walk in it for ever', () => {
  const names = ['a@x.example', 'b@x.example', 'c@x.example', 'd@x.example', 'e@x.example'];
  const targets = fc.uniqueArray(fc.constantFrom(...names), { maxLength: 3 });
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), targets), (dictionary) => {
      const forwards = new Map(Object.entries(dictionary));
      let walkers = new Set(['a@x.example']);
      for (let step = 0; step <= names.length; step += 1) {
        walkers = new Set([...walkers].flatMap((name) => forwards.get(name) ?? []));
      }
      expect(forwardLoop(forwards, 'a@x.example') !== undefined).toBe(walkers.size > 0);
    }),
  );
});
