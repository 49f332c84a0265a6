import { expect, test } from 'vitest';
import { PROBE_IDS } from './catalogue.ts';
import type { ProbeResult, ProbeVerdict } from './judge.ts';
import { isTellable, type KeptLook, wallsOf } from './proof.ts';
import { THEMES, themeOf } from './theme.ts';

const look = (
  source: 'own' | 'decoy',
  door: string,
  minute: number,
  verdict: ProbeVerdict,
  probe: ProbeResult['probe'] = 'call.mount',
): KeptLook<string> => ({
  source,
  door,
  at: new Date(Date.UTC(2026, 0, 1, 0, minute)),
  results: [{ probe, verdict, fact: `${door} ${minute}` }],
});
const mount = (looks: readonly KeptLook<string>[]) => wallsOf(looks).find(({ probe }) => probe === 'call.mount');

test('nobody has looked: nothing is claimed', () => {
  const walls = wallsOf([]);
  expect(walls.map(({ probe }) => probe)).toEqual(PROBE_IDS);
  expect(walls.every(({ verdict, findings }) => verdict === 'not-tested' && findings.length === 0)).toBe(true);
});

test('one hole makes a wall open, however many doors are closed', () => {
  const wall = mount([
    look('decoy', 'web', 3, 'closed'),
    look('own', 'exec', 1, 'open'),
    look('own', 'upload', 2, 'closed'),
  ]);
  expect(wall?.verdict).toBe('open');
  expect(wall?.findings.map(({ source, verdict }) => `${source} ${verdict}`)).toEqual([
    'own open',
    'decoy closed',
    'own closed',
  ]);
});

test('the same verdict through several doors is one finding, told by the latest', () => {
  const wall = mount([
    look('own', 'exec', 5, 'closed'),
    look('own', 'upload', 9, 'closed'),
    look('own', 'mail-pipe', 7, 'closed'),
  ]);
  expect(wall?.findings).toHaveLength(1);
  expect(wall?.findings[0]).toMatchObject({ door: 'upload', fact: 'upload 9', doors: ['exec', 'upload', 'mail-pipe'] });
});

test('what was found closed somewhere is not called untested for another door', () => {
  expect(mount([look('own', 'exec', 1, 'not-tested'), look('own', 'upload', 1, 'closed')])?.verdict).toBe('closed');
});

test('every probe has a theme, and every theme a probe', () => {
  expect(new Set(PROBE_IDS.map(themeOf))).toEqual(new Set(THEMES));
});

test('what was seen of the machine is not told; that nothing was seen is', () => {
  expect(isTellable('file.host-name', true)).toBe(false);
  expect(isTellable('file.host-name', false)).toBe(true);
  expect(isTellable('call.mount', true)).toBe(true);
});
