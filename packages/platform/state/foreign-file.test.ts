import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run } from '#host/run.ts';
import { findConnection } from '../api/connection.ts';
import { stateFolders } from './folders.ts';
import { readForeignFile } from './foreign-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hofje-foreign-'));
  writeFileSync(join(folder, 'secret'), 'secret');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a file of somebody else’s folder', () => {
  test('is read where it is one', async () => {
    expect(await readForeignFile(join(folder, 'secret'))).toBe('secret');
    await expect(readForeignFile(join(folder, 'absent'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test.each(['link', 'hard link', 'pipe', 'folder'])('and not when it is a %s', async (kind) => {
    const path = join(folder, 'ca.cert.pem');
    if (kind === 'link') symlinkSync(join(folder, 'secret'), path);
    if (kind === 'hard link') linkSync(join(folder, 'secret'), path);
    if (kind === 'pipe') await run(['mkfifo', path]);
    if (kind === 'folder') await run(['mkdir', path]);
    await expect(readForeignFile(path)).rejects.toMatchObject({ code: 'platform.foreign-file' });
  });
});

test('the command line follows no link that the control plane has put in place of its certificate', async () => {
  const folders = stateFolders(folder);
  await run(['mkdir', '-p', folders.pki, folders.secrets]);
  const installation = { id: `inst_${'0'.repeat(20)}`, slot: 1, createdAt: '2026-01-01T00:00:00Z', ports: { api: 1 } };
  writeFileSync(folders.installation, JSON.stringify(installation));
  writeFileSync(folders.operatorToken, 'token');
  symlinkSync(join(folder, 'secret'), folders.authority);
  await expect(findConnection({ HOFJE_STATE: folder })).rejects.toMatchObject({ code: 'platform.foreign-file' });
});

/** Folders that belong to the control plane, PostgreSQL or a process that logs: no other code names a file in them. */
const FOREIGN = /folders\.(authority|siteAuthority|pki)\b|folders\.log, .*'current'/;

test('every file of such a folder is read with care', () => {
  const root = join(import.meta.dirname, '..');
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(?<!test)\.ts$/.test(name),
  );
  const careless = sources.flatMap((name) =>
    readFileSync(join(root, name), 'utf8')
      .split('\n')
      .filter(
        (line) =>
          /\b(readFile|open|writeFile\w*|createReadStream)\(/.test(line) &&
          FOREIGN.test(line) &&
          !line.includes('readForeignFile('),
      )
      .map((line) => `${name}: ${line.trim()}`),
  );
  expect(careless).toEqual([]);
});
