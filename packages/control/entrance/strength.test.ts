import { expect, test } from 'vitest';
import { checkStrength } from './strength.ts';

const person = { email: 'marijke.jansen@example.org', name: 'Marijke Jansen' };

test.each([
  'short',
  '1111111111',
  'abababababab',
  'Password123!',
  'WACHTWOORD2026',
  '1234567890',
  'Marijke Jansen1',
  'marijke.jansen99',
  'Marijke.Jansen@example.org',
  'qwertyuiop',
  'Iloveyou!!!2026',
])('%s is refused, with the field', (password) => {
  expect(() => checkStrength(password, person)).toThrow(
    expect.objectContaining({ code: 'password.weak', field: 'password' }),
  );
});

test.each(['een fiets in het hofje', 'p9!fKq3~zz', 'пароль из слов', '🐈🐕🐎🐄🐖🐐🐑🐓🦆🦢'])(
  '%s is taken',
  (password) => {
    expect(() => checkStrength(password, person)).not.toThrow();
  },
);
