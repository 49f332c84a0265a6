import { hashPassword, isPassword } from '../secret/password.ts';
import { Turns } from './turns.ts';

/** Argon2id takes 64 MiB and a processor for as long as it runs. */
const turns = new Turns(2, 100);

/** A hash of the same cost as every other, that no password has. */
const dummy = hashPassword(crypto.randomUUID());

/**
 * Whether the password has this hash. Without a hash the answer is no, after the same work: how long it takes does not tell
 * whether there is one. Throws `unavailable` when too many ask at once.
 */
export async function verifyPassword(password: string, stored: string | null | undefined): Promise<boolean> {
  return await turns.take(async () => {
    const right = await isPassword(password, stored ?? (await dummy));
    return right && stored !== null && stored !== undefined;
  });
}

/** The hash of a new password, in its turn. */
export async function hashInTurn(password: string): Promise<string> {
  return await turns.take(async () => await hashPassword(password));
}
