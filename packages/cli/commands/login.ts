import { Command } from '@commander-js/extra-typings';
import { type Me, showMe } from '#contract/api/session.ts';
import { HofjeError } from '#model/error.ts';
import { makeClient } from '#platform/api/client.ts';
import { apiAddress, localConnection } from '#platform/api/connection.ts';
import { forgetLogin, type StoredLogin, storeLogin } from '#platform/api/stored-login.ts';
import type { Context } from '../context.ts';
import { examples } from '../examples.ts';
import { readNamedFile } from '../options.ts';
import { facts } from '../output.ts';
import { askSecret } from '../secret.ts';

export function loginCommand(context: Context) {
  return new Command('login')
    .description('act as yourself from now on, with a personal token made in the panel')
    .option('--api <url>', 'https address of the platform; the one of this machine otherwise')
    .option('--ca <file>', 'authority of its certificate (PEM), if your system does not know it')
    .addHelpText(
      'after',
      examples(
        ['hofje login --api https://panel.example', 'asks for the token, which nobody sees'],
        ['hofje login --api https://panel.example < token-file', 'for a script'],
      ),
    )
    .action(async (options, command) => {
      const { api, ca } = await whereTo(context, options);
      const token = (await askSecret('Token: ')).trim();
      const login: StoredLogin = { api: api.href, token, ...(ca !== undefined && { ca }) };
      const me = await whoIs(login, api);
      const file = await storeLogin(context.environment, login);
      context.output(command).result({ api: api.href, me, file }, loginText(api, me, file));
    });
}

export function logoutCommand(context: Context) {
  return new Command('logout')
    .description('forget the token that `hofje login` kept; it stays good until it is revoked')
    .addHelpText('after', examples(['hofje logout', 'on the machine itself one is its operator again']))
    .action(async (_options, command) => {
      const forgotten = await forgetLogin(context.environment);
      context.output(command).result({ forgotten }, forgotten ? 'Logged out.' : 'Nobody was logged in.');
    });
}

interface Where {
  readonly api: URL;
  readonly ca?: string;
}

async function whereTo(context: Context, { api, ca }: { api?: string; ca?: string }): Promise<Where> {
  const named = api ?? context.environment['HOFJE_API'];
  if (named) {
    const file = ca ?? context.environment['HOFJE_CA_FILE'];
    return { api: apiAddress(named, '--api'), ...(file && { ca: await readNamedFile(file, '--ca') }) };
  }
  const local = await localConnection(context.environment);
  return { api: local.url, ...(local.ca !== undefined && { ca: local.ca }) };
}

/** Whose token it is. Throws `cli.token-wrong` when it is none that is good. */
async function whoIs(login: StoredLogin, url: URL): Promise<Me> {
  const client = makeClient({ url, token: login.token, local: false, ...(login.ca !== undefined && { ca: login.ca }) });
  try {
    return await client.call(showMe, {});
  } catch (error) {
    if (!(error instanceof HofjeError) || error.code !== 'auth.required') throw error;
    throw new HofjeError('cli.token-wrong', 'that is no token that is good there', {
      hint: 'Make one in the panel, or on its machine with `hofje token create NAME --person ADDRESS`.',
      cause: error,
    });
  }
}

function loginText(api: URL, me: Me, file: string): string {
  return facts([
    ['logged in as', me.person?.email ?? me.kind],
    ['at', api.origin],
    ['kept in', file],
  ]);
}
