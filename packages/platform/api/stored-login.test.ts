import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findConnection } from './connection.ts';
import { forgetLogin, loginFile, readLogin, storeLogin } from './stored-login.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hofje-login-'));
});
afterEach(async () => await rm(home, { recursive: true }));

const login = { api: 'https://panel.example', token: `hofje_${'a'.repeat(40)}` };

test('a login is kept for its user alone, and found again', async () => {
  const environment = { HOME: home };
  expect(await readLogin(environment)).toBeUndefined();
  const file = await storeLogin(environment, login);
  expect(file).toBe(join(home, '.config/hofje/login.json'));
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(join(file, '..'))).mode & 0o777).toBe(0o700);
  expect(await readLogin(environment)).toEqual(login);
  expect(await forgetLogin(environment)).toBe(true);
  expect(await forgetLogin(environment)).toBe(false);
  expect(await readLogin(environment)).toBeUndefined();
});

test('XDG_CONFIG_HOME counts before HOME, a relative one not at all', () => {
  expect(loginFile({ HOME: '/home/a', XDG_CONFIG_HOME: '/etc/a' })).toBe('/etc/a/hofje/login.json');
  expect(loginFile({ HOME: '/home/a', XDG_CONFIG_HOME: 'a' })).toBe('/home/a/.config/hofje/login.json');
  expect(loginFile({})).toBeUndefined();
});

test('a token that others can read is not used', async () => {
  const file = await storeLogin({ HOME: home }, login);
  await chmod(file, 0o644);
  await expect(readLogin({ HOME: home })).rejects.toMatchObject({ code: 'cli.login-open' });
});

test('a file that is no login says so', async () => {
  const file = await storeLogin({ HOME: home }, login);
  for (const text of ['', '{}', '[]', '{"api": 1}']) {
    await writeFile(file, text);
    await expect(readLogin({ HOME: home })).rejects.toMatchObject({ code: 'cli.login-broken' });
  }
  expect(await readFile(file, 'utf8')).toBe('{"api": 1}');
});

test('what the environment names counts before a login, and a login before the machine', async () => {
  await storeLogin({ HOME: home }, login);
  const tokenFile = join(home, 'token');
  await writeFile(tokenFile, 'other');
  expect(await findConnection({ HOME: home })).toMatchObject({ token: login.token, local: false });
  const named = { HOME: home, HOFJE_API: 'https://api.example', HOFJE_TOKEN_FILE: tokenFile };
  expect(await findConnection(named)).toMatchObject({ token: 'other' });
  await expect(findConnection({ HOME: home, HOFJE_STATE: join(home, 'state') })).rejects.toMatchObject({
    code: 'api.unavailable',
  });
});
