import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { closeSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CRUN_ENVIRONMENT, type CrunCall, crunArgv } from '../container/crun.ts';
import { OOM_SCORE } from '../container/spec.ts';
import type { EntryStreams, TerminalSize } from './enter.ts';
import type { PipeMaker } from './pipes.ts';
import { type InputRelay, OutputRelay, pipeEnd, relayInput, relayKeys } from './relay.ts';
import { Resizer } from './resize.ts';
import { openTerminal } from './terminal.ts';

export interface EntryRunOptions {
  readonly crun: CrunCall;
  /** The entry's own folder, with the description of the process in `process.json`. */
  readonly folder: string;
  readonly container: string;
  /** Below the container's own group. */
  readonly group: string;
  /** The site's user on the machine: owner of the pipes. */
  readonly owner: number;
  readonly terminal: TerminalSize | undefined;
  readonly filesMax: number;
  readonly pipes: PipeMaker;
  readonly streams: EntryStreams;
  /** The caller's input broke off before its end. */
  readonly onInputBroken: () => void;
}

/** What connects a program with its caller: pipes, or a terminal. */
interface Connection {
  /** For crun. */
  readonly stdio: StdioOptions;
  /** To be closed here when crun has them. */
  readonly handedOver: readonly number[];
  readonly outputs: (onHeld: () => void) => readonly OutputRelay[];
  readonly input: () => InputRelay;
}

const POLL_MS = 2;
const NO_INPUT: InputRelay = { stop: () => undefined };

/** One run of `crun exec`, from its start to its end. */
export class EntryRun {
  /** crun's exit code, null when crun was killed. Rejects when crun cannot be started. */
  readonly ended: Promise<number | null>;
  readonly #options: EntryRunOptions;
  readonly #pidFile: string;
  readonly #child: ChildProcess;
  readonly #outputs: readonly OutputRelay[];
  #input: InputRelay = NO_INPUT;
  #resizer: Resizer | undefined;
  #over = false;

  static async start(options: EntryRunOptions): Promise<EntryRun> {
    const connection = options.terminal === undefined ? await byPipes(options) : byTerminal(options, options.terminal);
    return new EntryRun(options, connection);
  }

  private constructor(options: EntryRunOptions, connection: Connection) {
    this.#options = options;
    const { crun, group, folder, container } = options;
    this.#pidFile = join(folder, 'pid');
    const process = join(folder, 'process.json');
    const args = ['exec', '--process', process, '--cgroup', group, '--pid-file', this.#pidFile, container];
    this.#child = endedFirst(() =>
      spawn('crun', crunArgv(crun, args), { env: CRUN_ENVIRONMENT, cwd: '/', stdio: connection.stdio }),
    );
    for (const fd of connection.handedOver) closeSync(fd);
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('exit', resolve);
    });
    // Observed here as well, so that a failure before somebody waits is no unhandled one.
    this.ended
      .catch(() => undefined)
      .finally(() => {
        this.#over = true;
      });
    this.#outputs = connection.outputs(() => void this.#releaseOnceStarted());
    if (options.terminal !== undefined) void this.#connectTerminal(connection.input);
    else this.#input = connection.input();
  }

  /** The program's number on the machine; undefined until crun says that it is about to be started. */
  pid(): number | undefined {
    try {
      const pid = Number(readFileSync(this.#pidFile, 'latin1'));
      return pid > 0 ? pid : undefined;
    } catch {
      return undefined;
    }
  }

  /** Ends crun; what it has started is ended with its group. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /**
   * Hands over the last output, `behind` after all else, and lets go of all streams. What finds no taker for `patienceMs`
   * is dropped; all of it is when that is 0.
   */
  async finish(patienceMs: number, behind: Buffer): Promise<void> {
    this.#input.stop();
    await this.#resizer?.stop();
    for (const output of this.#outputs) {
      if (patienceMs > 0) output.release();
      else output.discard();
    }
    await Promise.all(this.#outputs.map((output) => output.finish(patienceMs)));
    const { stdout } = this.#options.streams;
    if (patienceMs > 0 && behind.length > 0 && stdout.writable) stdout.write(behind);
  }

  /** Until crun has replaced itself by the program, what is written may be crun's complaint. */
  async #releaseOnceStarted(): Promise<void> {
    if (await this.#started()) for (const output of this.#outputs) output.release();
  }

  /** A terminal echoes what arrives before crun has silenced it, so nothing is typed before the program runs. */
  async #connectTerminal(connect: () => InputRelay): Promise<void> {
    if (!(await this.#started())) return;
    this.#input = connect();
    const pid = this.pid();
    if (pid === undefined) return;
    const resizer = new Resizer(this.#options, pid);
    this.#resizer = resizer;
    this.#options.streams.onResize?.((size) => resizer.set(size));
  }

  /** True when the program runs, false when crun has ended before that was seen. */
  async #started(): Promise<boolean> {
    while (!this.#over) {
      if (this.#hasStarted()) return true;
      await sleep(POLL_MS);
    }
    return false;
  }

  #hasStarted(): boolean {
    const pid = this.pid();
    if (pid === undefined) return false;
    return isSameProgram(this.#child.pid, pid) === false;
  }
}

/**
 * Starts a process that the kernel ends before others when the machine's memory runs out. crun sets this for a container's
 * first process only; what enters later has it from crun, which has it from here. Node starts a process before it returns.
 */
function endedFirst(start: () => ChildProcess): ChildProcess {
  const SCORE = '/proc/self/oom_score_adj';
  const own = readFileSync(SCORE, 'latin1');
  writeFileSync(SCORE, `${OOM_SCORE.entry}`);
  try {
    return start();
  } finally {
    writeFileSync(SCORE, own);
  }
}

/** Whether two processes run the same program file; undefined when one of them has ended. */
function isSameProgram(one: number | undefined, other: number): boolean | undefined {
  try {
    const [first, second] = [statSync(`/proc/${one}/exe`), statSync(`/proc/${other}/exe`)];
    return first.dev === second.dev && first.ino === second.ino;
  } catch {
    return undefined;
  }
}

async function byPipes({ pipes, owner, streams, onInputBroken }: EntryRunOptions): Promise<Connection> {
  const [output, errors, input] = await pipes.make(3, owner);
  if (output === undefined || errors === undefined || input === undefined) throw new Error('too few pipes');
  return {
    // Also an empty input is a pipe: a file or device of the machine would show its path, and belong to the site (fchown).
    stdio: [input.readEnd, output.writeEnd, errors.writeEnd],
    handedOver: [input.readEnd, output.writeEnd, errors.writeEnd],
    outputs: (onHeld) => [
      new OutputRelay(pipeEnd(output.readEnd, 'read'), streams.stdout, onHeld),
      new OutputRelay(pipeEnd(errors.readEnd, 'read'), streams.stderr, onHeld),
    ],
    input: () => {
      if (streams.stdin !== null) return relayInput(streams.stdin, pipeEnd(input.writeEnd, 'write'), onInputBroken);
      closeSync(input.writeEnd);
      return NO_INPUT;
    },
  };
}

function byTerminal({ streams }: EntryRunOptions, { columns, rows }: TerminalSize): Connection {
  const { stream, slave } = openTerminal(columns, rows);
  return {
    stdio: [slave, slave, slave],
    handedOver: [slave],
    outputs: (onHeld) => [new OutputRelay(stream, streams.stdout, onHeld)],
    input: () => (streams.stdin === null ? NO_INPUT : relayKeys(streams.stdin, stream)),
  };
}
