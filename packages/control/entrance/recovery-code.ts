import { createHash } from 'node:crypto';
import { opaqueName } from '#model/id.ts';

/** Codes for the day on which the phone is gone. Each is good for one log-in; only their hashes are kept. */

export const RECOVERY_CODES = 10;
const SIGNS = 16;
const RANDOM_BYTES = 20;

/** Four groups of four signs of Crockford's base 32: 80 bits, so that a fast hash is enough. */
export function makeRecoveryCode(random: (bytes: number) => Buffer): string {
  const signs = opaqueName(random(RANDOM_BYTES)).slice(0, SIGNS);
  return signs.replace(/(.{4})(?=.)/g, '$1-');
}

/** SHA-256 of a code however it is typed: case, spaces and hyphens do not matter, nor look-alikes (Crockford's rules). */
export function recoveryCodeHash(typed: string): Buffer {
  const signs = typed.toLowerCase().replace(/[\s-]/g, '').replace(/[il]/g, '1').replaceAll('o', '0');
  return createHash('sha256').update(signs).digest();
}
