/** How many messages were sent, by minute (since 1970); old minutes first. */
export type SendingHistory = readonly { readonly minute: number; readonly count: number }[];

const WINDOW_MINUTES = 60;
const MINUTE_MS = 60_000;

/** Messages of the sixty minutes that end with this one. */
export function sentWithinHour(history: SendingHistory, now: number): number {
  return recent(history, now).reduce((sum, { count }) => sum + count, 0);
}

/** The history with `count` more; what no longer counts is gone from it. */
export function withSent(history: SendingHistory, now: number, count: number): SendingHistory {
  const kept = recent(history, now);
  const minute = minuteOf(now);
  const before = kept.find((entry) => entry.minute === minute)?.count ?? 0;
  return [...kept.filter((entry) => entry.minute !== minute), { minute, count: before + count }];
}

/** Seconds until `count` more fit into the limit; 0 when they fit now. For `count` over the limit: a whole hour. */
export function secondsUntilRoom(history: SendingHistory, now: number, limit: number, count: number): number {
  let sum = sentWithinHour(history, now);
  if (sum + count <= limit) return 0;
  for (const entry of recent(history, now)) {
    sum -= entry.count;
    if (sum + count <= limit) return Math.ceil(((entry.minute + WINDOW_MINUTES) * MINUTE_MS - now) / 1000);
  }
  return WINDOW_MINUTES * 60;
}

function recent(history: SendingHistory, now: number): SendingHistory {
  const first = minuteOf(now) - WINDOW_MINUTES + 1;
  // A clock that was set back leaves minutes of the future: they would count for ever.
  return history.filter(({ minute }) => minute >= first && minute <= minuteOf(now));
}

function minuteOf(now: number): number {
  return Math.floor(now / MINUTE_MS);
}
