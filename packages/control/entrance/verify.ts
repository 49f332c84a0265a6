import { HofjeError } from '#model/error.ts';
import { hashPassword, isPassword } from '../secret/password.ts';

/** Argon2id takes 64 MiB and a processor for as long as it runs: this many at a time, so many wait, and no more. */
const AT_A_TIME = 2;
const WAITING_MAX = 100;

let running = 0;
const waiting: (() => void)[] = [];

/** A hash of the same cost as every other, that no password has. */
const dummy = hashPassword(crypto.randomUUID());

/**
 * Whether the password has this hash. Without a hash the answer is no, after the same work: how long it takes does not tell
 * whether there is one. Throws `unavailable` when too many ask at once.
 */
export async function verifyPassword(password: string, stored: string | null | undefined): Promise<boolean> {
  return await takeTurn(async () => {
    const right = await isPassword(password, stored ?? (await dummy));
    return right && stored !== null && stored !== undefined;
  });
}

/** The hash of a new password, in its turn. */
export async function hashInTurn(password: string): Promise<string> {
  return await takeTurn(async () => await hashPassword(password));
}

async function takeTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_A_TIME) {
    if (waiting.length >= WAITING_MAX) throw new HofjeError('unavailable', 'Too many people log in at this moment.');
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else running += 1;
  try {
    return await work();
  } finally {
    // The turn goes to who waits longest, or back.
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}
