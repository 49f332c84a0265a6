const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

export const PERIODS = ['all', 'day', 'week', 'month'] as const;
export type Period = (typeof PERIODS)[number];

const DAYS: Readonly<Record<Exclude<Period, 'all'>, number>> = { day: 1, week: 7, month: 30 };

/** From when on, as the API takes it; to the hour, so that the same question is asked for a while. Undefined for all. Pure. */
export function sinceOf(period: Period, now: number): string | undefined {
  if (period === 'all') return undefined;
  return new Date(Math.floor(now / HOUR_MS) * HOUR_MS - DAYS[period] * DAY_MS).toISOString();
}
