import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PROBE_IDS } from './catalogue.ts';
import { judge, parseSightings, type Sighting, sharpness } from './judge.ts';

const sighting = fc.record({
  probe: fc.constantFrom(...PROBE_IDS),
  saw: fc.constantFrom('seen' as const, 'unseen' as const, 'untested' as const),
  fact: fc.string(),
});

const verdictOf = (sightings: Sighting[], probe: string, absent: ReadonlySet<(typeof PROBE_IDS)[number]> = new Set()) =>
  judge(sightings, absent).find((result) => result.probe === probe)?.verdict;

test('what is seen is open, unless it is declared', () => {
  expect(verdictOf([{ probe: 'call.mount', saw: 'seen', fact: '' }], 'call.mount')).toBe('open');
  expect(verdictOf([{ probe: 'kernel.uid-map', saw: 'seen', fact: '' }], 'kernel.uid-map')).toBe('declared');
});

test('nothing seen is closed only when the bait was there', () => {
  const unseen: Sighting[] = [{ probe: 'process.decoy', saw: 'unseen', fact: '' }];
  expect(verdictOf(unseen, 'process.decoy')).toBe('closed');
  expect(verdictOf(unseen, 'process.decoy', new Set(['process.decoy']))).toBe('not-tested');
});

test('silence is never closed', () => {
  fc.assert(
    fc.property(fc.array(sighting), (sightings) => {
      const spoken = new Set(sightings.map((s) => s.probe));
      const results = judge(sightings);
      expect(results.map((r) => r.probe)).toEqual(PROBE_IDS);
      for (const result of results) if (!spoken.has(result.probe)) expect(result.verdict).toBe('not-tested');
    }),
  );
});

test('a program that prints anything at all does no harm', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const s of parseSightings(text)) expect(PROBE_IDS).toContain(s.probe);
    }),
  );
  expect(parseSightings('call.mount\tseen\tmount succeeded\n__proto__\tseen\tx\nnoise')).toEqual([
    { probe: 'call.mount', saw: 'seen', fact: 'mount succeeded' },
  ]);
});

test('sharpness counts only probes that looked', () => {
  const rows: Sighting[] = [
    { probe: 'call.mount', saw: 'seen', fact: '' },
    { probe: 'call.bpf', saw: 'unseen', fact: '' },
    { probe: 'call.kcmp', saw: 'untested', fact: '' },
  ];
  expect(sharpness(rows)).toEqual({ found: 1, looked: 2 });
});
