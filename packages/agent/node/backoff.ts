export interface BackoffRule {
  readonly firstMs: number;
  readonly factor: number;
  readonly maxMs: number;
  /** Share of the time that is left to chance, so that many do not come at once. */
  readonly jitter: number;
}

/** How long to wait after this many failures in a row (1 is the first). `chance` is in [0, 1). */
export function backoffMs(failures: number, rule: BackoffRule, chance: number): number {
  if (failures < 1) return 0;
  const full = Math.min(rule.maxMs, rule.firstMs * rule.factor ** Math.min(failures - 1, 50));
  return Math.round(full * (1 - rule.jitter * chance));
}
