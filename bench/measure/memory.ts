import { readFile } from 'node:fs/promises';

/** The proportional set sizes of processes together: pages that several share count once. Ended processes count nothing. */
export async function proportionalBytes(pids: readonly number[]): Promise<number> {
  const sizes = await Promise.all(
    pids.map(async (pid) => kibibytes(await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => ''), 'Pss')),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** A process, its children, their children, and so on. */
export async function familyOf(pid: number): Promise<readonly number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const families = await Promise.all(
    children
      .split(' ')
      .filter(Boolean)
      .map(async (each) => await familyOf(Number(each))),
  );
  return [pid, ...families.flat()];
}

/** The kernel's own memory that cannot be given back (no caches), bytes. */
export async function kernelBytes(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'utf8');
  return ['SUnreclaim', 'Percpu', 'KernelStack', 'PageTables'].reduce((sum, name) => sum + kibibytes(text, name), 0);
}

/** A line `Name:   123 kB` as bytes; 0 where there is none. Pure. */
export function kibibytes(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0) * 1024;
}
