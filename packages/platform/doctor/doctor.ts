import { join } from 'node:path';
import { MACHINE_PACKAGES, missingPackages } from '../packages.ts';
import { PROJECT_ROOT } from '../program.ts';
import { runningStates } from '../state/claims.ts';
import type { StateFolders } from '../state/folders.ts';
import { API_PORT, readInstallation } from '../state/installation.ts';
import { portIsFree } from '../state/port.ts';
import {
  checkBtrfs,
  checkCgroups,
  checkKernel,
  checkLoopDevices,
  checkNamespaces,
  checkNftables,
  checkUidRange,
  checkVeth,
} from './kernel.ts';
import { checkMemory, checkProgram, checkRoot, checkSource, checkSpace, checkSystem, judgePort } from './machine.ts';
import { type Diagnosis, missing, type Need, ok, warning } from './need.ts';

export interface Patient {
  readonly folders: StateFolders;
  readonly cache: string;
  /** Bytes that the node's disk takes. */
  readonly diskBytes: number;
}

const GiB = 1024 ** 3;
/** Images, their layers while they are built, and packages. */
const CACHE_BYTES = 4 * GiB;

/** Samples of what unprivileged processes read: the program, what npm installed, Node.js itself. */
const PROGRAM_FILES = [
  join(PROJECT_ROOT, 'packages', 'gate', 'main.ts'),
  join(PROJECT_ROOT, 'node_modules', 'pino', 'package.json'),
  process.execPath,
];

/** Asks the machine everything at once; takes well under a second. Nothing is changed, save kernel modules loaded. */
export async function examine(patient: Patient): Promise<Diagnosis> {
  const from = performance.now();
  const absent = missingPackages(MACHINE_PACKAGES);
  const checks: readonly [string, () => Promise<Need>][] = [
    ['root', checkRoot],
    ['system', checkSystem],
    ['kernel', checkKernel],
    ['user ids', checkUidRange],
    ['namespaces', checkNamespaces],
    ['control groups', checkCgroups],
    ['btrfs', checkBtrfs],
    ['loop devices', checkLoopDevices],
    ['nftables', checkNftables],
    ['veth', checkVeth],
    ['memory', checkMemory],
    ['free space', () => spaceOf(patient)],
    ['ports', () => portOf(patient.folders)],
    ['program', () => checkProgram(PROGRAM_FILES)],
    ['packages', async () => judgePackages(await absent)],
    ['package source', async () => checkSource((await absent).length === 0)],
  ];
  const needs = await Promise.all(checks.map(([name, check]) => answered(name, check)));
  return {
    fit: needs.every((need) => need.verdict !== 'missing'),
    needs,
    milliseconds: Math.round(performance.now() - from),
  };
}

/** A check that itself fails is an answer too. */
async function answered(name: string, check: () => Promise<Need>): Promise<Need> {
  try {
    return await check();
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return missing(name, `could not be examined: ${found}`, 'Nobody knows whether it would work.', 'See the message.');
  }
}

export function judgePackages(absent: readonly string[]): Need {
  if (absent.length === 0) return ok('packages', `all ${MACHINE_PACKAGES.length} Debian packages are installed`);
  return warning('packages', `not installed: ${absent.join(' ')}`, 'The platform needs them.', '`up` installs them.');
}

async function spaceOf({ folders, cache, diskBytes }: Patient): Promise<Need> {
  const founded = (await readInstallation(folders).catch(() => undefined)) !== undefined;
  return await checkSpace([
    { path: folders.root, bytes: founded ? GiB / 2 : diskBytes + GiB },
    { path: cache, bytes: founded ? GiB / 2 : CACHE_BYTES },
  ]);
}

async function portOf(folders: StateFolders): Promise<Need> {
  const installation = await readInstallation(folders).catch(() => undefined);
  const port = installation?.ports.api ?? API_PORT;
  const ours = installation !== undefined && (await runningStates()).includes(folders.root);
  return judgePort(port, await portIsFree(port), ours);
}
