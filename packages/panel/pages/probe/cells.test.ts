import { expect, test } from 'vitest';
import { type Column, columnsOf, moved, placesOf, type Row, spansOf, verdictsOf } from './cells.ts';
import { joined, type Matrix } from './useMatrix.ts';

const column = (probe: string, theme: Column['theme']): Column => ({ probe, theme, promise: '', declared: null });
const columns = [column('a', 'mail'), column('b', 'processes'), column('c', 'mail')];
const node = { id: 'node_1', name: 'node1' };
const row = (changes: Partial<Row>): Row => ({
  ...{
    kind: 'site',
    node,
    site: { id: 'site_1', name: 'x.example' },
    door: 'exec',
    at: null,
    triedAt: '',
    failure: null,
  },
  ...{ instance: null, image: null, open: [], declared: [], notTested: [] },
  ...changes,
});
const holed = row({ open: [{ probe: 'c', fact: 'seen' }], notTested: ['b'] });

test('columns stand by theme; of holes alone those without any are left out', () => {
  expect(columnsOf(columns, [holed], false).map(({ probe }) => probe)).toEqual(['b', 'a', 'c']);
  expect(columnsOf(columns, [holed], true).map(({ probe }) => probe)).toEqual(['c']);
  expect(spansOf(columnsOf(columns, [], false))).toEqual([
    { theme: 'processes', count: 1 },
    { theme: 'mail', count: 2 },
  ]);
});

test('what is in no list of a row is closed', () => {
  expect(verdictsOf(holed, columns)).toEqual(['closed', 'not-tested', 'open']);
});

test('doors of one place stand together, a decoy by its node', () => {
  const rows = [row({ kind: 'decoy', site: null }), row({}), row({ door: 'upload' })];
  expect(placesOf(rows).map(({ key, rows: own }) => [key, own.length])).toEqual([
    ['node_1', 1],
    ['site_1', 2],
  ]);
});

test('keys go from cell to cell and not beyond', () => {
  expect(moved({ row: 0, column: 0 }, 'ArrowUp', 3, 5)).toEqual({ row: 0, column: 0 });
  expect(moved({ row: 1, column: 4 }, 'ArrowRight', 3, 5)).toEqual({ row: 1, column: 4 });
  expect(moved({ row: 1, column: 2 }, 'ArrowDown', 3, 5)).toEqual({ row: 2, column: 2 });
  expect(moved({ row: 1, column: 2 }, 'End', 3, 5)).toEqual({ row: 1, column: 4 });
  expect(moved({ row: 1, column: 2 }, 'x', 3, 5)).toBeUndefined();
});

test('pages are one matrix', () => {
  const page = (changes: Partial<Matrix>): Matrix => ({
    probes: columns,
    items: [],
    next: null,
    looks: 3,
    holes: 0,
    controls: [],
    ...changes,
  });
  const control = { node: 'node1', at: null, found: 1, looked: 1, missed: [] };
  const both = joined([
    page({ items: [holed], controls: [control] }),
    page({ items: [row({})], looks: 4, controls: [control] }),
  ]);
  expect(both).toMatchObject({ items: [{}, {}], looks: 4, controls: [control] });
  expect(both?.controls).toHaveLength(1);
  expect(joined([])).toBeUndefined();
});
