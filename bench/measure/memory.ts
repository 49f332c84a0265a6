import { readFile } from 'node:fs/promises';

/** Memory of some processes together, bytes. */
export interface Held {
  /** What is theirs: pages that hold no file's content. That much one more of them costs. */
  readonly own: number;
  /** With the files' pages that they have mapped, each divided by the number of processes that share it. */
  readonly whole: number;
}

/** Processes that have ended hold nothing. */
export async function memoryHeld(pids: readonly number[]): Promise<Held> {
  const sizes = await Promise.all(
    pids.map(async (pid) => {
      const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
      return { own: kibibytes(text, 'Pss_Anon') + kibibytes(text, 'Pss_Shmem'), whole: kibibytes(text, 'Pss') };
    }),
  );
  const sum = (what: keyof Held) => sizes.reduce((total, size) => total + size[what], 0);
  return { own: sum('own'), whole: sum('whole') };
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
