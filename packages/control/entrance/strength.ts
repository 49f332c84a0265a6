import { HofjeError } from '#model/error.ts';
import { COMMON_PASSWORDS } from './common-passwords.ts';

/** NIST SP 800-63B, 5.1.1.2: length is what counts. */
export const PERSON_PASSWORD_MIN = 10;
const SIGNS_MIN = 5;

/**
 * Throws `password.weak`: too short, too few different signs, the person's own address or name, or one of those that are
 * tried first. No rule about kinds of characters: such rules make passwords alike, not strong (NIST SP 800-63B, appendix A).
 */
export function checkStrength(password: string, person: { readonly email: string; readonly name?: string }): void {
  const weak = (why: string) => new HofjeError('password.weak', why, { field: 'password' });
  if ([...password].length < PERSON_PASSWORD_MIN)
    throw weak(`A password has at least ${PERSON_PASSWORD_MIN} characters.`);
  if (new Set(password).size < SIGNS_MIN) throw weak('The password has too few different characters.');
  const bare = bareOf(password);
  const [local = ''] = person.email.split('@');
  const own = [person.email, local, person.email.replace(/^.*@/, ''), person.name ?? ''].map(bareOf);
  if (own.some((text) => text !== '' && bare === text)) throw weak('The password is your own name or address.');
  if (COMMON_PASSWORDS.has(bare)) throw weak('The password is one of those that are tried first.');
}

/** Without case, and without the signs and digits at the end that people put there because a rule asked for them. */
function bareOf(text: string): string {
  const lower = text.toLowerCase().normalize('NFKC');
  return lower.replace(/[^\p{L}]+$/u, '') || lower;
}
