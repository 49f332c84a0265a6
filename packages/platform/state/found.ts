import { randomBytes, randomInt } from 'node:crypto';
import { chmod, mkdir } from 'node:fs/promises';
import { writeFileAtomically } from '#host/file.ts';
import { HofjeError } from '#model/error.ts';
import { makeId } from '#model/id.ts';
import { SLOTS } from '#model/node/address.ts';
import { claim, claimsOf, release, slotIsFree } from './claims.ts';
import type { StateFolders } from './folders.ts';
import { API_PORT, type Installation, readInstallation } from './installation.ts';
import { anyFreePort, portIsFree } from './port.ts';

const TRIES = 1000;

/**
 * Reads or founds the installation, makes its folders with their rights, and claims its slot and port on the machine
 * until `down`. A port that somebody else has taken meanwhile is replaced. Idempotent. Throws `platform.slot-taken` when
 * another running installation has the slot.
 */
export async function ensureInstallation(folders: StateFolders): Promise<Installation> {
  await ensureFolders(folders);
  const known = await readInstallation(folders);
  if (known === undefined) return await found(folders);
  if (!(await claim(`slot-${known.slot}`, folders.root))) {
    throw new HofjeError('platform.slot-taken', `another installation with slot ${known.slot} is running`, {
      hint: 'Two installations drew the same number (1 in 448). Stop the other one first (`hofje down` with its HOFJE_STATE).',
    });
  }
  const api = await claimPort(folders, known.ports.api);
  return api === known.ports.api ? known : await write(folders, { ...known, ports: { api } });
}

async function ensureFolders(folders: StateFolders): Promise<void> {
  // Unprivileged processes of ours pass through the state folder; what it holds is not listed to anybody.
  for (const [folder, mode] of [
    [folders.root, 0o711],
    [folders.secrets, 0o700],
    [folders.run, 0o711],
    [folders.log, 0o711],
    [folders.nodes, 0o711],
    [folders.supervise, 0o700],
    [folders.program, 0o711],
  ] as const) {
    await mkdir(folder, { recursive: true, mode });
    await chmod(folder, mode);
  }
}

async function found(folders: StateFolders): Promise<Installation> {
  // What a founding that broke off has claimed is nobody's.
  for (const held of await claimsOf(folders.root)) await release(held, folders.root);
  return await write(folders, {
    id: makeId('installation', randomBytes(20)),
    slot: await claimSlot(folders),
    createdAt: new Date().toISOString(),
    ports: { api: await claimPort(folders, API_PORT) },
  });
}

async function write(folders: StateFolders, installation: Installation): Promise<Installation> {
  await writeFileAtomically(folders.installation, `${JSON.stringify(installation, null, 2)}\n`, { mode: 0o644 });
  return installation;
}

async function claimSlot(folders: StateFolders): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const slot = randomInt(SLOTS);
    if ((await slotIsFree(slot)) && (await claim(`slot-${slot}`, folders.root))) return slot;
  }
  throw new HofjeError('platform.no-slot', `${SLOTS} installations are running on this machine: no place for one more`);
}

/** The preferred port where it can be had, or any other. One that is ours already is in use by ourselves. */
async function claimPort(folders: StateFolders, preferred: number): Promise<number> {
  if ((await claimsOf(folders.root)).includes(`port-${preferred}`)) return preferred;
  for (let port = preferred, tries = 0; tries < TRIES; port = await anyFreePort(), tries += 1) {
    if (!(await claim(`port-${port}`, folders.root))) continue;
    if (await portIsFree(port)) return port;
    await release(`port-${port}`, folders.root);
  }
  throw new HofjeError('platform.no-port', 'no port on the loopback address is free');
}
