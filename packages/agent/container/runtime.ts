import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HofjeError } from '#model/error.ts';
import { boundFile } from './bounded-file.ts';
import type { ControlGroups } from './cgroup.ts';
import { callCrun, containerPid, ensureFixedCrun, readCrunLog } from './crun.ts';
import { ensureOwnDevices } from './devices.ts';
import type { InstancePlan } from './instance.ts';
import { mountFault } from './mounts.ts';
import { readProcess } from './process-state.ts';
import { seccompFilter } from './seccomp.ts';
import { instanceSpec } from './spec.ts';
import { openTimeNamespace } from './time-namespace.ts';

export interface RuntimeOptions {
  /** crun's state folder. */
  readonly crun: string;
  /** A folder of the runtime's own: bundles, logs. */
  readonly work: string;
  readonly groups: ControlGroups;
}

/** Names of an instance's groups below its own. */
export const WEB_GROUP = 'web';
export const ENTRIES_GROUP = 'entry';

const POLL_MS = 5;
/** Of what a service prints: it has log files of its own, and prints when something is amiss. */
const OUTPUT_MAX = 4 * 1024 * 1024;
const OUTPUT_KEPT = 256 * 1024;

/** How the first process of an image is asked to finish what it has begun. */
const STOP_SIGNAL = { site: 'SIGTERM', edge: 'SIGQUIT', mail: 'SIGTERM' } as const;

/**
 * Starts and stops containers. What runs is read from the kernel and from crun's state each time, so that a restarted
 * agent finds what an earlier one has started.
 */
export class Runtime {
  readonly crun: string;
  readonly groups: ControlGroups;
  readonly work: string;
  /** The agent's own limit of open files; no container may have more. */
  readonly filesMax: number;
  readonly #stopping = new Set<string>();

  readonly #timeNamespace: string;

  private constructor(options: RuntimeOptions, filesMax: number, timeNamespace: string) {
    this.crun = options.crun;
    this.groups = options.groups;
    this.work = options.work;
    this.filesMax = filesMax;
    this.#timeNamespace = timeNamespace;
  }

  static async open(options: RuntimeOptions): Promise<Runtime> {
    await mkdir(options.crun, { recursive: true, mode: 0o700 });
    await mkdir(options.work, { recursive: true, mode: 0o700 });
    await ensureOwnDevices(join(options.work, 'devices'));
    await ensureFixedCrun();
    const filesMax = filesLimit(await readFile('/proc/self/limits', 'utf8'));
    return new Runtime(options, filesMax, await openTimeNamespace(Math.random()));
  }

  /** Whether its first process runs and nobody is stopping it. */
  isRunning(instance: InstancePlan): boolean {
    return this.pidOf(instance) !== undefined && !this.#stopping.has(instance.name);
  }

  /** Its first process; undefined when it does not run, or was created and never started. */
  pidOf(instance: InstancePlan): number | undefined {
    if (existsSync(join(this.crun, instance.name, 'exec.fifo'))) return undefined;
    return containerPid(this.crun, instance.name);
  }

