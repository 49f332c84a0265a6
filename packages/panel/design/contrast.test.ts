import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const TOKENS = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8');
const THEMES = ['light', 'dark'] as const;

/** A colour of the tokens as red, green, blue from 0 to 255. */
function colour(name: string, theme: (typeof THEMES)[number]): readonly number[] {
  const [, light, dark] = new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(TOKENS) ?? [];
  const text = theme === 'light' ? light : dark;
  if (text === undefined) throw new Error(`there is no colour --${name}`);
  return [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16));
}

/** Relative luminance (WCAG 2.2). */
function luminance(rgb: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = rgb.map((each) => {
    const share = each / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: readonly number[], other: readonly number[]): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

const WORDS = 4.5;
const EDGES = 3;

/** What stands on what, and how much it must stand out. */
const PAIRS: readonly (readonly [string, string, number])[] = [
  ...['paper', 'surface', 'raised', 'sunken'].flatMap((ground) =>
    ['ink', 'ink-soft', 'door', 'brick'].map((ink) => [ink, ground, WORDS] as const),
  ),
  ['door', 'door-tint', WORDS],
  ['ink', 'door-tint', WORDS],
  ['on-door', 'door', WORDS],
  ['on-door', 'door-hover', WORDS],
  ['on-door', 'door-pressed', WORDS],
  ['lamp-ink', 'lamp-tint', WORDS],
  ['lamp-ink', 'surface', WORDS],
  ['ink', 'lamp-tint', WORDS],
  ['dusk', 'dusk-tint', WORDS],
  ['brick', 'brick-tint', WORDS],
  ['ink', 'brick-tint', WORDS],
  ['on-brick', 'brick', WORDS],
  ['on-brick', 'brick-hover', WORDS],
  ['line-strong', 'surface', EDGES],
  ['line-strong', 'paper', EDGES],
  ['focus', 'surface', EDGES],
  ['focus', 'paper', EDGES],
];

for (const theme of THEMES) {
  test.each(PAIRS)(`${theme}: --%s on --%s`, (front, ground, least) => {
    expect(contrast(colour(front, theme), colour(ground, theme))).toBeGreaterThanOrEqual(least);
  });
}

test.each(['ink', 'ink-soft', 'door', 'lamp-ink', 'dusk', 'brick', 'line-strong'])(
  'the figures of docs/design.md for --%s are true',
  (name) => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/design.md'), 'utf8');
    const row = page.split('\n').find((line) => line.startsWith('|') && line.includes(`\`--${name}\``)) ?? '';
    const told = [...(row.split('|').at(-2) ?? '').matchAll(/\d+\.\d/g)].map(([figure]) => Number(figure));
    const ground = row.includes('on its tint') ? `${name.replace('-ink', '')}-tint` : 'paper';
    const figured = THEMES.map((theme) => Math.floor(contrast(colour(name, theme), colour(ground, theme)) * 10) / 10);
    expect(told).toEqual(figured);
  },
);
