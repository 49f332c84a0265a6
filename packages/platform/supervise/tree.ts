import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { chmod, chown, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { writeFileAtomically } from '#host/file.ts';
import { HOST_ENVIRONMENT, run } from '#host/run.ts';
import { HofjeError } from '#model/error.ts';
import type { StateFolders } from '../state/folders.ts';
import { ensurePlatformGroup } from './group.ts';
import { logScript, runScript, type Supervised, scannerScript } from './script.ts';

const SCANNER_PATIENCE_MS = 10_000;
/** Beyond the time that a process has to end by itself. */
const RESTART_MARGIN_MS = 5000;

/**
 * Has s6 keep the process running, whatever became of an earlier start. Its folder is written, the scanner is started
 * when it is not running, and a process whose script has changed is started anew.
 */
export async function supervise(folders: StateFolders, slot: number, service: Supervised): Promise<void> {
  await ensureLogFolder(folders, service);
  await ensureScanner(folders, slot);
  const changed = await writeService(folders, service);
  const folder = join(folders.supervise, service.name);
  await run(['s6-svscanctl', '-a', folders.supervise]);
  await until(() => isSupervised(folder), `s6-supervise does not come up for ${service.name}`);
  await (changed ? restart(folder, service) : run(['s6-svc', '-u', folder]));
}

/** Returns when the former process has ended: until then it would answer in the place of the new one. */
async function restart(folder: string, { stopMs }: Supervised): Promise<void> {
  const patienceMs = stopMs + RESTART_MARGIN_MS;
  await run(['s6-svc', '-wr', '-T', String(patienceMs), '-ru', folder], { timeoutMs: 2 * patienceMs }).catch(
    // It may not run at all, and then there is nothing to wait for.
    () => undefined,
  );
}

/** Ends one process for good and takes it out of supervision. */
export async function dismiss(folders: StateFolders, name: string): Promise<void> {
  const folder = join(folders.supervise, name);
  if (!(await exists(folder))) return;
  await stopService(folder);
  await rm(folder, { recursive: true, force: true });
  if (await scannerRuns(folders)) await run(['s6-svscanctl', '-an', folders.supervise]);
}

export interface SupervisedState {
  readonly name: string;
  readonly running: boolean;
  readonly pid?: number;
  /** Seconds since it was started, or since it ended. */
  readonly seconds?: number;
}

/** What runs under supervision now; empty when nothing was ever started. */
export async function supervisedStates(folders: StateFolders): Promise<readonly SupervisedState[]> {
  return await Promise.all((await serviceNames(folders)).map((name) => stateOf(folders, name)));
}

async function stateOf(folders: StateFolders, name: string): Promise<SupervisedState> {
  const argv = ['s6-svstat', '-o', 'up,pid,updownfor', join(folders.supervise, name)] as const;
  // No s6 on the machine, or no supervisor: nothing runs.
  const answer = await run([...argv], { accept: [0, 1] }).catch(() => undefined);
  const [up, pid, seconds] = answer?.stdout.trim().split(' ') ?? [];
  if (up !== 'true') return { name, running: false, ...(seconds === undefined ? {} : { seconds: Number(seconds) }) };
  return { name, running: true, pid: Number(pid), seconds: Number(seconds) };
}

/** Stops everything in the order given (others last), then the scanner. Works on any wreck. */
export async function stopAll(folders: StateFolders, order: readonly string[]): Promise<void> {
  const names = await serviceNames(folders);
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  for (const name of names.toSorted((a, b) => rank(a) - rank(b))) await stopService(join(folders.supervise, name));
  if (await scannerRuns(folders)) {
    await run(['s6-svscanctl', '-t', folders.supervise]).catch(() => undefined);
    await until(async () => !(await scannerRuns(folders)), 'the scanner of services does not end').catch(
      () => undefined,
    );
  }
}

async function stopService(folder: string): Promise<void> {
  if (!(await isSupervised(folder))) return;
  const timeout = Number(await readFile(join(folder, 'timeout-kill'), 'utf8').catch(() => '10000'));
  await run(['s6-svc', '-wD', '-T', String(timeout + 5000), '-d', folder], { timeoutMs: timeout + 10_000 }).catch(
    () => undefined,
  );
}

async function serviceNames(folders: StateFolders): Promise<string[]> {
  const entries = await readdir(folders.supervise, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map((entry) => entry.name);
}

/** Writes the service's folder; true when it was there with another script. */
async function writeService(folders: StateFolders, service: Supervised): Promise<boolean> {
  const folder = join(folders.supervise, service.name);
  const files = {
    run: runScript(service),
    'down-signal': `${service.stopSignal}\n`,
    'timeout-kill': `${service.stopMs}\n`,
    'log/run': logScript(join(folders.log, service.name), service.user),
  };
  const before = await readFile(join(folder, 'run'), 'utf8').catch(() => undefined);
  // The scanner must never see a folder without its script: a new one appears as a whole.
  const target = before === undefined ? join(folders.supervise, `.${service.name}.new`) : folder;
  if (before === undefined) await rm(target, { recursive: true, force: true });
  await mkdir(join(target, 'log'), { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    await writeFileAtomically(join(target, name), content, { mode: name.endsWith('run') ? 0o755 : 0o644 });
  }
  if (before === undefined) {
    await rm(folder, { recursive: true, force: true });
    await rename(target, folder);
  }
  return before !== undefined && before !== files.run;
}

async function ensureLogFolder(folders: StateFolders, service: Supervised): Promise<void> {
  const folder = join(folders.log, service.name);
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o750);
  if (service.user !== undefined) await chown(folder, service.user.uid, service.user.gid);
}

async function ensureScanner(folders: StateFolders, slot: number): Promise<void> {
  if (await scannerRuns(folders)) return;
  // Supervisors whose scanner was killed live on and hold their folders: they end first.
  for (const name of await serviceNames(folders)) {
    for (const folder of [join(folders.supervise, name), join(folders.supervise, name, 'log')]) {
      if (await isSupervised(folder)) await run(['s6-svc', '-xd', folder]).catch(() => undefined);
    }
    await until(
      async () => !(await isSupervised(join(folders.supervise, name))),
      `the old supervisor of ${name} stays`,
    );
  }
  const script = join(folders.run, 'scanner');
  await writeFileAtomically(script, scannerScript([await ensurePlatformGroup(slot)], folders.supervise), {
    mode: 0o755,
  });
  const log = await open(join(folders.log, 'scanner'), 'w', 0o640);
  try {
    // Of its own session: no terminal's end reaches it.
    const child = spawn(script, [], { detached: true, env: HOST_ENVIRONMENT, stdio: ['ignore', log.fd, log.fd] });
    child.on('error', () => undefined);
    child.unref();
  } finally {
    await log.close();
  }
  await until(() => scannerRuns(folders), 'the scanner of services does not start');
}

const scannerRuns = (folders: StateFolders) => hasReader(join(folders.supervise, '.s6-svscan', 'control'));
const isSupervised = (folder: string) => hasReader(join(folder, 'supervise', 'control'));

/** Whether a process reads that fifo: s6's own way to tell that it is alive. */
async function hasReader(fifo: string): Promise<boolean> {
  try {
    if (!(await stat(fifo)).isFIFO()) return false;
    const file = await open(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
    await file.close();
    return true;
  } catch {
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

async function until(holds: () => Promise<boolean>, otherwise: string): Promise<void> {
  const deadline = Date.now() + SCANNER_PATIENCE_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new HofjeError('platform.supervision', otherwise);
    await pause(20);
  }
}
