import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeReport } from '#contract/agent/messages.ts';
import { HofjeError } from '#model/error.ts';
import { ControlGroups } from '../container/cgroup.ts';
import { Runtime } from '../container/runtime.ts';
import { ensureEntriesFolder } from '../door/entries-folder.ts';
import { openStorage, type Storage } from '../storage/storage.ts';
import type { AgentConfig } from './config.ts';
import { readFacts } from './facts.ts';
import type { NodeFolders } from './folders.ts';
import { newLedger } from './ledger.ts';
import { readLedger, writeLedger } from './ledger-file.ts';
import { LedgerStore } from './ledger-store.ts';

/** What everything else of an agent stands on. */
export interface Ground {
  readonly store: LedgerStore;
  readonly storage: Storage;
  readonly runtime: Runtime;
  readonly facts: NodeReport['facts'];
}

/**
 * Opens disk, ledger and container runtime. Throws `node.ledger-broken`, `node.ledger-missing`,
 * `node.foreign-ledger`: without the right ledger nothing may be changed.
 */
export async function openGround(config: AgentConfig, folders: NodeFolders): Promise<Ground> {
  for (const folder of [folders.pins, folders.submission, folders.work]) await mkdir(folder, { recursive: true });
  const storage = await openStorage(folders, { sizeBytes: config.diskBytes });
  for (const folder of [folders.images, folders.sites, folders.mail, folders.spool, folders.log, folders.lookup]) {
    await mkdir(folder, { recursive: true, mode: 0o711 });
  }
  // Bound into the mail container, whose root has no more rights here than anybody: crun opens what it binds.
  await chmod(folders.mail, 0o755);
  const store = await openLedger(config, folders);
  const groups = await ControlGroups.find();
  const runtime = await Runtime.open({ crun: folders.crun, work: join(folders.work, 'containers'), groups });
  await ensureEntriesFolder(folders.entries);
  return { store, storage, runtime, facts: { ...(await readFacts(groups)), disk: await storage.totals() } };
}

async function openLedger(config: AgentConfig, folders: NodeFolders): Promise<LedgerStore> {
  const found = await readLedger(folders.ledger);
  if (found !== undefined) {
    if (found.installation === config.installation) return new LedgerStore(folders.ledger, found);
    throw new HofjeError('node.foreign-ledger', `the ledger is of installation ${found.installation}`, {
      hint: 'This folder belongs to a node of another installation.',
    });
  }
  const sites = await readdir(folders.sites);
  if (sites.length > 0) {
    throw new HofjeError('node.ledger-missing', `${sites.length} sites lie on the disk, but the ledger is gone`, {
      hint: 'It says which uid and folder belongs to whom: restore ledger.json from a backup.',
    });
  }
  const fresh = newLedger(config.installation, randomBytes);
  await writeLedger(folders.ledger, fresh);
  return new LedgerStore(folders.ledger, fresh);
}
