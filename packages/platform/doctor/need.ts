/** What the platform needs of a machine, and what was found. */
export interface Need {
  readonly name: string;
  /** `warning`: it runs, with the disadvantage that `costs` names. `missing`: it cannot run. */
  readonly verdict: 'ok' | 'warning' | 'missing';
  /** What is there, as seen. */
  readonly found: string;
  /** What goes wrong without it. Absent when all is well. */
  readonly costs?: string;
  /** What the reader can do about it. Absent when all is well. */
  readonly mend?: string;
}

export interface Diagnosis {
  /** No need is missing. */
  readonly fit: boolean;
  readonly needs: readonly Need[];
  readonly milliseconds: number;
}

export function ok(name: string, found: string): Need {
  return { name, verdict: 'ok', found };
}

export function warning(name: string, found: string, costs: string, mend: string): Need {
  return { name, verdict: 'warning', found, costs, mend };
}

export function missing(name: string, found: string, costs: string, mend: string): Need {
  return { name, verdict: 'missing', found, costs, mend };
}

/** The diagnosis as text: a line per need, and below each that is not well what it costs and how to mend it. */
export function diagnosisText(diagnosis: Diagnosis, only: readonly Need['verdict'][] = ['ok', 'warning', 'missing']) {
  const shown = diagnosis.needs.filter((need) => only.includes(need.verdict));
  const width = Math.max(0, ...shown.map((need) => need.name.length));
  const lines = shown.flatMap((need) => {
    const head = `${need.verdict.padEnd(7)}  ${need.name.padEnd(width)}  ${need.found}`;
    const indent = ' '.repeat(9 + width + 2);
    return [head, ...[need.costs, need.mend].flatMap((text) => (text === undefined ? [] : [`${indent}${text}`]))];
  });
  return lines.join('\n');
}
