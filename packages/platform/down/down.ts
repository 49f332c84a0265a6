import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { run } from '#host/run.ts';
import { withLock } from '#images/machine-lock.ts';
import { HofjeError } from '#model/error.ts';
import { ownProgram } from '../program.ts';
import { type Progress, step } from '../progress/progress.ts';
import type { StateFolders } from '../state/folders.ts';
import { mustBeOurs } from '../state/ours.ts';
import { stopAll } from '../supervise/tree.ts';
import { findLeftovers, type Leftover, slotOf } from './leftovers.ts';
import { erase, releaseAll, sweep } from './sweep.ts';

export interface DownOptions {
  readonly folders: StateFolders;
  /** All data too. */
  readonly purge: boolean;
  readonly progress: Progress;
}

const TEARDOWN_MS = 120_000;

/**
 * Stops everything that `up` started; with `purge` removes every trace but the cache. Works on any wreck. Throws
 * `platform.leftovers` when something could not be taken away, `platform.state-foreign` before anything is done when it
 * would remove a folder of somebody else's.
 */
export async function down({ folders, purge, progress }: DownOptions): Promise<void> {
  const slot = await slotOf(folders);
  if (slot === undefined && !existsSync(folders.root)) return;
  if (purge) await mustBeOurs(folders);
  const work = () => takeAway({ folders, purge, progress }, slot);
  await (existsSync(folders.root) ? withLock(folders.lock, work) : work());
  const left = (await findLeftovers(folders, slot)).filter(({ kind }) => purge || kind !== 'folder');
  if (left.length > 0) throw leftBehind(left);
}

async function takeAway({ folders, purge, progress }: DownOptions, slot: number | undefined): Promise<void> {
  await step(progress, { step: 'stop', title: 'Stopping the platform' }, () => stopAll(folders, STOP_ORDER));
  for (const node of await nodesOf(folders)) {
    await step(progress, { step: `node-${node}`, title: `Stopping ${node}` }, (detail) =>
      tearDown(folders, node, purge, detail),
    );
  }
  await step(progress, { step: 'sweep', title: 'Looking for anything left' }, () => sweep(folders, slot));
  if (purge) {
    await step(progress, { step: 'purge', title: `Removing ${folders.root}` }, async (_detail, conclude) => {
      const done = await erase(folders);
      if (done === 'emptied') conclude('emptied; the folder stays, it is a mount point');
    });
  }
  await releaseAll(folders);
}

/** Who uses something ends before who provides it. */
const STOP_ORDER = ['gate', 'agent', 'control', 'postgres'] as const;

const TEARDOWN = 'packages/agent/node/teardown.ts';

/** The node's own orderly end; whatever it does not manage, the sweep does by force. */
async function tearDown(folders: StateFolders, node: string, purge: boolean, detail: (text: string) => void) {
  const argv = [...ownProgram(TEARDOWN), '--root', folders.node(node), ...(purge ? ['--purge'] : [])] as const;
  await run(argv as unknown as [string, ...string[]], { timeoutMs: TEARDOWN_MS }).catch((error: unknown) => {
    detail(error instanceof Error ? error.message : String(error));
  });
}

async function nodesOf(folders: StateFolders): Promise<string[]> {
  const entries = await readdir(folders.nodes, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

function leftBehind(left: readonly Leftover[]): HofjeError {
  return new HofjeError('platform.leftovers', `${left.length} things could not be taken away`, {
    hint: left.map(({ kind, what }) => `${kind}: ${what}`).join('\n'),
  });
}
