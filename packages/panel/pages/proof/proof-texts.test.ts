import { expect, test } from 'vitest';
import { PROBE_IDS, PROBES } from '#model/probe/catalogue.ts';
import { THEMES } from '#model/probe/theme.ts';
import { probeTexts } from './probe-texts.ts';
import { declaredTexts, themeTexts } from './wall-texts.ts';

test('every probe of the catalogue has its words, the English ones as the catalogue has them', () => {
  expect(Object.keys(probeTexts.entries)).toEqual(PROBE_IDS);
  for (const probe of PROBE_IDS) expect(probeTexts.entries[probe].en).toBe(PROBES[probe].promise);
});

test('what is visible by decision says why, in both languages', () => {
  const declared = PROBE_IDS.flatMap((probe) => {
    const rule: { readonly declared?: string } = PROBES[probe];
    return rule.declared === undefined ? [] : [[probe, rule.declared]];
  });
  expect(Object.entries(declaredTexts.entries).map(([probe, { en }]) => [probe, en])).toEqual(declared);
});

test('every theme has its name', () => {
  expect(Object.keys(themeTexts.entries)).toEqual(THEMES);
});
