import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BLOCK, readHeader, writeOwners } from './tar-header.ts';
import { OwnerShift } from './tar-shift.ts';

const BASE = 0x1000_0000;
const LONG = `${'long-name-'.repeat(15)}end`;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hofje-tar-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A tar of a folder made by `fill`, as our packer writes it. */
function tarOf(fill: (root: string) => readonly string[], ...options: readonly string[]): Buffer {
  const root = mkdtempSync(join(folder, 'tree-'));
  const names = fill(root);
  const owner = ['--owner=0', '--group=0', '--numeric-owner'];
  return execFileSync('tar', [
    '-c',
    '-f-',
    '--format=gnu',
    '--no-recursion',
    ...owner,
    ...options,
    '-C',
    root,
    ...names,
  ]);
}

function shift(tar: Buffer, chunk = tar.length): { output: Buffer; whiteouts: string[] } {
  const whiteouts: string[] = [];
  const filter = new OwnerShift(BASE, (path) => whiteouts.push(path));
  const output: Buffer[] = [];
  for (let at = 0; at < tar.length; at += chunk) output.push(...filter.push(tar.subarray(at, at + chunk)));
  filter.end();
  return { output: Buffer.concat(output), whiteouts };
}

function plainTree(root: string): readonly string[] {
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'etc', 'file'), 'x'.repeat(700));
  linkSync(join(root, 'etc', 'file'), join(root, 'etc', 'hard'));
  symlinkSync('/etc/passwd', join(root, 'etc', 'soft'));
  writeFileSync(join(root, 'etc', LONG), 'long');
  writeFileSync(join(root, 'etc', '.wh.gone'), '');
  return ['etc', 'etc/file', 'etc/hard', 'etc/soft', `etc/${LONG}`, 'etc/.wh.gone'];
}

/** One header by hand, for what tar would not write. */
function entry(name: string, type: string, settings: { size?: number; mode?: string; uid?: number } = {}): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0);
  block.write(settings.mode ?? '0000644', 100);
  block.write((settings.size ?? 0).toString(8).padStart(11, '0'), 124);
  block.write(type, 156);
  block.write('ustar  ', 257);
  writeOwners(block, settings.uid ?? 0, 0);
  return block;
}

const FOLDER = entry('etc/', '5', { mode: '0000755' });

describe('the owners of a layer', () => {
  it('move by the base, and nothing else changes for tar', () => {
    const { output, whiteouts } = shift(tarOf(plainTree, '--owner=33', '--group=999'));
    const listing = execFileSync('tar', ['-tv', '--numeric-owner', '-f-'], { input: output }).toString();
    const owners = new Set(
      listing
        .trim()
        .split('\n')
        .map((line) => line.split(/\s+/)[1]),
    );
    expect(owners).toEqual(new Set([`${BASE + 33}/${BASE + 999}`]));
    expect(listing).toContain(`etc/${LONG}`);
    expect(listing).toContain('etc/hard link to etc/file');
    expect(listing).toContain('etc/soft -> /etc/passwd');
    expect(listing).not.toContain('.wh.');
    expect(whiteouts).toEqual(['etc/gone']);
  });

  it('move alike however the stream is cut', () => {
    const tar = tarOf(plainTree);
    const whole = shift(tar);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: tar.length }), (chunk) => {
        expect(shift(tar, chunk)).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  it('are read back as written, octal or binary', () => {
    fc.assert(
      fc.property(fc.nat({ max: 0xffff_ffff }), fc.nat({ max: 0xffff_ffff }), (uid, gid) => {
        const block = entry('x', '0');
        writeOwners(block, uid, gid);
        expect(readHeader(block)).toMatchObject({ uid, gid });
      }),
    );
  });
});

describe('a layer that is not ours is refused', () => {
  it.each([
    ['a set-id file', [entry('x', '0', { mode: '0004755' })]],
    ['a device', [entry('x', '3')]],
    ['a pipe', [entry('x', '6')]],
    ['a pax header', [entry('x', 'x', { size: 10 })]],
    ['an owner above 999', [entry('x', '0', { uid: 1000 })]],
    ['an absolute name', [entry('/etc/passwd', '0')]],
    ['a name with ..', [FOLDER, entry('etc/../x', '0')]],
    ['a file below a folder of another layer', [entry('etc/passwd', '0')]],
    ['a file below a symbolic link', [entry('etc', '2'), entry('etc/passwd', '0')]],
    ['a link that takes the place of a folder', [FOLDER, entry('etc', '2')]],
    ['a hard link to what is not in the layer', [entry('x', '1')]],
    ['an opaque whiteout', [FOLDER, entry('etc/.wh..wh..opq', '0')]],
    ['a whiteout of the folder above', [FOLDER, entry('etc/.wh...', '0')]],
    ['a whiteout with content', [FOLDER, entry('etc/.wh.x', '0', { size: 512 })]],
    ['a name without end', [entry('x', 'L', { size: 1 << 20 })]],
  ])('%s', (_what, blocks) => {
    expect(() => shift(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]))).toThrow(
      expect.objectContaining({ code: 'image.refused-entry' }),
    );
  });

  it('a stream that is cut short', () => {
    const tar = tarOf((root) => {
      writeFileSync(join(root, 'file'), 'x'.repeat(5000));
      chmodSync(join(root, 'file'), 0o600);
      return ['file'];
    });
    expect(() => shift(tar.subarray(0, 3000))).toThrow(expect.objectContaining({ code: 'image.refused-entry' }));
  });
});
