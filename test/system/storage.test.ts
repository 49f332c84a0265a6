import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFolders } from '#agent/node/folders.ts';
import type { Usage } from '#agent/storage/storage.ts';
import { run } from '#host/run.ts';
import { ACTS } from './support/node-ground.ts';
import { Resident } from './support/resident.ts';

const STORAGE = '#test/system/support/storage-acts.ts';
const MIB = 1024 * 1024;
const DISK = 320 * MIB;
const OWNER = 0x1010_0007;

let folder: string;
let root: string;
/** Lives in a private mount namespace, as the agent does. */
let agent: Resident;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hofje-storage-'));
  // The owner of a subvolume must get through.
  await chmod(folder, 0o711);
  root = join(folder, 'node');
  agent = await startAgent();
});

afterEach(async () => {
  await agent.end();
  agent = await startAgent();
  for (const name of await readdir(folder)) await agent.call(STORAGE, 'closeDisk', join(folder, name));
  await agent.end();
  expect(await loopsOf(folder)).toEqual([]);
  await rm(folder, { recursive: true });
});

async function startAgent(): Promise<Resident> {
  return await Resident.start(['unshare', '--mount', '--propagation', 'private', '--']);
}

async function loopsOf(prefix: string): Promise<readonly string[]> {
  const { stdout } = await run(['losetup', '--list', '--noheadings', '--output', 'BACK-FILE']);
  return stdout.split('\n').filter((line) => line.startsWith(prefix));
}

async function act(name: string, ...args: unknown[]): Promise<unknown> {
  return await agent.call(STORAGE, name, ...args);
}

async function tool(...argv: string[]): Promise<string> {
  return String(await agent.call(ACTS, 'tool', ...argv));
}

/** Waits until what was deleted is really gone. */
async function cleaned(): Promise<void> {
  await tool('btrfs', 'filesystem', 'sync', disk());
  await tool('btrfs', 'subvolume', 'sync', disk());
}

const site = (limitBytes: number) => ({ uid: OWNER, gid: OWNER, mode: 0o750, limitBytes });
const disk = (...parts: string[]) => join(root, 'disk', ...parts);

describe('a disk', () => {
  it('is allocated in full, mounted for the agent alone, and gone without a trace', async () => {
    const { ms } = await agent.timed(STORAGE, 'openDisk', root, DISK);
    console.log(`a new disk: ${Math.round(ms)} ms`);
    const image = await stat(join(root, 'disk.img'));
    expect(image.size).toBe(DISK);
    expect(image.blocks * 512).toBeGreaterThanOrEqual(DISK);
    const [mount = ''] = (await tool('findmnt', '--noheadings', '--output', 'OPTIONS', disk())).split('\n');
    for (const option of ['rw', 'nosuid', 'nodev', 'noatime', 'space_cache=v2'])
      expect(mount.split(',')).toContain(option);
    expect(mount).not.toContain('discard=');
    expect((await run(['findmnt', disk()], { accept: [1] })).stdout).toBe('');
    expect(await loopsOf(folder)).toHaveLength(1);
    await act('closeDisk', root);
    expect(await loopsOf(folder)).toEqual([]);
    await act('closeDisk', root);
  });

  it('stays allocated when what was in it is deleted', async () => {
    await act('openDisk', root, DISK);
    await act('ensure', root, 'sites/a', site(200 * MIB));
    await tool('dd', 'if=/dev/zero', `of=${disk('sites/a/big')}`, 'bs=1M', 'count=100', 'conv=fsync', 'status=none');
    await act('remove', root, 'sites/a');
    await cleaned();
    await tool('btrfs', 'filesystem', 'sync', disk());
    expect((await stat(join(root, 'disk.img'))).blocks * 512).toBeGreaterThanOrEqual(DISK);
  });

  it('grows, keeps what is in it, and never shrinks', async () => {
    await act('openDisk', root, DISK);
    await tool('touch', disk('kept'));
    await act('openDisk', root, DISK + 256 * MIB);
    expect(await act('totals', root)).toMatchObject({ sizeBytes: DISK + 256 * MIB });
    expect((await stat(join(root, 'disk.img'))).blocks * 512).toBeGreaterThanOrEqual(DISK + 256 * MIB);
    await act('openDisk', root, DISK);
    expect(await act('totals', root)).toMatchObject({ sizeBytes: DISK + 256 * MIB });
    await tool('test', '-e', disk('kept'));
  });

  it('is refused where there is no room for it, with a way out', async () => {
    await expect(act('openDisk', root, 1e15)).rejects.toMatchObject({
      code: 'storage.no-space',
      hint: expect.stringMatching(/^Free \d+ MiB there .* or choose a smaller disk\.$/),
    });
    await expect(act('openDisk', root, MIB)).rejects.toMatchObject({ code: 'storage.disk-too-small' });
    expect(await readdir(root)).toEqual([]);
  });

  it('lies beside another one', async () => {
    const other = join(folder, 'other');
    await act('openDisk', root, DISK);
    await act('openDisk', other, DISK);
    await act('ensure', root, 'sites/a', site(8 * MIB));
    await act('ensure', other, 'sites/a', site(9 * MIB));
    expect(await act('usage', root, 'sites/a')).toMatchObject({ limitBytes: 8 * MIB });
    expect(await act('usage', other, 'sites/a')).toMatchObject({ limitBytes: 9 * MIB });
    await act('closeDisk', root);
    expect(await act('usage', other, 'sites/a')).toMatchObject({ limitBytes: 9 * MIB });
    expect(await loopsOf(folder)).toEqual([join(other, 'disk.img')]);
  });
});