  /**
   * Creates and starts the container; returns when its first process has been started (not when it is ready). Does
   * nothing when it runs. Throws `container.start`, and leaves nothing behind then.
   */
  async start(instance: InstancePlan): Promise<void> {
    if (this.isRunning(instance)) return;
    await this.#clear(instance);
    // What crun had to say about an earlier start was read then.
    await rm(this.#path(instance, 'crun.log'), { force: true });
    try {
      await this.#create(instance);
      await this.#place(instance);
      await this.#crun(instance, ['start', instance.name]);
    } catch (error) {
      await this.#clear(instance);
      throw error;
    }
  }

  /**
   * Asks the first process to finish, waits, and then ends whatever is left. Returns when no process is left and
   * all is removed; entries that run are ended too. No error when it does not run.
   */
  async stop(instance: InstancePlan, graceMs: number): Promise<void> {
    this.#stopping.add(instance.name);
    try {
      const pid = this.pidOf(instance);
      if (pid !== undefined) await endGracefully(pid, STOP_SIGNAL[instance.kind], graceMs);
      await this.#clear(instance);
    } finally {
      this.#stopping.delete(instance.name);
    }
  }

  /** Ends it as `stop` does without waiting, and removes its folder with all logs: it will not be started again. */
  async forget(instance: InstancePlan): Promise<void> {
    await this.stop(instance, 0);
    await rm(this.#path(instance, ''), { recursive: true, force: true });
  }

  /**
   * To be called now and then for a service that runs: what it prints goes into one file as long as it runs. Of one that has
   * become large the end is put aside, and it begins anew.
   */
  async boundOutput(instance: InstancePlan): Promise<void> {
    await boundFile(this.#path(instance, 'output'), OUTPUT_MAX, OUTPUT_KEPT);
  }

  /** Names of all containers that crun knows, running or not: what a restarted agent compares with its ledger. */
  async names(): Promise<readonly string[]> {
    return await readdir(this.crun);
  }

  /** The last messages of crun about an instance, for the operator. */
  messages(instance: InstancePlan): string {
    return readCrunLog(this.#path(instance, 'crun.log')).messages.slice(-3).join('; ');
  }

  async #create(instance: InstancePlan): Promise<void> {
    const bundle = this.#path(instance, '');
    const document = instanceSpec({
      instance,
      seccomp: seccompFilter(instance.kind),
      filesMax: this.filesMax,
      timeNamespace: this.#timeNamespace,
    });
    await mkdir(bundle, { recursive: true, mode: 0o700 });
    await writeFile(join(bundle, 'config.json'), JSON.stringify(document), { mode: 0o600 });
    this.groups.ensure(instance.cgroup);
    // A site's first process would see the name of a file here, and could fill it.
    const output = instance.kind === 'site' ? undefined : await open(join(bundle, 'output'), 'a', 0o600);
    try {
      await this.#crun(instance, ['create', '--bundle', bundle, instance.name], output);
    } finally {
      await output?.close();
    }
  }

  /** Between create and start: the first process waits, and no byte of the customer's has run. */
  async #place(instance: InstancePlan): Promise<void> {
    const { groups } = this;
    const pid = containerPid(this.crun, instance.name);
    if (pid === undefined) throw startFailed('it ended before it was started');
    const fault = mountFault(await readFile(`/proc/${pid}/mountinfo`, 'utf8'));
    if (fault !== undefined) throw startFailed(fault);
    const web = join(instance.cgroup, WEB_GROUP);
    const entries = join(instance.cgroup, ENTRIES_GROUP);
    groups.add(web);
    groups.add(entries);
    await groups.move(pid, web);
    groups.delegate(instance.cgroup);
    groups.delegate(entries);
    groups.limit(instance.cgroup, instance.limits.whole);
    groups.limit(web, instance.limits.web);
    groups.limit(entries, instance.limits.entries);
  }

  async #crun(instance: InstancePlan, args: readonly string[], output?: FileHandle): Promise<void> {
    const log = this.#path(instance, 'crun.log');
    const stdio = output === undefined ? 'ignore' : (['ignore', output.fd, output.fd] as const);
    if (await callCrun({ root: this.crun, log }, args, stdio === 'ignore' ? stdio : [...stdio])) return;
    throw startFailed(this.messages(instance) || 'crun gave no reason');
  }

  /** Removes every trace of it but its log: processes, groups, crun's state. */
  async #clear(instance: InstancePlan): Promise<void> {
    await this.groups.kill(instance.cgroup);
    await rm(join(this.crun, instance.name), { recursive: true, force: true });
    await this.groups.remove(instance.cgroup);
    await rm(this.#path(instance, 'config.json'), { force: true });
  }

  #path(instance: InstancePlan, file: string): string {
    return join(this.work, instance.name, file);
  }
}

async function endGracefully(pid: number, signal: NodeJS.Signals, graceMs: number): Promise<void> {
  const started = readProcess(pid)?.startTime;
  const runs = () => {
    const state = readProcess(pid);
    return state !== undefined && state.startTime === started && !state.ending;
  };
  const deadline = Date.now() + graceMs;
  if (graceMs > 0 && runs()) process.kill(pid, signal);
  while (runs() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}

/** The hard limit of open files in the text of `/proc/self/limits`. */
function filesLimit(limits: string): number {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1];
  return hard === undefined || hard === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(hard);
}

function startFailed(why: string): HofjeError {
  return new HofjeError('container.start', `The container does not start: ${why}`);
}
