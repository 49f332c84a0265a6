import { THEMES, type Theme } from '#model/probe/theme.ts';
import type { Matrix } from './useMatrix.ts';

export type Row = Matrix['items'][number];
export type Column = Matrix['probes'][number];
export type Verdict = 'closed' | 'open' | 'declared' | 'not-tested';

/** The columns in the order of their themes; with `holes`, only those in which something of these rows is open. Pure. */
export function columnsOf(probes: readonly Column[], rows: readonly Row[], holes: boolean): Column[] {
  const open = new Set(rows.flatMap((row) => row.open.map(({ probe }) => probe)));
  const shown = probes.filter(({ probe }) => !holes || open.has(probe));
  return THEMES.flatMap((theme) => shown.filter((column) => column.theme === theme));
}

/** How many columns each theme has. Pure. */
export function spansOf(columns: readonly Column[]): { readonly theme: Theme; readonly count: number }[] {
  return THEMES.map((theme) => ({ theme, count: columns.filter((column) => column.theme === theme).length })).filter(
    ({ count }) => count > 0,
  );
}

/** What was found in each column of a row. Pure. */
export function verdictsOf(row: Row, columns: readonly Column[]): Verdict[] {
  const open = new Set(row.open.map(({ probe }) => probe));
  const declared = new Set(row.declared);
  const notTested = new Set(row.notTested);
  return columns.map(({ probe }) => {
    if (open.has(probe)) return 'open';
    if (declared.has(probe)) return 'declared';
    return notTested.has(probe) ? 'not-tested' : 'closed';
  });
}

/** Rows of one place stand together. Pure. */
export function placesOf(rows: readonly Row[]): { readonly key: string; readonly rows: readonly Row[] }[] {
  return [...Map.groupBy(rows, (row) => row.site?.id ?? row.node.id)].map(([key, own]) => ({ key, rows: own }));
}

export interface Place {
  readonly row: number;
  readonly column: number;
}

/** Where a key leads from a cell of a grid; undefined when it is none that moves. Pure. */
export function moved({ row, column }: Place, key: string, rows: number, columns: number): Place | undefined {
  const within = (value: number, count: number) => Math.min(Math.max(value, 0), count - 1);
  switch (key) {
    case 'ArrowUp':
      return { row: within(row - 1, rows), column };
    case 'ArrowDown':
      return { row: within(row + 1, rows), column };
    case 'ArrowLeft':
      return { row, column: within(column - 1, columns) };
    case 'ArrowRight':
      return { row, column: within(column + 1, columns) };
    case 'Home':
      return { row, column: 0 };
    case 'End':
      return { row, column: columns - 1 };
    default:
      return undefined;
  }
}
