import { readFile, stat, statfs } from 'node:fs/promises';
import { request } from 'node:http';
import { totalmem } from 'node:os';
import { dirname } from 'node:path';
import { missing, type Need, ok, warning } from './need.ts';

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;

export function judgeRoot(uid: number): Need {
  if (uid === 0) return ok('root', 'yes');
  return missing('root', `user id ${uid}`, 'Namespaces, mounts and limits need it.', 'Run it as root, or with sudo.');
}

export const checkRoot = async () => judgeRoot(process.geteuid?.() ?? -1);

export function judgeSystem(osRelease: string, architecture: string): Need {
  const value = (key: string) => new RegExp(`^${key}="?([^"\\n]*)"?$`, 'm').exec(osRelease)?.[1] ?? '';
  const found = `${value('PRETTY_NAME') || 'unknown system'}, ${architecture}`;
  if (!['x64', 'arm64'].includes(architecture)) {
    return missing(
      'system',
      found,
      'Site images and system call filters exist for x64 and arm64 only.',
      'Use such a machine.',
    );
  }
  if (value('ID') === 'debian' && value('VERSION_CODENAME') === 'bookworm') return ok('system', found);
  if (value('ID') === 'debian' || value('ID_LIKE').includes('debian')) {
    return warning('system', found, 'Only Debian 12 (bookworm) is tested.', 'Use Debian 12 for customers.');
  }
  return missing('system', found, 'Its tools come as Debian packages.', 'Use Debian 12 (bookworm).');
}

export async function checkSystem(): Promise<Need> {
  return judgeSystem(await readFile('/etc/os-release', 'utf8').catch(() => ''), process.arch);
}

/** Whether users without rights may read the named files (permissions as stat(2) gives them, by path). Pure. */
export function judgeProgram(modes: Readonly<Record<string, number>>): Need {
  const closed = Object.entries(modes).find(([, mode]) => (mode & 0o004) === 0);
  if (closed === undefined) return ok('program', 'its unprivileged parts can read it');
  return missing(
    'program',
    `${closed[0]} is readable by its owner only`,
    'Control plane and gate run without rights, from these files.',
    "Give everybody the right to read them: `chmod -R go+rX` on the program's folder.",
  );
}

export async function checkProgram(files: readonly string[]): Promise<Need> {
  const stats = await Promise.all(files.map(async (file) => [file, (await stat(file)).mode] as const));
  return judgeProgram(Object.fromEntries(stats));
}

const MEMORY_MIN = 1.5 * GiB;
const MEMORY_GOOD = 3.5 * GiB;

export function judgeMemory(bytes: number): Need {
  const found = gibibytes(bytes);
  if (bytes >= MEMORY_GOOD) return ok('memory', found);
  if (bytes >= MEMORY_MIN)
    return warning('memory', found, 'Few sites can be awake at a time.', '4 GiB is a good start.');
  return missing(
    'memory',
    found,
    'Services and image builds do not fit.',
    'Use a machine with 2 GiB at least, better 4.',
  );
}

export const checkMemory = async () => judgeMemory(totalmem());

export interface Space {
  readonly path: string;
  readonly freeBytes: number;
  readonly neededBytes: number;
}

export function judgeSpace(spaces: readonly Space[]): Need {
  const found = spaces.map((space) => `${space.path}: ${gibibytes(space.freeBytes)} free`).join(', ');
  const short = spaces.find((space) => space.freeBytes < space.neededBytes);
  if (short === undefined) return ok('free space', found);
  return missing(
    'free space',
    found,
    `${short.path} needs ${gibibytes(short.neededBytes)}: the sites' disk is allocated as a whole, so that it never runs full from outside.`,
    'Make room, or name another place by HOFJE_STATE and HOFJE_CACHE.',
  );
}

/** `needed` names folders that may not exist yet; each is judged by the file system that it would lie on. */
export async function checkSpace(needed: readonly { path: string; bytes: number }[]): Promise<Need> {
  const spaces = await Promise.all(
    needed.map(async ({ path, bytes }) => ({ path, freeBytes: await freeBytes(path), neededBytes: bytes })),
  );
  return judgeSpace(spaces);
}

async function freeBytes(path: string): Promise<number> {
  for (let folder = path; ; folder = dirname(folder)) {
    const stats = await statfs(folder).catch(() => undefined);
    if (stats !== undefined) return stats.bavail * stats.bsize;
    if (folder === '/') return 0;
  }
}

/** Whether the API's port can be had. `ours`: the installation is running, so that it is taken by itself. */
export function judgePort(port: number, free: boolean, ours: boolean): Need {
  if (ours) return ok('ports', `${port} is this installation's own`);
  if (free) return ok('ports', `${port} on the loopback address is free`);
  return warning(
    'ports',
    `${port} on the loopback address is taken`,
    'The API needs a port there.',
    'A new installation takes another free one by itself; an old one waits until its port is free.',
  );
}

const SOURCE = 'http://deb.debian.org/debian/dists/bookworm/InRelease';
const SOURCE_PATIENCE_MS = 800;

/** `packagesPresent`: everything that would be fetched is here already. */
export function judgeSource(answer: string, packagesPresent: boolean): Need {
  if (answer === '200') return ok('package source', 'deb.debian.org answers');
  const found = `deb.debian.org: ${answer}`;
  const mend = 'Check the network (or http_proxy), and /etc/apt/sources.list when you use a mirror of your own.';
  if (packagesPresent) return warning('package source', found, 'Images cannot be built anew.', mend);
  return warning('package source', found, 'Debian packages that are missing here cannot be installed.', mend);
}

export async function checkSource(packagesPresent: boolean): Promise<Need> {
  return judgeSource(await answerOf(SOURCE), packagesPresent);
}

async function answerOf(url: string): Promise<string> {
  const proxy = process.env['http_proxy'];
  const target = proxy === undefined || proxy === '' ? new URL(url) : new URL(proxy);
  const path = proxy === undefined || proxy === '' ? target.pathname : url;
  return await new Promise((resolve) => {
    const asked = request(
      { host: target.hostname, port: target.port || 80, path, method: 'HEAD', headers: { host: new URL(url).host } },
      (response) => {
        response.resume();
        resolve(String(response.statusCode));
      },
    );
    asked.setTimeout(SOURCE_PATIENCE_MS, () => asked.destroy(new Error(`no answer in ${SOURCE_PATIENCE_MS} ms`)));
    asked.on('error', (error) => resolve(error.message));
    asked.end();
  });
}

function gibibytes(bytes: number): string {
  return `${(bytes / GiB).toFixed(1)} GiB`;
}
