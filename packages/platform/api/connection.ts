import { readFile } from 'node:fs/promises';
import { HofjeError } from '#model/error.ts';
import { stateFolders, statePath } from '../state/folders.ts';
import { readForeignFile } from '../state/foreign-file.ts';
import { readInstallation } from '../state/installation.ts';
import { readLogin, type StoredLogin } from './stored-login.ts';

/** Where the API is and who asks. */
export interface Connection {
  readonly url: URL;
  readonly token: string;
  /** PEM of the authority that the API's certificate comes from; the system's own where absent. */
  readonly ca?: string;
  /** The operator on the machine itself, not somebody who was given a token. */
  readonly local: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * HOFJE_API with HOFJE_TOKEN_FILE (and HOFJE_CA_FILE) name an API anywhere, and HOFJE_STATE an installation of this machine;
 * without either it is what `hofje login` has kept, and else this machine's own with its operator's token.
 */
export async function findConnection(environment: Environment): Promise<Connection> {
  const api = environment['HOFJE_API'];
  if (api !== undefined && api !== '') return await namedConnection(api, environment);
  const login = environment['HOFJE_STATE'] ? undefined : await readLogin(environment);
  return login === undefined ? await localConnection(environment) : loginConnection(login);
}

function loginConnection({ api, token, ca }: StoredLogin): Connection {
  return { url: apiAddress(api, 'login'), token, ...(ca !== undefined && { ca }), local: false };
}

/** Throws `usage.api`. */
export function apiAddress(text: string, field: string): URL {
  if (URL.canParse(text) && new URL(text).protocol === 'https:') return new URL(text);
  throw new HofjeError('usage.api', `${text} is not an https address`, { field });
}

async function namedConnection(api: string, environment: Environment): Promise<Connection> {
  const url = apiAddress(api, 'HOFJE_API');
  const tokenFile = environment['HOFJE_TOKEN_FILE'];
  if (!tokenFile) {
    throw new HofjeError('cli.no-token', 'no token: the API says who may do what by it', {
      field: 'HOFJE_TOKEN_FILE',
      hint: 'Put the token into a file that only you can read, and name the file in HOFJE_TOKEN_FILE.',
    });
  }
  const token = (await readOwn(tokenFile, 'HOFJE_TOKEN_FILE')).trim();
  const caFile = environment['HOFJE_CA_FILE'];
  const ca = caFile ? { ca: await readOwn(caFile, 'HOFJE_CA_FILE') } : {};
  return { url, token, ...ca, local: false };
}

/** The installation of this machine, as its operator. */
export async function localConnection(environment: Environment): Promise<Connection> {
  const folders = stateFolders(statePath(environment));
  const installation = await readInstallation(folders);
  if (installation === undefined) {
    throw new HofjeError('api.unavailable', `no platform has been set up in ${folders.root}`, {
      hint: 'Start one with `hofje up`, or log in to one elsewhere with `hofje login --api URL`.',
    });
  }
  const token = (await readOwn(folders.operatorToken, undefined)).trim();
  const ca = await readOwn(folders.authority, undefined, readForeignFile);
  return { url: new URL(`https://127.0.0.1:${installation.ports.api}`), token, ca, local: true };
}

async function readOwn(
  file: string,
  field: string | undefined,
  read: (file: string) => Promise<string> = (path) => readFile(path, 'utf8'),
): Promise<string> {
  try {
    return await read(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const about = field === undefined ? {} : { field };
    if (code === 'EACCES' || code === 'EPERM') {
      throw new HofjeError('cli.not-root', `${file} may not be read`, {
        ...about,
        hint: "The operator's token belongs to root: run it as root, or with sudo.",
      });
    }
    if (code === 'ENOENT') {
      const hint = field === undefined ? 'The platform was never fully started: run `hofje up`.' : undefined;
      throw new HofjeError('api.unavailable', `${file} is not there`, { ...about, ...(hint && { hint }) });
    }
    throw error;
  }
}
