import { appendFile, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { boundFile } from './bounded-file.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hofje-bounded-'));
  path = join(folder, 'output');
});
afterEach(async () => await rm(folder, { recursive: true }));

test('a file that is not there, or not too long, is left alone', async () => {
  await boundFile(path, 10, 5);
  await appendFile(path, '0123456789');
  await boundFile(path, 10, 5);
  expect(await readFile(path, 'utf8')).toBe('0123456789');
});

test('of one that has become too long the end is put aside, and who writes goes on', async () => {
  const writer = await open(path, 'a');
  await writer.write('0123456789A');
  await boundFile(path, 10, 5);
  await writer.write('next');
  await writer.close();
  expect(await readFile(`${path}.1`, 'utf8')).toBe('6789A');
  expect(await readFile(path, 'utf8')).toBe('next');
});
