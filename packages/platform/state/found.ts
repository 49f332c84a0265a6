import { randomBytes, randomInt } from 'node:crypto';
import { chmod, mkdir } from 'node:fs/promises';
import { writeFileAtomically } from '#host/file.ts';
import { HofjeError } from '#model/error.ts';
import { makeId } from '#model/id.ts';
import { SLOTS } from '#model/node/address.ts';
import type { StateFolders } from './folders.ts';
import { API_PORT, type Installation, readInstallation } from './installation.ts';
import { freePort } from './port.ts';
import { claimSlot, slotIsFree } from './slot.ts';

const SLOT_TRIES = 1000;

/**
 * Reads or founds the installation, makes its folders with their rights, and claims its slot on the machine until
 * `releaseSlot`. Idempotent. Throws `platform.slot-taken` when another running installation has it.
 */
export async function ensureInstallation(folders: StateFolders): Promise<Installation> {
  await ensureFolders(folders);
  const installation = (await readInstallation(folders)) ?? (await found(folders));
  if (!(await claimSlot(installation.slot, folders.root))) {
    throw new HofjeError('platform.slot-taken', `another installation with slot ${installation.slot} is running`, {
      hint: 'Two installations drew the same number (1 in 448). Stop the other one first (`hofje down` with its HOFJE_STATE).',
    });
  }
  return installation;
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
  const installation: Installation = {
    id: makeId('installation', randomBytes(20)),
    slot: await chooseSlot(),
    createdAt: new Date().toISOString(),
    ports: { api: await freePort(API_PORT) },
  };
  await writeFileAtomically(folders.installation, `${JSON.stringify(installation, null, 2)}\n`, { mode: 0o644 });
  return installation;
}

async function chooseSlot(): Promise<number> {
  for (let tries = 0; tries < SLOT_TRIES; tries += 1) {
    const slot = randomInt(SLOTS);
    if (await slotIsFree(slot)) return slot;
  }
  throw new HofjeError('platform.no-slot', `${SLOTS} installations are running on this machine: no place for one more`);
}
