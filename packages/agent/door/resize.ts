import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CrunCall, callCrun } from '../container/crun.ts';
import { readProcess } from '../container/process-state.ts';
import { entryProcess } from '../container/spec.ts';
import type { TerminalSize } from './enter.ts';
import { terminalName } from './terminal.ts';

export interface ResizeOptions {
  readonly crun: CrunCall;
  /** The entry's own folder. */
  readonly folder: string;
  readonly container: string;
  readonly group: string;
  readonly filesMax: number;
}

const STOP_MS = 2000;

/**
 * Changes the size of the terminal that a program has inside: crun copies bytes and signals, not sizes. The terminal
 * belongs to the container, so it is done in there, as the site's user, by `stty`; the kernel then tells the program
 * (SIGWINCH). Sizes that come while one is being set wait, and only the last of them is set.
 */
export class Resizer {
  readonly #options: ResizeOptions;
  readonly #pid: number;
  #next: TerminalSize | undefined;
  #working: Promise<void> | undefined;
  #isStopped = false;

  constructor(options: ResizeOptions, pid: number) {
    this.#options = options;
    this.#pid = pid;
  }

  set(size: TerminalSize): void {
    if (this.#isStopped) return;
    this.#next = size;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  /**
   * Takes no more sizes, and waits for the one that is being set: a program that begins when the entry's group is gone
   * would run outside of all limits, where others of the site could take it over. One that was begun and then held by
   * others of the site is not waited for: it ends with the group.
   */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#next = undefined;
    await Promise.race([this.#working, sleep(STOP_MS, undefined, { ref: false })]);
  }

  async #work(): Promise<void> {
    try {
      while (this.#next !== undefined) {
        const size = this.#next;
        this.#next = undefined;
        await this.#apply(size);
      }
    } catch {
      // The entry has ended meanwhile, or will look as it did.
    }
  }

  async #apply({ columns, rows }: TerminalSize): Promise<void> {
    const state = readProcess(this.#pid);
    const name = state === undefined ? undefined : terminalName(state);
    if (name === undefined) return;
    const { crun, folder, container, group, filesMax } = this.#options;
    const argv = ['stty', '-F', name, 'rows', `${rows}`, 'cols', `${columns}`];
    const file = join(folder, 'stty.json');
    await writeFile(file, JSON.stringify(entryProcess({ argv, env: {}, filesMax })), { mode: 0o600 });
    await callCrun({ ...crun, log: join(folder, 'stty.log') }, [
      'exec',
      '--process',
      file,
      '--cgroup',
      group,
      container,
    ]);
  }
}
