import { hash, verify } from '@node-rs/argon2';
import { HofjeError } from '#model/error.ts';

/**
 * Parameters that Dovecot 2.3 (libsodium) verifies within its default limit of 256 MiB for an auth worker: one lane,
 * 64 MiB, three passes (RFC 9106, second recommended option, with the one lane that libsodium can).
 */
const ARGON2ID = { algorithm: 2, memoryCost: 64 * 1024, timeCost: 3, parallelism: 1 } as const;
const SCHEME = '{ARGON2ID}';

export const PASSWORD_MIN = 10;

/** No look-alikes (0 O, 1 l I): people read them from paper. 56 signs, 24 of them: 139 bits. */
const SIGNS = '23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ';
const GENERATED_LENGTH = 24;

export function generatePassword(random: (bytes: number) => Buffer): string {
  let password = '';
  while (password.length < GENERATED_LENGTH) {
    for (const byte of random(64)) {
      // Bytes past the last whole multiple would favour the first signs.
      if (byte < 224 && password.length < GENERATED_LENGTH) password += SIGNS.charAt(byte % SIGNS.length);
    }
  }
  return password;
}

/** Throws `mailbox.password-weak`. Length counts, and that it is not the name; nothing else helps (NIST SP 800-63B). */
export function checkPassword(password: string, address: string, field = 'password'): void {
  const local = address.slice(0, address.lastIndexOf('@'));
  if (password.length < PASSWORD_MIN) {
    throw new HofjeError('mailbox.password-weak', `A password has at least ${PASSWORD_MIN} characters.`, { field });
  }
  if (new Set(password).size < 4 || [address, local].some((name) => password.toLowerCase() === name)) {
    throw new HofjeError('mailbox.password-weak', 'The password is too easy to guess.', { field });
  }
}

/** The hash as Dovecot reads it: `{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$...`. */
export async function hashPassword(password: string): Promise<string> {
  return SCHEME + (await hash(password, ARGON2ID));
}

export async function isPassword(password: string, stored: string): Promise<boolean> {
  return stored.startsWith(SCHEME) && (await verify(stored.slice(SCHEME.length), password));
}

/** Whether a stored hash costs less than those made today: it is replaced when its password is shown the next time. */
export function needsRehash(stored: string): boolean {
  const { memoryCost, timeCost, parallelism } = ARGON2ID;
  return !stored.startsWith(`${SCHEME}$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$`);
}
