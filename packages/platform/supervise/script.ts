/** A process that is kept running. All its values are the platform's own; nothing of a customer's comes near. */
export interface Supervised {
  /** Names its folder in the scan directory and its log. */
  readonly name: string;
  /** Absolute path of the program first. */
  readonly argv: readonly [string, ...string[]];
  /** The whole environment besides PATH and LC_ALL. Never a secret. */
  readonly environment: Readonly<Record<string, string>>;
  /** Without rights, as this user; root when absent. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** nsfs file of the network namespace in which it runs. */
  readonly networkNamespace?: string;
  /**
   * Folders shown at another place, read-only, in a mount namespace of its own: the program may lie where its user
   * cannot go (a checkout in /root).
   */
  readonly shown?: readonly { readonly folder: string; readonly at: string }[];
  /** Names the version of what is run: another one starts the process anew. */
  readonly version?: string;
  readonly stopSignal: 'SIGTERM' | 'SIGINT';
  /** After that long it is killed. */
  readonly stopMs: number;
}

const HEAD = `#!/bin/sh
# Written by hofje at each start; changes are lost.
`;
const ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' };

/**
 * A new mount namespace begins as a copy, pinned namespaces of others included: copies of pins would keep those alive
 * after their owners took them away.
 */
const DROP_PINS = `while read -r _ _ _ _ at kind; do
  case $kind in *' - nsfs '*) umount -- "$at" ;; esac
done < /proc/self/mountinfo
`;

/** A word of a shell script that means exactly this text. */
export function quoted(text: string): string {
  if (text.includes('\0')) throw new RangeError('a NUL byte cannot be part of a command');
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The `run` file of a service directory of s6. Pure. */
export function runScript(service: Supervised): string {
  const shown = service.shown ?? [];
  const enter = service.networkNamespace === undefined ? [] : ['nsenter', `--net=${service.networkNamespace}`, '--'];
  const command = [...cleanEnvironment(service.environment), ...asUser(service.user), ...service.argv];
  const head = service.version === undefined ? HEAD : `${HEAD}# Version ${service.version}\n`;
  if (shown.length === 0) return `${head}exec 2>&1\ncd /\nexec ${[...enter, ...command].map(quoted).join(' ')}\n`;
  // The network first: its pin is not to be found in the new mount namespace any more.
  const anew = [...enter, 'unshare', '--mount', '--propagation', 'private', '--'];
  const mounts = shown.map(
    ({ folder, at }) => `mount --options bind,ro -- ${quoted(folder)} ${quoted(at)} || exit 1\n`,
  );
  return `${head}exec 2>&1
[ "$1" = inside ] || exec ${anew.map(quoted).join(' ')} "$0" inside
${DROP_PINS}${mounts.join('')}cd /
exec ${command.map(quoted).join(' ')}
`;
}

/** The `run` file of its logger: files of 1 MB, five of them, each line with its time. Pure. */
export function logScript(folder: string, user: Supervised['user']): string {
  const argv = [...cleanEnvironment({}), ...asUser(user), 's6-log', '-b', 'n4', 's1000000', 'T', folder];
  return `${HEAD}exec ${argv.map(quoted).join(' ')}\n`;
}

/** Starts the scanner of services inside a control group, so that whatever it starts is found again. Pure. */
export function scannerScript(groups: readonly string[], scanFolder: string): string {
  const joins = groups.map((group) => `echo $$ > ${quoted(`${group}/cgroup.procs`)} || exit 1\n`);
  return `${HEAD}${joins.join('')}cd /\nexec s6-svscan -c 100 -- ${quoted(scanFolder)}\n`;
}

function cleanEnvironment(more: Readonly<Record<string, string>>): string[] {
  return ['env', '-i', ...Object.entries({ ...ENVIRONMENT, ...more }).map(([name, value]) => `${name}=${value}`)];
}

function asUser(user: Supervised['user']): string[] {
  if (user === undefined) return [];
  return [
    'setpriv',
    `--reuid=${user.uid}`,
    `--regid=${user.gid}`,
    '--clear-groups',
    '--no-new-privs',
    '--inh-caps=-all',
    '--ambient-caps=-all',
    '--bounding-set=-all',
    '--',
  ];
}
