import { readFile } from 'node:fs/promises';
import { HofjeError } from '#model/error.ts';
import { type InstallationId, isId } from '#model/id.ts';
import { SLOTS } from '#model/node/address.ts';
import type { StateFolders } from './folders.ts';

/** What distinguishes this installation from every other one on the machine; made once, by the first `up`. */
export interface Installation {
  readonly id: InstallationId;
  /** Small number, unique among the installations of the machine: names uids, addresses, the interface, cgroups. */
  readonly slot: number;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly ports: { readonly api: number };
}

/** The API's port where nobody else has it. */
export const API_PORT = 7443;

/** The installation of a state folder, or undefined when there is none. Throws `platform.state-broken`. */
export async function readInstallation(folders: StateFolders): Promise<Installation | undefined> {
  const text = await readFile(folders.installation, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const installation = parseInstallation(text);
  if (installation !== undefined) return installation;
  throw new HofjeError('platform.state-broken', `${folders.installation} is not an installation's description`, {
    hint: 'Restore it from a backup; `hofje down --purge` removes the installation, with all its data.',
  });
}

/** The same from text; undefined when it says anything else. Pure. */
export function parseInstallation(text: string): Installation | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, slot, createdAt, ports } = value as Partial<Record<keyof Installation, unknown>>;
  if (typeof id !== 'string' || !isId('installation', id)) return undefined;
  if (typeof slot !== 'number' || !Number.isInteger(slot) || slot < 0 || slot >= SLOTS) return undefined;
  if (typeof createdAt !== 'string') return undefined;
  const api = (ports as Partial<Record<'api', unknown>> | undefined)?.api;
  if (typeof api !== 'number' || !Number.isInteger(api) || api < 1 || api > 65_535) return undefined;
  return { id, slot, createdAt, ports: { api } };
}
