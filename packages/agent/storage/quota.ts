import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '#host/run.ts';
import { HofjeError } from '#model/error.ts';
import { isMissing } from './image-file.ts';

/** What a subvolume uses and may use, as of the last commit of the file system (up to 30 seconds old). */
export interface Usage {
  /** Referenced bytes: data and metadata that the subvolume sees, shared or not. */
  readonly usedBytes: number;
  /** Undefined: no limit. */
  readonly limitBytes: number | undefined;
}

const LIMITS_REFERENCED = 1;

/**
 * The quota groups of one btrfs. Numbers are read from sysfs (since Linux 5.9), without starting a program and without
 * parsing a list in which a subvolume's name could pretend to be a line.
 */
export interface Quota {
  /** Undefined: the subvolume has no group (any more). */
  usage(subvolume: number): Promise<Usage | undefined>;
  limit(subvolume: number, bytes: number | undefined): Promise<void>;
}

/** Switches quotas on (idempotent) and returns them. `folder` is any directory of the file system. */
export async function openQuota(folder: string): Promise<Quota> {
  const groups = join('/sys/fs/btrfs', await fileSystemUuid(folder), 'qgroups');
  if ((await readNumber(join(groups, 'enabled'))) !== 1) await run(['btrfs', 'quota', 'enable', folder]);
  // Since Linux 6.10 dropping a tree higher than 3 levels gives up accounting for the *whole* file system; with 8, the
  // highest tree there is, it is counted. Missing before Linux 6.1, where it was always counted.
  await writeFile(join(groups, 'drop_subtree_threshold'), '8', { flag: 'r+' }).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
  if ((await readNumber(join(groups, 'inconsistent'))) === 1)
    await run(['btrfs', 'quota', 'rescan', '-w', '--', folder], { timeoutMs: 600_000 });
  // Groups whose subvolume is gone (older kernels leave them).
  await run(['btrfs', 'qgroup', 'clear-stale', folder], { accept: [0, 1] });
  return {
    usage: (subvolume) => readUsage(join(groups, `0_${subvolume}`)),
    limit: async (subvolume, bytes) => {
      await run(['btrfs', 'qgroup', 'limit', bytes === undefined ? 'none' : String(bytes), `0/${subvolume}`, folder]);
    },
  };
}

async function readUsage(group: string): Promise<Usage | undefined> {
  const [usedBytes, flags, limit] = await Promise.all(
    ['referenced', 'limit_flags', 'max_referenced'].map((file) => readNumber(join(group, file))),
  );
  if (usedBytes === undefined || flags === undefined) return undefined;
  return { usedBytes, limitBytes: (flags & LIMITS_REFERENCED) === 0 ? undefined : limit };
}

async function readNumber(file: string): Promise<number | undefined> {
  try {
    return Number((await readFile(file, 'utf8')).trim());
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function fileSystemUuid(folder: string): Promise<string> {
  const { stdout } = await run(['btrfs', 'filesystem', 'show', '--', folder]);
  const uuid = /uuid: ([0-9a-f-]{36})$/m.exec(stdout)?.[1];
  if (uuid === undefined) throw new HofjeError('storage.not-btrfs', `${folder} is not on a btrfs file system.`);
  return uuid;
}
