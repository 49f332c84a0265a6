const GIB = 1024 ** 3;
const STEPS = [0.25, 0.5, 1, 2, 5, 10, 25, 50, 100, 250] as const;

/** Sizes of mailboxes to choose among: round ones that the domain has room for, and the present one. Bytes, rising. Pure. */
export function mailboxSizes(limit: number, present: number): number[] {
  const round = STEPS.map((step) => step * GIB).filter((size) => size <= limit);
  return [...new Set([...round, present])].toSorted((one, other) => one - other);
}

/** What a new mailbox has: one gigabyte, or all of the domain. As the API does without a wish. Pure. */
export function firstSize(limit: number): number {
  return Math.min(GIB, limit);
}
