import { run } from '#host/run.ts';

/** A loop device and the file behind it, as losetup(8) reports them. */
export interface LoopDevice {
  readonly device: string;
  readonly backingFile: string;
}

/** Reads `losetup --list --json`, which prints nothing at all when there is no device. */
export function parseLoopDevices(json: string): readonly LoopDevice[] {
  if (json.trim() === '') return [];
  const { loopdevices } = JSON.parse(json) as { loopdevices: { name: string; 'back-file': string | null }[] };
  return loopdevices.flatMap((each) =>
    each['back-file'] === null ? [] : [{ device: each.name, backingFile: each['back-file'] }],
  );
}

/** The loop devices of a file, and those of a deleted file that had its name. */
export async function findLoops(
  image: string,
): Promise<{ readonly present: readonly string[]; readonly deleted: readonly string[] }> {
  const { stdout } = await run(['losetup', '--list', '--json', '--output', 'NAME,BACK-FILE']);
  const loops = parseLoopDevices(stdout);
  const named = (name: string) => loops.filter((loop) => loop.backingFile === name).map((loop) => loop.device);
  return { present: named(image), deleted: named(`${image} (deleted)`) };
}

/**
 * The one loop device of an image file; attached where there is none. Direct I/O keeps the pages from lying in memory
 * twice, and a flush of the disk from waiting for the machine's own page cache.
 */
export async function ensureLoop(image: string): Promise<string> {
  const { present, deleted } = await findLoops(image);
  const [first, ...others] = present;
  for (const device of [...others, ...deleted]) await releaseLoop(device);
  if (first !== undefined) {
    await run(['losetup', '--set-capacity', first]);
    return first;
  }
  const { stdout } = await run(['losetup', '--find', '--show', '--direct-io=on', '--', image]);
  return stdout.trim();
}

/**
 * Detaches a device; one that is in use (mounted) detaches itself when its last user is gone. So after the mount this is
 * what makes a crash leave no device behind.
 */
export async function releaseLoop(device: string): Promise<void> {
  // 1: no longer attached, which is what was wanted.
  await run(['losetup', '--detach', device], { accept: [0, 1] });
}