describe('an interrupted start is repaired', () => {
  const image = () => join(root, 'disk.img');

  async function standsAgain(): Promise<void> {
    await act('openDisk', root, DISK);
    await act('ensure', root, 'sites/a', site(8 * MIB));
    const mounts = (await tool('findmnt', '--noheadings', '--output', 'TARGET', '--raw')).split('\n');
    expect(mounts.filter((target) => target === disk())).toHaveLength(1);
    expect(await loopsOf(folder)).toEqual([image()]);
  }

  it('after half of the file was written', async () => {
    await mkdir(root);
    await writeFile(`${image()}.unfinished`, 'half a file system');
    await standsAgain();
    expect(await readdir(root)).not.toContain('disk.img.unfinished');
  });

  it('after the file got its name, but not all of its blocks', async () => {
    await act('openDisk', root, DISK);
    await act('closeDisk', root);
    await run(['truncate', '--size', String(DISK + 64 * MIB), image()]);
    await standsAgain();
    expect((await stat(image())).blocks * 512).toBeGreaterThanOrEqual(DISK + 64 * MIB);
    expect(await act('totals', root)).toMatchObject({ sizeBytes: DISK + 64 * MIB });
  });

  it('after the loop device was attached, even twice', async () => {
    await act('openDisk', root, DISK);
    await act('closeDisk', root);
    await run(['losetup', '--find', '--', image()]);
    await run(['losetup', '--find', '--', image()]);
    await standsAgain();
  });

  it('after it was mounted a second time on top', async () => {
    await act('openDisk', root, DISK);
    await tool('mount', '--bind', disk(), disk());
    await standsAgain();
  });

  it('after it became read-only', async () => {
    await act('openDisk', root, DISK);
    await tool('mount', '-o', 'remount,ro', disk());
    await standsAgain();
    await tool('touch', disk('writable'));
  });

  it('after the agent was killed, and its mount namespace with it', async () => {
    await act('openDisk', root, DISK);
    await act('ensure', root, 'sites/a', site(8 * MIB));
    await tool('touch', disk('sites/a/kept'));
    await tool('sync', '-f', disk());
    await agent.end('SIGKILL');
    // The mount went with the namespace, and the loop device with the mount.
    await expect.poll(() => loopsOf(folder)).toEqual([]);
    agent = await startAgent();
    await standsAgain();
    await tool('test', '-e', disk('sites/a/kept'));
    expect(await act('usage', root, 'sites/a')).toMatchObject({ limitBytes: 8 * MIB });
  });

  it('after its file was replaced while it was mounted', async () => {
    await act('openDisk', root, DISK);
    await rm(image());
    await standsAgain();
  });

  it('but nothing that others mounted there is touched', async () => {
    await mkdir(disk(), { recursive: true });
    await tool('mount', '-t', 'tmpfs', 'none', disk());
    await expect(act('openDisk', root, DISK)).rejects.toMatchObject({ code: 'storage.foreign-mount' });
    await tool('umount', disk());
  });
});

