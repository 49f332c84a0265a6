import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '#host/run.ts';
import { ImageLayout } from './layout.ts';
import { packLayer } from './pack.ts';
import { normalizeTree } from './tree.ts';

let folder: string;
let layout: ImageLayout;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hofje-pack-'));
  layout = new ImageLayout(join(folder, 'layout'));
  await layout.initialize();
});
afterAll(() => rmSync(folder, { recursive: true }));

const NEWEST = new Date('2026-01-02T03:04:05Z');

/** The same content, made in another order, at another time. */
function makeTree(names: readonly string[], time: Date): string {
  const root = mkdtempSync(join(folder, 'tree-'));
  mkdirSync(join(root, 'b'));
  for (const name of names) {
    writeFileSync(join(root, name), `content of ${name}`);
    utimesSync(join(root, name), time, time);
  }
  symlinkSync('b/one', join(root, 'link'));
  return root;
}

async function pack(tree: string, removed: readonly string[] = [], openDelayMs = 0) {
  await normalizeTree(tree, NEWEST);
  const work = mkdtempSync(join(folder, 'work-'));
  const openBlob = async () => {
    await delay(openDelayMs);
    return await layout.openBlob();
  };
  return await packLayer({ tree, removed, newest: NEWEST, work, openBlob });
}

describe('packing', () => {
  it('gives one digest for one content, whenever and in whatever order it was written', async () => {
    const first = await pack(makeTree(['a', 'b/one', 'b/two'], new Date('2026-05-01T00:00:00Z')));
    const second = await pack(makeTree(['b/two', 'b/one', 'a'], new Date('2026-06-07T08:09:10Z')));
    expect(second).toEqual(first);
    expect(await layout.hasBlob(first)).toBe(true);
  });

  it('loses nothing when the disk is slower than tar', async () => {
    const first = await pack(makeTree(['a', 'b/one'], NEWEST));
    expect(await pack(makeTree(['a', 'b/one'], NEWEST), [], 200)).toEqual(first);
  });

  it('gives another for another content or mode', async () => {
    const time = new Date('2026-05-01T00:00:00Z');
    const first = await pack(makeTree(['a', 'b/one'], time));
    const moved = makeTree(['a', 'b/one'], time);
    chmodSync(join(moved, 'a'), 0o600);
    expect((await pack(moved)).digest).not.toBe(first.digest);
    expect((await pack(makeTree(['a', 'b/two'], time))).digest).not.toBe(first.digest);
  });

  it('takes set-id bits off and marks what is gone after its folder', async () => {
    const tree = makeTree(['a', 'b/one'], NEWEST);
    chmodSync(join(tree, 'a'), 0o6755);
    const { digest } = await pack(tree, ['b/gone', 'away']);
    const { stdout } = await run(['tar', '-tv', '--full-time', '--utc', '-f', layout.blobPath(digest)]);
    const lines = stdout.trim().split('\n');
    expect(lines.map((line) => line.split(/\s+/)[5])).toEqual(['a', 'b/', 'b/one', 'link', '.wh.away', 'b/.wh.gone']);
    expect(lines[0]).toMatch(/^-rwxr-xr-x /);
    for (const line of lines) expect(line).toContain('2026-01-02 03:04:05');
  });
});
