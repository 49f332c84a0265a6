import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { writeFileAtomically } from '#host/file.ts';
import { HofjeError } from '#model/error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What `hofje login` keeps: where, as whom, and whom to believe. */
const StoredLogin = Type.Object(
  { api: Type.String(), token: Type.String(), ca: Type.Optional(Type.String({ description: 'PEM.' })) },
  { additionalProperties: false },
);
export type StoredLogin = Static<typeof StoredLogin>;

/** In the person's own configuration (XDG Base Directory Specification); undefined where there is no home. */
export function loginFile(environment: Environment): string | undefined {
  const { XDG_CONFIG_HOME: config, HOME: home } = environment;
  // A relative path is to be ignored, says the specification.
  if (config?.startsWith('/')) return join(config, 'hofje', 'login.json');
  return home?.startsWith('/') ? join(home, '.config', 'hofje', 'login.json') : undefined;
}

/** Undefined when nobody has logged in. Throws `cli.login-open` when others can read the token, `cli.login-broken`. */
export async function readLogin(environment: Environment): Promise<StoredLogin | undefined> {
  const file = loginFile(environment);
  if (file === undefined) return undefined;
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new HofjeError('cli.login-broken', `${file} cannot be read: ${error.code ?? error.message}`);
  });
  if (text === undefined) return undefined;
  if (((await stat(file)).mode & 0o077) !== 0) {
    throw new HofjeError('cli.login-open', `${file} can be read by others`, {
      hint: 'Revoke that token, and log in again with a new one.',
    });
  }
  const parsed = parse(text);
  if (parsed === undefined) {
    throw new HofjeError('cli.login-broken', `${file} holds no login`, { hint: 'Run `hofje login` again.' });
  }
  return parsed;
}

/** Readable by this user alone. Returns the file. */
export async function storeLogin(environment: Environment, login: StoredLogin): Promise<string> {
  const file = loginFile(environment);
  if (file === undefined) throw new HofjeError('cli.no-home', 'there is no home folder to keep the token in');
  await mkdir(join(file, '..'), { recursive: true, mode: 0o700 });
  await writeFileAtomically(file, `${JSON.stringify(login, null, 2)}\n`, { mode: 0o600 });
  return file;
}

/** Whether there was one. */
export async function forgetLogin(environment: Environment): Promise<boolean> {
  const file = loginFile(environment);
  if (file === undefined) return false;
  try {
    await rm(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function parse(text: string): StoredLogin | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(StoredLogin, value) ? value : undefined;
  } catch {
    return undefined;
  }
}
