import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { HOST_ENVIRONMENT } from '#host/run.ts';
import { HofjeError } from '#model/error.ts';

export interface ServiceOrder {
  /** The unpacked image that is its root folder. */
  readonly root: string;
  /** User and group. */
  readonly uid: number;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const STOP_MS = 5000;
const READY_MS = 20_000;
const POLL_MS = 20;

/** A plain process in a root folder of its own: no namespace, no group, no filter of its own. */
export class Service {
  readonly #child: ChildProcess;
  readonly #name: string;

  constructor({ root, uid, argv, env = {} }: ServiceOrder) {
    const [name = ''] = argv;
    this.#name = name;
    this.#child = spawn('chroot', [`--userspec=${uid}:${uid}`, '--groups=', '--', root, ...argv], {
      env: { ...HOST_ENVIRONMENT, PATH: '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.#child.on('error', () => undefined);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Waits until `look` finds what it looks for. */
  async ready(look: () => Promise<boolean>): Promise<void> {
    for (const deadline = Date.now() + READY_MS; Date.now() < deadline; await pause(POLL_MS)) {
      if (this.#hasEnded()) throw new HofjeError('bench.service', `${this.#name} ended at its start`);
      if (await look().catch(() => false)) return;
    }
    throw new HofjeError('bench.service', `${this.#name} does not get ready`);
  }

  async stop(): Promise<void> {
    if (this.#hasEnded()) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await ended.finally(() => clearTimeout(timer));
  }

  #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}
