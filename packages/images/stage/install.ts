import { globSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '#host/run.ts';
import { aptConfiguration, DPKG_OPTIONS, LEFTOVERS, sourcesList } from '../debian.ts';
import { type LockedPackage, PACKAGE_FORMAT, parsePackages } from '../lock.ts';
import { withLock } from '../machine-lock.ts';
import type { Argv } from '../recipe.ts';
import { runTool } from '../tool.ts';
import { bind, mountSystem, unmountBelow } from './mounts.ts';
import type { AptSource, BaseLayer, PackagesLayer, StageSpec } from './spec.ts';
import { addUsers, clearPasswordDays } from './users.ts';

/** Where the times of steps go. */
export type Timed = <T>(step: string, action: () => Promise<T>) => Promise<T>;

const SCRIPT_ENVIRONMENT = { DEBIAN_FRONTEND: 'noninteractive', DEBCONF_NONINTERACTIVE_SEEN: 'true', LC_ALL: 'C' };

/** Debian's essential packages, by mmdebstrap, into the empty folder `root`. */
export async function bootstrap(spec: StageSpec, layer: BaseLayer, root: string, timed: Timed): Promise<void> {
  const { apt } = layer;
  await bindApt(root, apt);
  const sources = join(spec.work, 'sources.list');
  await writeFile(sources, sourcesList(apt.suite, apt.mirror));
  const command: [string, ...string[]] = [
    'mmdebstrap',
    '--mode=root',
    '--variant=essential',
    '--format=directory',
    // The folder holds the mounted caches already, and packages stay for the next build.
    '--skip=check/empty,essential/unlink,cleanup/apt,cleanup/reproducible',
    `--architectures=${spec.architecture}`,
    '--aptopt=APT::Install-Recommends "false"',
    '--aptopt=APT::Sandbox::User "root"',
    '--aptopt=Acquire::Languages "none"',
    '--aptopt=Acquire::Retries "3"',
    ...DPKG_OPTIONS.map((option) => `--dpkgopt=${option}`),
    apt.suite,
    root,
    sources,
  ];
  const environment = { ...SCRIPT_ENVIRONMENT, ...proxyEnvironment(apt.proxies) };
  await timed('mmdebstrap', async () => {
    await withLock(apt.lock, async () => await runTool(command, { log: spec.log, environment }));
  });
  await unmountBelow(root);
  for (const path of [
    'etc/apt/apt.conf.d/99mmdebstrap',
    'etc/dpkg/dpkg.cfg.d/99mmdebstrap',
    'etc/hostname',
    'etc/resolv.conf',
  ]) {
    await rm(join(root, path), { force: true });
  }
}

/** Installs packages into `root` with the machine's own apt, then configures and cleans up. */
export async function install(
  spec: StageSpec,
  layer: BaseLayer | PackagesLayer,
  root: string,
  timed: Timed,
): Promise<readonly LockedPackage[]> {
  const configuration = await configureApt(spec, layer.apt, root);
  const apt = (...args: readonly string[]): [string, ...string[]] => ['apt-get', '--yes', ...args];
  const environment = { ...SCRIPT_ENVIRONMENT, APT_CONFIG: configuration };
  await bindApt(root, layer.apt);
  await timed('download', async () => {
    await withLock(layer.apt.lock, async () => {
      await runTool(apt('--download-only', 'install', '--', ...layer.packages), { log: spec.log, environment });
    });
  });
  await addUsers(root, layer.users);
  await mountSystem(root);
  await refuseDaemons(root);
  await timed('install', async () => {
    const command = offline(apt('--no-download', 'install', '--', ...layer.packages));
    await runTool(command, { log: spec.log, environment });
  });
  await timed('configure', async () => {
    for (const step of layer.configure) await runInside(root, step, spec.log);
  });
  await allowDaemons(root);
  const packages = await listPackages(root);
  await unmountBelow(root);
  await clearPasswordDays(root);
  await removeGlobs(root, [...LEFTOVERS, ...layer.removals]);
  return packages;
}

/** Runs a step of a recipe in `root`, without network. */
export async function runInside(root: string, step: Argv, log: string): Promise<void> {
  await runTool(offline(['chroot', root, ...step]), { log, environment: SCRIPT_ENVIRONMENT });
}

async function listPackages(root: string): Promise<readonly LockedPackage[]> {
  const { stdout } = await run(['chroot', root, 'dpkg-query', '--show', `--showformat=${PACKAGE_FORMAT}`]);
  return parsePackages(stdout);
}

async function removeGlobs(root: string, globs: readonly string[]): Promise<void> {
  for (const path of globSync([...globs], { cwd: root })) await rm(join(root, path), { recursive: true, force: true });
}

async function configureApt(spec: StageSpec, source: AptSource, root: string): Promise<string> {
  const sources = join(spec.work, 'sources.list');
  const configuration = join(spec.work, 'apt.conf');
  await writeFile(sources, sourcesList(source.suite, source.mirror));
  const text = aptConfiguration({ root, architecture: spec.architecture, sources, proxies: source.proxies });
  await writeFile(configuration, text, { mode: 0o600 });
  return configuration;
}

async function bindApt(root: string, apt: AptSource): Promise<void> {
  await bind(apt.lists, join(root, 'var/lib/apt/lists'));
  await bind(apt.archives, join(root, 'var/cache/apt/archives'));
  await mkdir(join(root, 'var/cache/apt/archives/partial'), { recursive: true });
}

/** Packages' scripts start no service (invoke-rc.d asks this program). */
async function refuseDaemons(root: string): Promise<void> {
  const file = join(root, 'usr/sbin/policy-rc.d');
  await writeFile(file, '#!/bin/sh\nexit 101\n');
  await chmod(file, 0o755);
}

async function allowDaemons(root: string): Promise<void> {
  await rm(join(root, 'usr/sbin/policy-rc.d'), { force: true });
}

function offline(command: readonly [string, ...string[]]): [string, ...string[]] {
  return ['unshare', '--net', '--', ...command];
}

function proxyEnvironment(proxies: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(proxies).map(([scheme, url]) => [`${scheme}_proxy`, url]));
}
