import { readFile } from 'node:fs/promises';
import { createAccount } from '#contract/api/account.ts';
import { createSite } from '#contract/api/site.ts';
import { run } from '#host/run.ts';
import { type Client, makeClient } from '#platform/api/client.ts';
import { findConnection } from '#platform/api/connection.ts';
import type { StateFolders } from '#platform/state/folders.ts';
import { readInstallation } from '#platform/state/installation.ts';
import type { Endpoints } from '#platform/up/endpoints.ts';
import { type Running, up } from '#platform/up/up.ts';
import { freshState, purge } from '../platform/stage.ts';

/** A whole platform in a state folder of its own. */
export interface Whole {
  readonly folders: StateFolders;
  readonly slot: number;
  readonly endpoints: Endpoints;
  readonly client: Client;
  readonly siteAuthority: string;
  /** Takes it away; fails when anything is left. */
  close(): Promise<void>;
}

const CACHE = process.env['HOFJE_CACHE'] || '/var/cache/hofje';

export async function openWhole(): Promise<Whole> {
  const folders = freshState();
  const close = async () => {
    const slot = (await readInstallation(folders))?.slot;
    const left = await purge(folders, slot);
    if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
  };
  try {
    const { endpoints, installation } = await upAgain(folders);
    const client = makeClient(await findConnection({ HOFJE_STATE: folders.root }));
    const siteAuthority = await readFile(folders.siteAuthority, 'utf8');
    return { folders, slot: installation.slot, endpoints, client, siteAuthority, close };
  } catch (error) {
    await close();
    throw error;
  }
}

export async function upAgain(folders: StateFolders): Promise<Running> {
  return await up({ folders, cache: CACHE, progress: () => undefined });
}

export async function makeTestSite(client: Client, domain: string): Promise<void> {
  const account = domain.replaceAll('.', '-');
  await client.call(createAccount, { body: { name: account, email: `owner@${domain}` } });
  const body = { domain, account, plan: 'small', overrideReason: 'a test' };
  await client.call(createSite, { query: { wait: true }, body });
}

/** The main process of one of the platform's own parts, as its supervisor knows it. */
export async function supervisedPid(folders: StateFolders, name: string): Promise<number> {
  const { stdout } = await run(['s6-svstat', '-o', 'pid', `${folders.supervise}/${name}`]);
  return Number(stdout.trim());
}

/** Processes of this name in the node's containers. */
export async function containedPids(slot: number, name: string): Promise<number[]> {
  const { stdout } = await run(['pgrep', '--exact', '--', name], { accept: [0, 1] });
  const pids = stdout.split('\n').filter(Boolean).map(Number);
  const own = await Promise.all(
    pids.map(async (pid) =>
      (await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '')).includes(`/hofje-${slot}/`),
    ),
  );
  return pids.filter((_, index) => own[index]);
}
