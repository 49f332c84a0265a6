/** One installed package, exactly. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** The source package it was built from, with its version. */
  readonly source: string;
  readonly sourceVersion: string;
}

/** `dpkg-query --show --showformat` for `parsePackages`. */
export const PACKAGE_FORMAT =
  '${db:Status-Status}\t${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\n';

export function parsePackages(text: string): LockedPackage[] {
  const packages: LockedPackage[] = [];
  for (const line of text.split('\n')) {
    const [status, name, version, architecture, source, sourceVersion] = line.split('\t');
    if (status !== 'installed') continue;
    if (!name || !version || !architecture || !source || !sourceVersion) continue;
    packages.push({ name, version, architecture, source, sourceVersion });
  }
  return packages.sort((a, b) => compare(a.name, b.name) || compare(a.architecture, b.architecture));
}

/** The lock as a file: `name=version=architecture`, sorted, one a line. */
export function formatLock(packages: readonly LockedPackage[]): string {
  return packages.map(({ name, version, architecture }) => `${name}=${version}=${architecture}\n`).join('');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
