/** One line of the demo's table: a promise, whether it held, and the fact that was seen. */
export interface Check {
  readonly promise: string;
  readonly held: boolean;
  readonly fact: string;
}

/** What a look at a promise found. */
export interface Finding {
  readonly held: boolean;
  readonly fact: string;
}

/** Looks, and turns a failure to look into a line that does not hold: no evidence is not good evidence. */
export async function check(promise: string, look: () => Promise<Finding>): Promise<Check> {
  try {
    return { promise, ...(await look()) };
  } catch (error) {
    return { promise, held: false, fact: error instanceof Error ? error.message : String(error) };
  }
}

const FACT_WIDTH = 90;

/** The table for people. Pure. */
export function checkTable(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ promise }) => promise.length));
  const lines = checks.map(({ promise, held, fact }) => {
    const short = fact.length > FACT_WIDTH ? `${fact.slice(0, FACT_WIDTH - 1)}…` : fact;
    return `${held ? '✓' : '✗'} ${promise.padEnd(width)}  ${short}`;
  });
  const held = checks.filter((each) => each.held).length;
  return [...lines, '', `${held} of ${checks.length} verified`].join('\n');
}
