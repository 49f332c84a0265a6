import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { HofjeError } from '#model/error.ts';
import { type Client, makeClient } from '#platform/api/client.ts';
import { findConnection, localConnection } from '#platform/api/connection.ts';
import { cachePath, type StateFolders, stateFolders, statePath } from '#platform/state/folders.ts';
import { makeOutput, type Output } from './output.ts';

/** What every command works with. */
export interface Context {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the command's results go, by its own options. */
  output(command: CommandUnknownOpts): Output;
  /** The API that the environment names. */
  client(): Promise<Client>;
  /** The API of this machine's own installation, as its operator, whoever is logged in. */
  machine(): Promise<Client>;
  folders(): StateFolders;
  cache(): string;
}

export function makeContext(environment: Context['environment']): Context {
  return {
    environment,
    output: (command) => makeOutput(command.optsWithGlobals()['json'] === true),
    client: async () => makeClient(await findConnection(environment)),
    machine: async () => makeClient(await localConnection(environment)),
    folders: () => stateFolders(statePath(environment)),
    cache: () => cachePath(environment),
  };
}

/** Commands that change the machine are root's. */
export function requireRoot(what: string): void {
  if (process.geteuid?.() === 0) return;
  throw new HofjeError('cli.not-root', `${what} is for root`, { hint: 'Run it as root, or with sudo.' });
}
