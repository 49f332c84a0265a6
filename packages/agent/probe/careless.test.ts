import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removeBundle } from './careless.ts';

let folder: string;
let bundle: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'careless-'));
  bundle = join(folder, 'bundle');
  await mkdir(join(bundle, 'rootfs'), { recursive: true });
  await writeFile(join(bundle, 'config.json'), '{}');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test('a bundle goes when nothing is mounted in it', async () => {
  await removeBundle(bundle);
  expect(existsSync(bundle)).toBe(false);
});

test('what is still mounted in it is never deleted', async () => {
  const file = join(bundle, 'rootfs', 'file-of-the-machine');
  await writeFile(file, '');
  await expect(removeBundle(bundle)).rejects.toThrow(/not empty/);
  expect(existsSync(file)).toBe(true);
});
