import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeId } from '#model/id.ts';
import { type AwakeSite, admission } from './admission.ts';

const NOW = 1_000_000;
const RULE = { reserveBytes: 100, sitesBytesMax: undefined, startsMax: 2 };
const site = (number: number, memoryBytes: number, idleSince?: number): AwakeSite => ({
  id: makeId(
    'site',
    Uint8Array.from({ length: 20 }, () => number),
  ),
  memoryBytes,
  idleSince,
});

describe('admission', () => {
  test('admits while the reserve is untouched', () => {
    const room = { availableBytes: 150, starting: 0, startingBytes: 0, awake: [] };
    expect(admission(50, room, RULE, NOW)).toEqual({ admit: true });
    expect(admission(51, room, RULE, NOW)).toEqual({ admit: false, for: 'memory' });
  });

  test('counts what those that are starting will take, and how many they are', () => {
    expect(admission(10, { availableBytes: 999, starting: 2, startingBytes: 0, awake: [] }, RULE, NOW)).toEqual({
      admit: false,
      for: 'turn',
    });
    expect(admission(50, { availableBytes: 180, starting: 1, startingBytes: 40, awake: [] }, RULE, NOW)).toEqual({
      admit: false,
      for: 'memory',
    });
  });

  test('lets the longest idle sleep first, and never one that is busy or served a moment ago', () => {
    const busy = site(1, 500);
    const fresh = site(2, 500, NOW - 100);
    const older = site(3, 30, NOW - 60_000);
    const oldest = site(4, 30, NOW - 90_000);
    const room = { availableBytes: 110, starting: 0, startingBytes: 0, awake: [busy, fresh, older, oldest] };
    expect(admission(30, room, RULE, NOW)).toEqual({ admit: 'after', sleep: [oldest.id] });
    expect(admission(60, room, RULE, NOW)).toEqual({ admit: 'after', sleep: [oldest.id, older.id] });
    expect(admission(90, room, RULE, NOW)).toEqual({ admit: false, for: 'memory' });
  });

  test('keeps within what all sites together may use', () => {
    const rule = { ...RULE, sitesBytesMax: 100 };
    const room = { availableBytes: 10_000, starting: 0, startingBytes: 0, awake: [site(1, 60, NOW - 60_000)] };
    expect(admission(40, room, rule, NOW)).toEqual({ admit: true });
    expect(admission(41, room, rule, NOW).admit).toBe('after');
  });

  test('what it admits, after those it names sleep, leaves the reserve', () => {
    const awake = fc.array(fc.tuple(fc.nat(200), fc.option(fc.nat(100_000), { nil: undefined })), { maxLength: 8 });
    fc.assert(
      fc.property(fc.nat(500), fc.nat(1000), awake, (needed, available, list) => {
        const sites = list.map(([bytes, idle], at) => site(at, bytes, idle === undefined ? undefined : NOW - idle));
        const room = { availableBytes: available, starting: 0, startingBytes: 0, awake: sites };
        const answer = admission(needed, room, RULE, NOW);
        if (answer.admit === false) return;
        const sleeping = new Set(answer.admit === 'after' ? answer.sleep : []);
        const freed = sites.filter((one) => sleeping.has(one.id)).reduce((sum, one) => sum + one.memoryBytes, 0);
        expect(available + freed - needed).toBeGreaterThanOrEqual(RULE.reserveBytes);
        for (const one of sites) if (sleeping.has(one.id)) expect(one.idleSince).toBeDefined();
      }),
    );
  });
});
