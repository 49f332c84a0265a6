import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { down } from '../down/down.ts';
import { type StateFolders, stateFolders } from './folders.ts';
import { foreignNames, mustBeOurs } from './ours.ts';

let folders: StateFolders;

beforeEach(async () => {
  folders = stateFolders(await mkdtemp(join(tmpdir(), 'ours-')));
});

afterEach(async () => {
  await rm(folders.root, { recursive: true, force: true });
});

test('a folder that is not there, an empty one and a wreck may be used', async () => {
  await mustBeOurs(stateFolders(join(folders.root, 'not-there')));
  await mustBeOurs(folders);
  await mkdir(folders.nodes);
  await mkdir(join(folders.root, 'lost+found'));
  await writeFile(folders.lock, '');
  await writeFile(`${folders.installation}.0123456789ab.new`, '{');
  await mustBeOurs(folders);
});

test('an installation is ours whatever somebody has put beside it', async () => {
  await writeFile(join(folders.root, 'notes.txt'), '');
  await writeFile(folders.installation, '{}');
  await mustBeOurs(folders);
});

test("somebody's folder is refused, and named", async () => {
  await mkdir(join(folders.root, 'alice'));
  await expect(mustBeOurs(folders)).rejects.toMatchObject({ code: 'platform.state-foreign', field: 'HOFJE_STATE' });
  expect(foreignNames(['alice', 'nodes', 'nodes.new'], folders)).toEqual(['alice', 'nodes.new']);
});

test("purging somebody's folder takes nothing away", async () => {
  await mkdir(join(folders.root, 'alice'));
  await expect(down({ folders, purge: true, progress: () => undefined })).rejects.toMatchObject({
    code: 'platform.state-foreign',
  });
  await mustBeOurs(stateFolders(join(folders.root, 'alice')));
});
