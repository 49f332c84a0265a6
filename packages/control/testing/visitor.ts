import { makeId, type PersonId } from '#model/id.ts';
import type { OperatorRole } from '#model/right/role.ts';
import { newPasswordHash } from '../entrance/new-password.ts';
import type { Answer, SendOptions, TestControl } from './harness.ts';

/** A browser with the panel open: keeps its cookies, and says that its requests come from the panel's own page. */
export interface Visitor {
  send(method: string, path: string, body?: unknown, options?: SendOptions): Promise<Answer>;
  /** The value of a cookie that it holds. */
  cookie(name: string): string | undefined;
  setCookie(name: string, value: string): void;
  forget(name: string): void;
}

export function makeVisitor(control: TestControl): Visitor {
  const cookies = new Map<string, string>();
  return {
    cookie: (name) => cookies.get(name),
    setCookie: (name, value) => void cookies.set(name, value),
    forget: (name) => void cookies.delete(name),
    async send(method, path, body, options = {}) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await control.send(method, path, {
        token: null,
        ...(body === undefined ? {} : { body }),
        ...options,
        headers: { 'sec-fetch-site': 'same-origin', ...(cookie === '' ? {} : { cookie }), ...options.headers },
      });
      for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (/Max-Age=0/.test(line)) cookies.delete(name);
        else cookies.set(name, value);
      }
      return answer;
    },
  };
}

/** Hashing takes its time; tests use few passwords. */
const hashes = new Map<string, Promise<string>>();

async function hashOnce(password: string): Promise<string> {
  const hash = hashes.get(password) ?? newPasswordHash(password, { email: 'nobody@example.org' });
  hashes.set(password, hash);
  return await hash;
}

/** A person in the database, without any invitation. */
export async function makePerson(
  { control }: TestControl,
  person: { readonly email: string; readonly password?: string; readonly operatorRole?: OperatorRole },
): Promise<PersonId> {
  const { email, password, operatorRole = null } = person;
  const id = makeId('person', control.context.random(20));
  await control.context.db
    .insertInto('person')
    .values({
      id,
      email,
      name: email.replace(/@.*/, ''),
      operator_role: operatorRole,
      password_hash: password === undefined ? null : await hashOnce(password),
      password_changed_at: null,
      totp_secret: null,
      totp_confirmed_at: null,
      totp_last_step: null,
      disabled_at: null,
    })
    .execute();
  return id;
}
