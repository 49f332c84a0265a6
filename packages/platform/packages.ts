import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { HOST_ENVIRONMENT, run } from '#host/run.ts';
import { HofjeError } from '#model/error.ts';

/** Debian packages that the platform's own tools come from. */
export const MACHINE_PACKAGES: readonly string[] = [
  'btrfs-progs',
  'ca-certificates',
  'crun',
  'debian-archive-keyring',
  'iproute2',
  'mmdebstrap',
  'nftables',
  'postgresql',
  's6',
  'skopeo',
  'umoci',
  'util-linux',
];

/** What `hofje demo`, `hofje test` and `hofje bench` need besides. */
export const TEST_PACKAGES: readonly string[] = [
  'chromium',
  'curl',
  'dnsmasq-base',
  'hyperfine',
  'socat',
  'swaks',
  'unzip',
  'wrk',
  'zip',
];

/** Of the named packages those that are not installed, by the output of dpkg-query (`status package` a line). Pure. */
export function absentPackages(wanted: readonly string[], statusLines: string): string[] {
  const installed = new Set(
    statusLines
      .split('\n')
      .filter((line) => line.startsWith('installed '))
      .map((line) => line.slice('installed '.length).trim()),
  );
  return wanted.filter((name) => !installed.has(name));
}

export async function missingPackages(wanted: readonly string[]): Promise<string[]> {
  // dpkg-query ends with 1 when it does not know one of the names, and prints the others all the same.
  const argv = ['dpkg-query', '--show', '--showformat=${db:Status-Status} ${Package}\\n', '--', ...wanted] as const;
  const answer = await run([...argv], { accept: [0, 1] });
  return absentPackages(wanted, answer.stdout);
}

/**
 * Installs what is missing of the named packages, without what they merely recommend and without starting any service
 * that they bring. Gives back what was installed.
 */
export async function installPackages(
  wanted: readonly string[],
  report: (what: string) => void,
): Promise<readonly string[]> {
  const missing = await missingPackages(wanted);
  if (missing.length === 0) return [];
  if (missing.includes('postgresql')) await forbidDefaultCluster();
  report(`${missing.length} Debian packages: ${missing.join(' ')}`);
  try {
    await apt(['install', ...INSTALL_OPTIONS, '--', ...missing], report);
  } catch {
    // An interrupted dpkg is told to finish; lists that are old or were never fetched name versions served no longer.
    await run(['dpkg', '--configure', '-a'], { timeoutMs: 300_000 }).catch(() => undefined);
    report('fetching the package lists');
    await apt(['update'], report);
    await apt(['install', ...INSTALL_OPTIONS, '--', ...missing], report);
  }
  return missing;
}

const INSTALL_OPTIONS = [
  '--yes',
  '--no-install-recommends',
  '-o',
  'Dpkg::Options::=--force-confold',
  '-o',
  'Dpkg::Options::=--force-confdef',
];

/** Another apt may run (unattended upgrades do): it is waited for. */
const LOCK_PATIENCE_SECONDS = 300;

async function apt(args: readonly string[], report: (what: string) => void): Promise<void> {
  const policy = await forbidServiceStarts();
  try {
    const child = spawn('apt-get', ['--quiet', '-o', `DPkg::Lock::Timeout=${LOCK_PATIENCE_SECONDS}`, ...args], {
      env: {
        ...HOST_ENVIRONMENT,
        ...proxySettings(process.env),
        DEBIAN_FRONTEND: 'noninteractive',
        // Configuration files that ucf(1) keeps are no conffiles of dpkg: what stands there stays.
        UCF_FORCE_CONFFOLD: '1',
        // invoke-rc.d on a machine with systemd and without policy-rc.d asks here (deb-systemd-invoke(1p)).
        SYSTEMD_OFFLINE: '1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // Ctrl-C must not reach dpkg in the middle of a package: it goes on, and the next start finds it done.
      detached: true,
    });
    const tail: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        tail.push(line);
        if (tail.length > 8) tail.shift();
        const step = /^(?:Get:\d+ \S+ \S+ \S+|Unpacking|Setting up) (\S+)/.exec(line);
        if (step !== null) report(line.split(' (')[0] ?? line);
      });
    }
    const ended = await new Promise<string>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => resolve(signal ?? String(code)));
    });
    if (ended === '0') return;
    const why = tail.filter((line) => /^[EW]:/.test(line)).join(' ') || tail.join(' ');
    throw new HofjeError('platform.packages', `apt-get ${args[0]} ended with ${ended}: ${why}`, {
      hint: 'Try the same by hand with apt-get, mend what it complains about, and run this again.',
    });
  } finally {
    await policy.lift();
  }
}

/** Proxies are how packages are fetched on some machines; nothing else of our environment reaches apt. */
function proxySettings(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const names = ['http_proxy', 'https_proxy', 'no_proxy'];
  return Object.fromEntries(names.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])));
}

const POLICY = '/usr/sbin/policy-rc.d';
const POLICY_TEXT =
  '#!/bin/sh\n# Written by hofje while it installs packages: their services are not started.\nexit 101\n';

/** The Debian way to keep packages from starting services; a policy of the operator's own is respected. */
async function forbidServiceStarts(): Promise<{ lift(): Promise<void> }> {
  const present = await readFile(POLICY, 'utf8').catch(() => undefined);
  if (present !== undefined && present !== POLICY_TEXT) return { lift: async () => undefined };
  await writeFile(POLICY, POLICY_TEXT, { mode: 0o755 });
  return {
    lift: async () => {
      const now = await readFile(POLICY, 'utf8').catch(() => undefined);
      if (now === POLICY_TEXT) await run(['rm', '--', POLICY]);
    },
  };
}

const CREATECLUSTER = '/etc/postgresql-common/createcluster.conf';

/**
 * Debian's package makes a cluster `main` when a server is installed for the first time, and starts it now or at the next
 * boot: ours is elsewhere, so none is made.
 */
async function forbidDefaultCluster(): Promise<void> {
  const present = await readFile(CREATECLUSTER, 'utf8').catch(() => '');
  const wanted = withoutMainCluster(present);
  if (wanted === present) return;
  await mkdir(dirname(CREATECLUSTER), { recursive: true });
  await writeFile(CREATECLUSTER, wanted, { mode: 0o644 });
}

/**
 * The text of createcluster.conf (pg_createcluster(1)) with the word that no cluster is made; an operator who has said the
 * one or the other there keeps his word. Pure.
 */
export function withoutMainCluster(text: string): string {
  if (/^[ \t]*create_main_cluster\b/m.test(text)) return text;
  const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return `${before}# Written by hofje: it keeps a cluster of its own.\ncreate_main_cluster = false\n`;
}
