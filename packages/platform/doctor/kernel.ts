import { readFile } from 'node:fs/promises';
import { release } from 'node:os';
import { run } from '#host/run.ts';
import { cgroupMounts, judgeCgroups } from './cgroups.ts';
import { missing, type Need, ok, warning } from './need.ts';

/** Kernel 5.8 brought /proc mounts of their own (`subset=pid`, `hidepid=invisible`). */
const KERNEL_MIN = [5, 8] as const;

export function judgeKernel(name: string): Need {
  const [major = 0, minor = 0] = name.split(/[.-]/).map(Number);
  const recent = major > KERNEL_MIN[0] || (major === KERNEL_MIN[0] && minor >= KERNEL_MIN[1]);
  if (recent) return ok('kernel', name);
  return missing('kernel', name, 'Sites could see the processes of the machine.', 'Boot a kernel >= 5.8.');
}

export const checkKernel = async () => judgeKernel(release());

/** Every id that an installation may use must exist here: in a container with a small range none does. */
export async function checkUidRange(): Promise<Need> {
  const map = (await readFile('/proc/self/uid_map', 'utf8')).trim().split(/\s+/).map(Number);
  const [inside = 0, , count = 0] = map;
  const found = `${count} ids from ${inside}`;
  if (inside === 0 && count >= 0x6f00_0000) return ok('user ids', found);
  return missing(
    'user ids',
    found,
    'Every site has a user id of its own, far above the ordinary ones: here they do not exist.',
    'Run on the machine itself, or in a container with the whole range of user ids.',
  );
}

/** Makes one of each namespace, in a process that ends at once. */
export async function checkNamespaces(): Promise<Need> {
  const kinds = ['user', 'net', 'mount', 'pid', 'ipc', 'uts', 'cgroup'];
  const argv = ['unshare', '--map-root-user', '--fork', ...kinds.map((kind) => `--${kind}`), 'true'] as const;
  const failure = await failureOf([...argv]);
  if (failure === undefined) return ok('namespaces', kinds.join(' '));
  return missing(
    'namespaces',
    failure,
    'Without them a site has no walls: the platform does not start.',
    'Allow them: `sysctl user.max_user_namespaces user.max_net_namespaces` must be above 0; in a container it must be privileged.',
  );
}

export async function checkCgroups(): Promise<Need> {
  const mounts = cgroupMounts(await readFile('/proc/self/mounts', 'utf8'));
  const [first] = mounts.v2;
  const v2 = first === undefined ? '' : await readFile(`${first}/cgroup.controllers`, 'utf8').catch(() => '');
  return judgeCgroups(mounts, v2);
}

export async function checkBtrfs(): Promise<Need> {
  const known = async () => /\bbtrfs$/m.test(await readFile('/proc/filesystems', 'utf8'));
  if (await known()) return ok('btrfs', 'in the kernel');
  await run(['modprobe', 'btrfs']).catch(() => undefined);
  if (await known()) return ok('btrfs', 'in the kernel, as a module');
  return missing(
    'btrfs',
    'not in this kernel',
    'Quotas and snapshots of sites stand on it.',
    "Boot Debian's own kernel (linux-image-amd64), which has it.",
  );
}

export async function checkLoopDevices(): Promise<Need> {
  await run(['modprobe', 'loop']).catch(() => undefined);
  const free = await run(['losetup', '--find']).catch((error: unknown) => error);
  if (!(free instanceof Error) && typeof free === 'object' && free !== null && 'stdout' in free) {
    return ok('loop devices', `next free: ${String(free.stdout).trim()}`);
  }
  return missing(
    'loop devices',
    free instanceof Error ? free.message : 'none',
    "The sites' disk is a file that a loop device serves.",
    '`modprobe loop`; in a container: pass /dev/loop-control and /dev/loop* in.',
  );
}

const TRIAL_RULES = `
table ip trial {
  map ports { type inet_service : ipv4_addr . inet_service; }
  chain in { type nat hook prerouting priority dstnat; dnat ip to tcp dport map @ports; }
  chain through { type filter hook forward priority filter; ct state new meter sites { ip saddr ct count over 5 } drop; }
}
`;

/** Loads rules of the kinds that nodes use, in a network namespace that ends at once. */
export async function checkNftables(): Promise<Need> {
  const failure = await failureOf(['unshare', '--net', 'nft', '-f', '-'], TRIAL_RULES);
  if (failure === undefined) return ok('nftables', 'rules of all kinds load');
  if (isToolAbsent(failure))
    return warning('nftables', 'not tried yet', 'Its tool is not installed yet.', '`up` installs it.');
  return missing(
    'nftables',
    failure,
    'Sites could reach each other and the machine.',
    "`modprobe nf_tables nft_chain_nat nf_conntrack nft_connlimit`; Debian's own kernel has them.",
  );
}

export async function checkVeth(): Promise<Need> {
  const failure = await failureOf([
    'unshare',
    '--net',
    'ip',
    'link',
    'add',
    'name',
    'trial0',
    'type',
    'veth',
    'peer',
    'name',
    'trial1',
  ]);
  if (failure === undefined) return ok('veth', 'pairs can be made');
  if (isToolAbsent(failure))
    return warning('veth', 'not tried yet', 'Its tool is not installed yet.', '`up` installs it.');
  return missing('veth', failure, 'Sites have no way to the network.', "`modprobe veth`; Debian's own kernel has it.");
}

async function failureOf(argv: readonly string[], input = ''): Promise<string | undefined> {
  try {
    await run(argv as [string, ...string[]], { input, timeoutMs: 5000 });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What unshare(1) says of a program that is not there. */
function isToolAbsent(failure: string): boolean {
  return /No such file or directory|failed to execute/.test(failure);
}
