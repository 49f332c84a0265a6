import { mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '#host/run.ts';
import { down } from '#platform/down/down.ts';
import { findLeftovers } from '#platform/down/leftovers.ts';
import type { StepEvent } from '#platform/progress/progress.ts';
import type { StateFolders } from '#platform/state/folders.ts';
import { ensureInstallation } from '#platform/state/found.ts';
import { freshState } from './stage.ts';

/* A state folder that is a disk of its own. */

let folders: StateFolders;

beforeEach(async () => {
  folders = freshState();
  mkdirSync(folders.root);
  await run(['mount', '-t', 'tmpfs', '-o', 'size=16m', 'hofje-test', folders.root]);
  // As on a new ext4.
  mkdirSync(join(folders.root, 'lost+found'));
});
afterEach(async () => {
  await run(['umount', folders.root]);
  rmdirSync(folders.root);
});

test('is emptied by `down --purge`, which says so, and may be used again', async () => {
  for (let round = 0; round < 2; round += 1) {
    await ensureInstallation(folders);
    mkdirSync(folders.postgres);
    writeFileSync(join(folders.postgres, 'data'), 'x');
    const events: StepEvent[] = [];
    await down({ folders, purge: true, progress: (event) => events.push(event) });
    expect(JSON.stringify(events)).toContain('emptied');
    expect(readdirSync(folders.root)).toEqual(['lost+found']);
    expect(await findLeftovers(folders)).toEqual([]);
  }
});
