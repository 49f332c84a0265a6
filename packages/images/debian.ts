/** How apt, dpkg and mmdebstrap are told what to do. Pure text. */

/** Where packages come from; the archive's own signatures decide what is believed, wherever the bytes come from. */
export interface DebianMirror {
  readonly main: string;
  readonly security: string;
}

export const DEBIAN_MIRROR: DebianMirror = {
  main: 'http://deb.debian.org/debian',
  security: 'http://deb.debian.org/debian-security',
};

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** One-line sources of a suite with its updates. */
export function sourcesList(suite: string, mirror: DebianMirror): string {
  const signed = `[signed-by=${KEYRING}]`;
  return [
    `deb ${signed} ${mirror.main} ${suite} main`,
    `deb ${signed} ${mirror.main} ${suite}-updates main`,
    `deb ${signed} ${mirror.security} ${suite}-security main`,
    '',
  ].join('\n');
}

/** What dpkg does not unpack: nobody reads manuals in a container. Copyright files stay, the licences ask for them. */
export const DPKG_OPTIONS: readonly string[] = [
  'force-unsafe-io',
  'path-exclude=/usr/share/man/*',
  'path-exclude=/usr/share/info/*',
  'path-exclude=/usr/share/doc/*',
  'path-include=/usr/share/doc/*/copyright',
  'path-exclude=/usr/share/locale/*',
  'path-exclude=/usr/share/lintian/*',
  'path-exclude=/usr/share/doc-base/*',
  'path-exclude=/usr/share/bug/*',
];

/** Globs of what building leaves behind: logs, caches, backups, keys that scripts made, what differs from build to build. */
export const LEFTOVERS: readonly string[] = [
  'var/log/*.log',
  'var/log/*/*.log',
  'var/log/{btmp,wtmp,lastlog,faillog}',
  'var/log/apt',
  'var/cache/apt',
  'var/lib/apt',
  'etc/apt',
  'var/cache/debconf',
  'var/cache/ldconfig',
  'var/cache/man',
  'var/lib/dpkg/*-old',
  'var/lib/dpkg/lock*',
  'var/lib/dpkg/triggers/Lock',
  'var/lib/systemd',
  'var/lib/ucf/cache',
  'var/lib/ucf/*.[0-9]',
  'var/backups/*',
  'etc/*-',
  'etc/.pwd.lock',
  'etc/machine-id',
  'var/lib/dbus/machine-id',
  // ssl-cert makes a certificate at random for each build; ce275665 is its subject, CN=localhost, by OpenSSL's hash.
  'etc/ssl/private/*',
  'etc/ssl/certs/ssl-cert-snakeoil.pem',
  'etc/ssl/certs/ce275665.0',
  'etc/ssh/ssh_host_*',
  'dev/*',
  'run/*',
  'tmp/*',
  'usr/sbin/policy-rc.d',
];

/**
 * apt's configuration for installing into a tree from outside: apt itself is not part of any image. It is passed as a
 * file, so that a proxy's password is in no argument.
 */
export function aptConfiguration(options: {
  readonly root: string;
  readonly architecture: string;
  readonly sources: string;
  readonly proxies: Readonly<Record<string, string>>;
}): string {
  const lines: [string, string][] = [
    ['Dir', options.root],
    ['Dir::Etc::SourceList', options.sources],
    ['Dir::Etc::SourceParts', '/dev/null'],
    ['Dir::Etc::Parts', '/dev/null'],
    ['Dir::Etc::Main', '/dev/null'],
    ['Dir::Etc::Preferences', '/dev/null'],
    ['Dir::Etc::PreferencesParts', '/dev/null'],
    ['Dir::Log', '/dev/null'],
    ['Dir::Cache::pkgcache', ''],
    ['Dir::Cache::srcpkgcache', ''],
    ['APT::Architecture', options.architecture],
    ['APT::Architectures', options.architecture],
    ['APT::Install-Recommends', 'false'],
    ['APT::Sandbox::User', 'root'],
    // Builds run side by side and share the packages; who downloads holds a lock of ours.
    ['Debug::NoLocking', 'true'],
    ['Acquire::Languages', 'none'],
    ['Acquire::Retries', '3'],
    ['DPkg::Chroot-Directory', options.root],
    ['DPkg::Use-Pty', 'false'],
    ...DPKG_OPTIONS.map((option): [string, string] => ['DPkg::Options::', `--${option}`]),
    ...Object.entries(options.proxies).map(([scheme, url]): [string, string] => [`Acquire::${scheme}::Proxy`, url]),
  ];
  return lines.map(([key, value]) => `${key} "${value}";\n`).join('');
}