describe('a subvolume', () => {
  beforeEach(() => act('openDisk', root, DISK));

  async function fill(name: string, megabytes: number): Promise<{ code: number; stderr: string }> {
    const file = disk(name, `fill-${megabytes}`);
    const dd = ['dd', 'if=/dev/urandom', `of=${file}`, 'bs=1M', `count=${megabytes}`, 'conv=fsync', 'status=none'];
    const owner = ['setpriv', `--reuid=${OWNER}`, `--regid=${OWNER}`, '--clear-groups', '--bounding-set=-all'];
    return (await act('attempt', ...owner, ...dd)) as { code: number; stderr: string };
  }

  it('belongs to its owner, who cannot fill more than its limit', async () => {
    await act('ensure', root, 'sites/a', site(16 * MIB));
    await act('ensure', root, 'sites/b', site(16 * MIB));
    expect(await act('ownerOf', disk('sites/a'))).toEqual({ uid: OWNER, gid: OWNER, mode: 0o750 });
    expect(await act('ownerOf', disk('sites'))).toEqual({ uid: 0, gid: 0, mode: 0o711 });
    expect(await fill('sites/a', 64)).toEqual({ code: 1, stderr: expect.stringContaining('Disk quota exceeded') });
    const { usedBytes } = (await act('usage', root, 'sites/a')) as Usage;
    expect(usedBytes).toBeLessThanOrEqual(16 * MIB);
    expect(usedBytes).toBeGreaterThan(14 * MIB);
    // The neighbour has all of his.
    expect(await fill('sites/b', 14)).toEqual({ code: 0, stderr: '' });
  });

  it('gets a larger limit while it is in use, a smaller one, and none', async () => {
    await act('ensure', root, 'sites/a', site(8 * MIB));
    expect((await fill('sites/a', 12)).code).toBe(1);
    await act('ensure', root, 'sites/a', site(64 * MIB));
    expect((await fill('sites/a', 24)).code).toBe(0);
    await act('ensure', root, 'sites/a', site(4 * MIB));
    expect((await fill('sites/a', 1)).code).toBe(1);
    await act('ensure', root, 'sites/a', { uid: OWNER, gid: OWNER, mode: 0o750 });
    expect(await act('usage', root, 'sites/a')).not.toHaveProperty('limitBytes');
    expect((await fill('sites/a', 100)).code).toBe(0);
  });

  it('keeps the mode that its owner gave it', async () => {
    await act('ensure', root, 'sites/a', site(8 * MIB));
    await tool('chmod', '700', disk('sites/a'));
    await act('ensure', root, 'sites/a', site(8 * MIB));
    expect(await act('ownerOf', disk('sites/a'))).toMatchObject({ mode: 0o700 });
  });

  it('tells what all use, without a program', async () => {
    for (let n = 0; n < 20; n++) await act('ensure', root, `sites/s${n}`, site((8 + n) * MIB));
    const { value, ms } = await agent.timed(STORAGE, 'usageOfAll', root);
    expect(value).toHaveLength(20);
    expect(value).toContainEqual([disk('sites/s7'), { usedBytes: expect.any(Number), limitBytes: 15 * MIB }]);
    console.log(`usage of 20 subvolumes: ${ms.toFixed(1)} ms`);
  });

  it('is no subvolume when it is anything else', async () => {
    await tool('mkdir', '-p', disk('sites/folder'));
    await tool('ln', '-s', '/etc', disk('sites/link'));
    for (const name of ['sites/folder', 'sites/link']) {
      await expect(act('ensure', root, name, site(MIB))).rejects.toMatchObject({ code: 'storage.not-a-subvolume' });
      await expect(act('remove', root, name)).rejects.toMatchObject({ code: 'storage.not-a-subvolume' });
    }
    for (const name of ['..', '../outside', '.', 'sites/../../x'])
      await expect(act('ensure', root, name, site(MIB))).rejects.toMatchObject({ code: 'storage.outside' });
  });

  it('is deleted with all subvolumes in it, whatever they are called, and no other', async () => {
    await act('ensure', root, 'sites/victim', site(16 * MIB));
    await act('ensure', root, 'sites/neighbour', site(16 * MIB));
    const neighbour = Number(await tool('btrfs', 'inspect-internal', 'rootid', disk('sites/neighbour')));
    const victim = Number(await tool('btrfs', 'inspect-internal', 'rootid', disk('sites/victim')));
    // A name that looks like a line of the list, in which the neighbour belongs to the victim.
    const forged = `x\nID ${neighbour} gen 1 top level ${victim} path mine`;
    await tool('btrfs', 'subvolume', 'create', disk('sites/victim/one'));
    await tool('btrfs', 'subvolume', 'create', disk('sites/victim/one/two'));
    await tool('mkdir', disk('sites/victim/one/two/folder'));
    await tool('btrfs', 'subvolume', 'create', disk('sites/victim/one/two/folder/three'));
    await tool('btrfs', 'subvolume', 'create', disk('sites/victim', forged));
    await tool('btrfs', 'subvolume', 'snapshot', '-r', disk('sites/victim'), disk('sites/victim/one/read-only'));
    await act('remove', root, 'sites/victim');
    await act('remove', root, 'sites/victim');
    await tool('test', '-d', disk('sites/neighbour'));
    const left = (await tool('btrfs', 'subvolume', 'list', disk())).trim().split('\n');
    expect(left.map((line) => line.replace(/^.* path /, ''))).toEqual(['sites/neighbour']);
  });

  it('that is made again under its name has a limit of its own', async () => {
    await act('ensure', root, 'sites/a', site(8 * MIB));
    await act('remove', root, 'sites/a');
    await act('ensure', root, 'sites/a', site(12 * MIB));
    expect(await act('usage', root, 'sites/a')).toMatchObject({ limitBytes: 12 * MIB });
    expect((await fill('sites/a', 20)).code).toBe(1);
  });

  it('may be of any size when it is deleted: accounting is never given up for it', async () => {
    const shown = await tool('btrfs', 'filesystem', 'show', disk());
    const uuid = /uuid: (\S+)/.exec(shown)?.[1] ?? '';
    // The kernel's own 3 would need gigabytes of metadata to show its effect here.
    expect(await tool('cat', `/sys/fs/btrfs/${uuid}/qgroups/drop_subtree_threshold`)).toBe('8\n');
  });
});

describe('a state folder that is on btrfs already', () => {
  it('holds the disk as a subvolume, with the same quotas', async () => {
    const outer = join(folder, 'outer');
    await act('openDisk', outer, DISK);
    const inner = nodeFolders(join(outer, 'disk', 'state', 'node'));
    await mkdirIn(inner.root);
    await act('openDisk', inner.root, DISK);
    await act('ensure', inner.root, 'sites/a', site(8 * MIB));
    expect(await act('usage', inner.root, 'sites/a')).toMatchObject({ limitBytes: 8 * MIB });
    expect(await tool('findmnt', '--noheadings', '--output', 'OPTIONS', inner.disk)).toContain('nosuid,nodev');
    // Nested ones, whose paths begin outside of this mount.
    await tool('btrfs', 'subvolume', 'create', join(inner.sites, 'a', 'nested'));
    await act('remove', inner.root, 'sites/a');
    await act('openDisk', inner.root, DISK);
    expect(await readdirIn(inner.disk)).toEqual('sites\n');
    await act('closeDisk', inner.root);
    await act('closeDisk', outer);
  });

  const mkdirIn = (path: string) => tool('mkdir', '-p', path);
  const readdirIn = (path: string) => tool('ls', path);
});
