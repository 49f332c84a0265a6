/** The kernel's files of control groups: each holds a line or a few, and is gone with its group. */
import { type Dirent, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { HofjeError } from '#model/error.ts';

/** Throws as the file system does when the file is not there. */
export function readGroupFile(file: string): string {
  return readFileSync(file, 'utf8').trim();
}

/** Throws `container.cgroup` when the kernel does not take the value, or the group is not there. */
export function writeGroupFile(file: string, value: string): void {
  try {
    // Not created: a missing file means a missing group, and must not become an ordinary file.
    writeFileSync(file, value, { flag: 'r+' });
  } catch (error) {
    throw new HofjeError('container.cgroup', `${file} does not take "${value}".`, { cause: error });
  }
}

/** A number of a file of `name number` lines. */
export function numberIn(text: string, name: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return line === undefined ? 0 : Number(line.slice(name.length + 1));
}

/** Names of the groups directly below; none when the group is gone. */
export function groupNames(folder: string): string[] {
  const entries: Dirent[] = unlessGone(() => readdirSync(folder, { withFileTypes: true })) ?? [];
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.some((code) => error.code === code);
}

/** For what may vanish while one looks: the group is gone, or its last process with it. */
export function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENODEV')) return undefined;
    throw error;
  }
}

export function groupsFault(why: string): HofjeError {
  return new HofjeError('container.cgroup', `Control groups: ${why}.`);
}
