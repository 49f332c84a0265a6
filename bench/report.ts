import type { Comparison, Result, Series, Unit } from './benchmark.ts';
import type { Machine } from './machine.ts';
import { spread } from './measure/statistics.ts';
import type { BenchReport } from './run.ts';

/** The whole report for people. Pure. */
export function reportText({ machine, quick, results }: BenchReport): string {
  const head = [
    machineText(machine),
    ...(quick ? ['Few samples (--quick): they tell that it works, not how fast.'] : []),
  ];
  return [head.join('\n'), ...results.map(resultText)].join('\n\n');
}

function machineText({ cores, processor, memoryBytes, kernel }: Machine): string {
  return `${cores} cores (${processor}), ${quantity(memoryBytes, 'bytes')} of memory, Linux ${kernel}`;
}

function resultText(result: Result): string {
  const { name, title, series, comparisons, notes, disturbed, seconds } = result;
  const [before, after] = result.load;
  const head = `${name}: ${title} (${seconds.toFixed(0)} s, load ${before.toFixed(1)} to ${after.toFixed(1)})`;
  if (result.skipped !== undefined) return `${head}\n  skipped: ${result.skipped}`;
  if (result.failed !== undefined) return `${head}\n  FAILED: ${result.failed}`;
  const rows = [...series.map(seriesRow), ...comparisons.map(comparisonRow)];
  const disturbance = disturbed === 0 ? [] : [`others kept the machine busy: ${disturbed} times no quiet moment came`];
  return [head, ...aligned(rows), ...[...notes, ...disturbance].map((note) => `  - ${note}`)].join('\n');
}

type Row = readonly [what: string, middle: string, ends: string, goal: string];

function seriesRow({ name, unit, samples }: Series): Row {
  const { median, min, max } = spread(samples);
  const ends =
    samples.length === 1 ? '' : `${quantity(min, unit)} to ${quantity(max, unit)}, ${samples.length} samples`;
  return [name, quantity(median, unit), ends, ''];
}

function comparisonRow({ what, kind, unit, median, min, max, goal }: Comparison): Row {
  const sign = kind === 'difference' && median > 0 ? '+' : '';
  const ends = min === max ? '' : `${quantity(min, unit)} to ${quantity(max, unit)}`;
  const verdict = goal === undefined ? '' : `goal ${goal.text}: ${goal.met ? 'met' : 'missed'}`;
  return [`= ${what}`, sign + quantity(median, unit), ends, verdict];
}

function aligned(rows: readonly Row[]): string[] {
  const width = (column: 0 | 1 | 2) => Math.max(0, ...rows.map((row) => row[column].length));
  const [first, second, third] = [width(0), width(1), width(2)];
  return rows.map(([what, middle, ends, goal]) =>
    `  ${what.padEnd(first)}  ${middle.padStart(second)}  ${ends.padEnd(third)}  ${goal}`.trimEnd(),
  );
}

const KiB = 1024;

/** A figure with as many digits as mean something. Pure. */
export function quantity(value: number, unit: Unit | 'times'): string {
  switch (unit) {
    case 'times':
      return `${value < 10 ? value.toFixed(2) : value.toFixed(1)} x`;
    case 'ms':
      return `${value.toFixed(Math.abs(value) < 100 ? 1 : 0)} ms`;
    case 'bytes': {
      const [size, name] =
        Math.abs(value) < KiB ** 2 ? [KiB, 'KiB'] : Math.abs(value) < KiB ** 3 ? [KiB ** 2, 'MiB'] : [KiB ** 3, 'GiB'];
      return `${(value / size).toFixed(1)} ${name}`;
    }
    case 'requests/s':
    case 'mails/s':
      return `${value.toFixed(Math.abs(value) < 100 ? 1 : 0)} ${unit}`;
  }
}
