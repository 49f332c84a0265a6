import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeId } from '#model/id.ts';
import { parseStats } from './stats.ts';

const SITE = makeId('site', new Uint8Array(20));
const STRANGER = makeId('site', new Uint8Array(20).fill(1));
const knows = (site: string) => site === SITE;
const GOOD = { requests: 5, status5xx: 1, latency: [3, 2], inFlight: 1, lastActivity: 1_800_000_000_000.5 };
const said = (sites: unknown) => ({ generation: 'g', now: 1_800_000_000_001, sites });

test('what a sound edge says is taken as it is', () => {
  expect(parseStats(said({ [SITE]: GOOD }), knows)).toEqual(said({ [SITE]: GOOD }));
  expect(parseStats(said([]), knows)).toEqual(said({}));
});

test('sites that it was never told of do not exist', () => {
  const sites = { [SITE]: GOOD, [STRANGER]: GOOD, constructor: GOOD, '../x': GOOD };
  expect(parseStats(said(sites), knows)).toEqual(said({ [SITE]: GOOD }));
});

test.each([
  null,
  [],
  { ...GOOD, requests: '5' },
  { ...GOOD, requests: -1 },
  { ...GOOD, requests: 0.5 },
  { ...GOOD, inFlight: 1e300 },
  { ...GOOD, lastActivity: null },
  { ...GOOD, latency: { length: 1 } },
  { ...GOOD, latency: [1, 'x'] },
  { ...GOOD, latency: Array.from({ length: 1000 }, () => 1) },
])('counts that are none are left out: %j', (stats) => {
  expect(parseStats(said({ [SITE]: stats }), knows)).toEqual(said({}));
});

test('anything else is no answer, and nothing breaks it', () => {
  expect(parseStats({ ...said({}), generation: 'g'.repeat(1000) }, knows)).toBeUndefined();
  expect(parseStats({ ...said({}), now: '1' }, knows)).toBeUndefined();
  fc.assert(
    fc.property(fc.anything(), fc.anything(), (one, other) => {
      expect(parseStats(one, knows)).toBeUndefined();
      parseStats(said({ [SITE]: other }), knows);
      parseStats(said(other), knows);
    }),
  );
});
