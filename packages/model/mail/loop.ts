import { CATCH_ALL, comparableAddress } from './address.ts';

/** Where mail for addresses here goes on to: address (or `*@domain`) to targets. Keys and targets in comparable form. */
export type ForwardMap = ReadonlyMap<string, readonly string[]>;

/**
 * The way in which mail for `start` comes back to an address that it was at before, or undefined. Mailboxes end a way:
 * they are in the map with no targets, so that a catch-all does not take their mail.
 */
export function forwardLoop(forwards: ForwardMap, start: string): string[] | undefined {
  return follow(forwards, comparableAddress(start), [], new Set());
}

function follow(
  forwards: ForwardMap,
  address: string,
  way: readonly string[],
  done: Set<string>,
): string[] | undefined {
  const stop = stopOf(forwards, address);
  if (stop === undefined || done.has(stop)) return undefined;
  if (way.includes(stop)) return [...way, stop];
  for (const target of forwards.get(stop) ?? []) {
    const loop = follow(forwards, comparableAddress(target), [...way, stop], done);
    if (loop !== undefined) return loop;
  }
  done.add(stop);
  return undefined;
}

/** The entry that takes mail for an address: its own, else its domain's catch-all. */
function stopOf(forwards: ForwardMap, address: string): string | undefined {
  if (forwards.has(address)) return address;
  const catchAll = `${CATCH_ALL}${address.slice(address.lastIndexOf('@'))}`;
  return forwards.has(catchAll) ? catchAll : undefined;
}
